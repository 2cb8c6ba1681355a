/** `carillon audit verify`: whether the audit is whole and unchanged. */
import { verify } from "../audit/verify.ts";
import { loadConfig } from "./arguments.ts";
import { folderOf } from "./audit_flags.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print } from "./output.ts";

export const auditVerify: Command = {
  name: "audit verify",
  usage: "",
  words: 0,
  summary: "whether no line of the audit was changed or is missing",
  flags: {
    expect: { value: "N:HASH", help: "a line that must be there, as an earlier call or a copy named it" },
  },
  configured: true,
  examples: [
    { line: "audit verify", what: "exit code 1 where something is wrong" },
    { line: "audit verify --expect 1041:9f2c…", what: "and still has the line that was the last one then" },
  ],
  run(given): ExitCode {
    const folder = folderOf(loadConfig(given));
    const expected = given.own.get("expect");
    const { lines, first, last, problems, more } = verify(
      folder,
      expected === undefined ? undefined : expectedLine(expected),
    );
    for (const problem of problems) print(problem);
    if (more > 0) print(`and ${more} more`);
    if (!first || !last) print(`there is no line in ${folder}`);
    else print(`${lines} lines, ${first.n} to ${last.n}; the last one is ${last.n}:${last.hash}`);
    print(problems.length === 0 ? "nothing is missing or changed" : "the audit is not as it was written");
    return problems.length === 0 ? 0 : 1;
  },
};

function expectedLine(text: string) {
  const [, n, hash] = /^(\d{1,15}):([\da-f]{64})$/.exec(text) ?? [];
  if (n === undefined || hash === undefined) {
    throw new UsageError(
      `--expect: "${text}" is no line's number and hash, as "audit verify" names the last one`,
    );
  }
  return { n: Number(n), hash };
}
