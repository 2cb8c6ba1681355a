/** `carillon user remove <name>`: nobody signs in by that name any more, and whoever has is signed out. */
import { readPersonName } from "../auth/users.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print } from "./output.ts";
import { openPeople } from "./people.ts";
import { recorded } from "./recorded.ts";

export const userRemove: Command = {
  name: "user remove",
  usage: "<name>",
  words: 1,
  summary: "remove somebody, and end all sessions of theirs",
  flags: {},
  configured: true,
  examples: [{ line: "user remove anna", what: "anna is out with the next request" }],
  async run(given): Promise<ExitCode> {
    const name = readPersonName(requiredWord(given, 0, "a user"));
    const config = loadConfig(given);
    using people = openPeople(config);
    const what = { action: "user.remove", target: `user/${name}` };
    await recorded(config, what, () => people.users.remove(name));
    print(`removed ${name}`);
    return 0;
  },
};
