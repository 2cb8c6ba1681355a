/** `carillon token revoke <name>`: the token is good for nothing from the next request on. */
import { loadConfig, requiredWord } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print } from "./output.ts";
import { openPeople } from "./people.ts";
import { recorded } from "./recorded.ts";

export const tokenRevoke: Command = {
  name: "token revoke",
  usage: "<name>",
  words: 1,
  summary: "end an API token at once",
  flags: {},
  configured: true,
  examples: [{ line: "token revoke ci", what: "the next request with it is refused" }],
  async run(given): Promise<ExitCode> {
    const name = requiredWord(given, 0, "a token");
    const config = loadConfig(given);
    using people = openPeople(config);
    const what = { action: "token.revoke", target: `token/${name}` };
    await recorded(config, what, () => people.tokens.revoke(name));
    print(`revoked ${name}`);
    return 0;
  },
};
