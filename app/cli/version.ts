/** `carillon version`, and the version as `deno.json` has it. */
import manifest from "../../deno.json" with { type: "json" };
import type { Command } from "./command.ts";
import { print } from "./output.ts";

export const VERSION: string = manifest.version;

export const version: Command = {
  name: "version",
  usage: "",
  words: 0,
  summary: "the version of Carillon and of its runtime",
  flags: {},
  configured: false,
  examples: [{ line: "version", what: "carillon --version does the same" }],
  run() {
    print(`carillon ${VERSION} (deno ${Deno.version.deno}, ${Deno.build.target})`);
    return 0;
  },
};
