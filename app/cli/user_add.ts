/** `carillon user add <name>`: somebody who signs in with a password. */
import { readPersonName } from "../auth/users.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import { askPassword } from "./ask_password.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print } from "./output.ts";
import { openPeople, readRoles } from "./people.ts";
import { recorded } from "./recorded.ts";

export const userAdd: Command = {
  name: "user add",
  usage: "<name>",
  words: 1,
  summary: "add somebody who signs in with a password, which is asked for or read from standard input",
  flags: {
    role: {
      value: "ROLE",
      help: "viewer (the default), operator, admin, or one of [role:…]; commas for several",
    },
  },
  configured: true,
  examples: [
    { line: "user add anna --role operator", what: "asks for the password" },
    {
      line: "user add bo",
      what: "a viewer; with standard input from a file, its first line is the password",
    },
  ],
  async run(given): Promise<ExitCode> {
    const name = readPersonName(requiredWord(given, 0, "a user"));
    const config = loadConfig(given);
    using people = openPeople(config);
    const roles = readRoles(given.own.get("role") ?? "viewer", people.roles);
    if (people.users.get(name)) throw new UsageError(`there is a user "${name}" already`);
    const password = await askPassword(name);
    const what = { action: "user.add", target: `user/${name}`, params: { roles } };
    await recorded(config, what, () => people.users.add(name, password, roles, systemClock.now()));
    print(`added ${name} (${roles.join(", ")})`);
    return 0;
  },
};
