/** `carillon user list`: who signs in with a password, and what they may do. */
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import { print, table } from "./output.ts";
import { openPeople } from "./people.ts";

export const userList: Command = {
  name: "user list",
  usage: "",
  words: 0,
  summary: "the users and their roles",
  flags: { json: { help: "as JSON" } },
  configured: true,
  examples: [{ line: "user list", what: "a line each" }],
  run(given) {
    using people = openPeople(loadConfig(given));
    const all = people.users.all();
    if (given.own.has("json")) print(JSON.stringify(all.map(({ name, roles }) => ({ name, roles }))));
    else if (all.length === 0) print("no users");
    else for (const line of table(all.map(({ name, roles }) => [name, roles.join(", ")]))) print(line);
    return 0;
  },
};
