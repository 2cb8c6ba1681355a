/** `carillon audit list`: who did what, the newest last. */
import { find } from "../audit/read.ts";
import type { AuditLine } from "../audit/line.ts";
import { localDateTime } from "../base/time_zone.ts";
import { loadConfig } from "./arguments.ts";
import { folderOf, QUERY_FLAGS, queryOf } from "./audit_flags.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print, table } from "./output.ts";

const SHOWN = 50;
const MAX_SHOWN = 10_000;

export const auditList: Command = {
  name: "audit list",
  usage: "",
  words: 0,
  summary: "who did what, the newest last",
  flags: { ...QUERY_FLAGS, n: { value: "N", short: "n", help: `so many lines (${SHOWN})` } },
  configured: true,
  examples: [
    { line: "audit list", what: "the newest lines" },
    {
      line: "audit list --action run --outcome refused --from 2026-03-01",
      what: "runs that were refused since",
    },
  ],
  async run(given): Promise<ExitCode> {
    const config = loadConfig(given);
    const { lines } = await find(folderOf(config), queryOf(given, config), countOf(given.own.get("n")));
    const { timezone } = config.scheduler;
    for (const line of table(lines.toReversed().map((each) => cellsOf(each, timezone)))) print(plain(line));
    return 0;
  },
};

function cellsOf({ n, at, who, by, token, from, outcome, action, target, message }: AuditLine, zone: string) {
  return [
    String(n),
    localDateTime(Date.parse(at), zone),
    who ?? "-",
    [by, ...token === undefined ? [] : [`token ${token}`], ...from === undefined ? [] : [from]].join(" "),
    outcome,
    action,
    [target ?? "", message ?? ""].filter((each) => each !== "").join(": "),
  ];
}

/** What others have written moves no cursor and makes no second line. */
function plain(line: string): string {
  return line.replace(/\p{Cc}+/gu, " ");
}

function countOf(text: string | undefined): number {
  const count = Number(text ?? SHOWN);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_SHOWN) return count;
  throw new UsageError(`-n: "${text}" is not a whole number from 1 to ${MAX_SHOWN}`);
}
