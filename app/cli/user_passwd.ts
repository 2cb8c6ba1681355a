/** `carillon user passwd <name>`: another password; whoever is signed in by the old one is signed out. */
import { readPersonName } from "../auth/users.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import { askPassword } from "./ask_password.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print } from "./output.ts";
import { openPeople } from "./people.ts";
import { recorded } from "./recorded.ts";

export const userPasswd: Command = {
  name: "user passwd",
  usage: "<name>",
  words: 1,
  summary: "give somebody another password and end all sessions of theirs",
  flags: {},
  configured: true,
  examples: [{ line: "user passwd anna", what: "asks for the new password" }],
  async run(given): Promise<ExitCode> {
    const name = readPersonName(requiredWord(given, 0, "a user"));
    const config = loadConfig(given);
    using people = openPeople(config);
    if (!people.users.get(name)) {
      throw new UsageError(`there is no user "${name}"; "carillon user list" lists them`);
    }
    const password = await askPassword(name);
    const what = { action: "user.passwd", target: `user/${name}` };
    await recorded(config, what, () => people.users.setPassword(name, password, systemClock.now()));
    print(`${name} has another password and is signed out everywhere`);
    return 0;
  },
};
