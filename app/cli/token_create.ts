/** `carillon token create`: a token for a program, which is shown this once. */
import { durationMs } from "../base/duration.ts";
import { messageOf } from "../base/errors.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print, say } from "./output.ts";
import { openPeople } from "./people.ts";
import { recorded } from "./recorded.ts";

export const tokenCreate: Command = {
  name: "token create",
  usage: "",
  words: 0,
  summary: "make an API token and write it to standard output; it is not shown again",
  flags: {
    name: { value: "NAME", help: "what the token is called" },
    rights: { value: "RIGHTS", help: "what it is good for, with commas: view, run, cancel, …, or all" },
    tasks: { value: "TASKS", help: "for which tasks: finance/*, tag:ledger; left out, for all" },
    expires: { value: "TIME", help: "how long it is good for, such as 90d; left out, until it is revoked" },
  },
  configured: true,
  examples: [
    {
      line: "token create --name ci --rights run --tasks 'finance/*' --expires 90d",
      what: "may start some tasks",
    },
    { line: "token create --name prometheus --rights metrics", what: "may read /metrics" },
  ],
  async run(given): Promise<ExitCode> {
    const required = (flag: string) => {
      const value = given.own.get(flag);
      if (value !== undefined) return value;
      throw new UsageError(`--${flag} is missing; usage: ${given.usage}`);
    };
    const [name, rights] = [required("name"), required("rights")];
    const expires = given.own.get("expires");
    const config = loadConfig(given);
    using people = openPeople(config);
    const wanted = {
      name,
      rights,
      tasks: given.own.get("tasks"),
      expiresAt: expires === undefined ? undefined : systemClock.now() + lengthOf(expires),
    };
    const what = { action: "token.create", target: `token/${name}`, params: wanted };
    const token = await recorded(config, what, () => people.tokens.create(wanted));
    say(`this is the token "${name}"; it is not shown again`);
    print(token);
    return 0;
  },
};

function lengthOf(text: string): number {
  try {
    return durationMs(text);
  } catch (cause) {
    throw new UsageError(`--expires: ${messageOf(cause)}`, { cause });
  }
}
