/** `carillon user role <name> <roles>`: what somebody may do, from the next request on. */
import { readPersonName } from "../auth/users.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print } from "./output.ts";
import { openPeople, readRoles } from "./people.ts";
import { recorded } from "./recorded.ts";

export const userRole: Command = {
  name: "user role",
  usage: "<name> <role[,role]>",
  words: 2,
  summary: "give somebody other roles",
  flags: {},
  configured: true,
  examples: [{ line: "user role anna viewer,finance", what: "both roles, and none of those from before" }],
  async run(given): Promise<ExitCode> {
    const name = readPersonName(requiredWord(given, 0, "a user"));
    const wanted = requiredWord(given, 1, "a role");
    const config = loadConfig(given);
    using people = openPeople(config);
    const roles = readRoles(wanted, people.roles);
    const what = { action: "user.role", target: `user/${name}`, params: { roles } };
    await recorded(config, what, () => people.users.setRoles(name, roles, systemClock.now()));
    print(`${name} is ${roles.join(", ")}`);
    return 0;
  },
};
