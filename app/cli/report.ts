/** `carillon report`: what became of every due instant of a span, asked of the Carillon that is active here. */
import { z } from "zod";
import { localDateTime } from "../base/time_zone.ts";
import { isTextKey, text } from "../locale/locale.ts";
import { askServer } from "./ask_server.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print, table } from "./output.ts";

const COUNTS = z.record(z.string(), z.int());
const REPORT = z.object({
  timezone: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  tasks: z.array(z.object({
    task: z.string(),
    due: z.int(),
    ran: z.int(),
    runs: COUNTS,
    late: z.int(),
    skipped: z.int(),
    skipped_why: COUNTS,
    missed: z.int(),
    missed_why: COUNTS,
    unrecorded: z.int().nullable(),
  })),
});
type Report = z.output<typeof REPORT>;

export const report: Command = {
  name: "report",
  usage: "[task]",
  words: 1,
  summary: "what became of every due instant of a span: ran, late, skipped, missed, and why",
  flags: {
    from: { value: "MOMENT", help: "begin of the span, such as 2026-03-01 (six days ago)" },
    to: { value: "MOMENT", help: "its end, which belongs to it; a date alone is the whole day (now)" },
    json: { help: "as JSON" },
  },
  configured: true,
  asksServer: true,
  examples: [
    { line: "report", what: "of the last seven days" },
    { line: "report sync_orders --from 2026-03-01 --to 2026-03-31", what: "of one task in March" },
  ],
  async run(given): Promise<ExitCode> {
    const query = new URLSearchParams();
    for (const name of ["from", "to"]) {
      const value = given.own.get(name);
      if (value !== undefined) query.set(name, value);
    }
    const [task] = given.words;
    if (task !== undefined) query.set("task", task);
    const answer = await askServer(given, { method: "GET", path: `/api/v1/report?${query}` });
    if (given.own.has("json")) print(JSON.stringify(answer, null, 2));
    else for (const line of reportLines(REPORT.parse(answer))) print(line);
    return 0;
  },
};

function reportLines({ timezone, from, to, tasks }: Report): string[] {
  const span = [Date.parse(from), Date.parse(to) - 1].map((at) => localDateTime(at, timezone)).join(" to ");
  if (tasks.length === 0) return [`no task has a trigger (${span}, ${timezone})`];
  const rows = tasks.map((task) => [
    task.task,
    String(task.due),
    String(task.ran),
    String(task.late),
    String(task.skipped),
    String(task.missed),
    [
      ...whys(task.runs, (status) => status === "succeeded" ? "" : statusText(status)),
      ...whys(task.skipped_why, (why) => whyText("skipped", why)),
      ...whys(task.missed_why, (why) => whyText("missed", why)),
      ...(task.unrecorded ? [`${task.unrecorded} without a record`] : []),
    ].join("; ") || "-",
  ]);
  return [
    `due instants from ${span} (${timezone})`,
    ...table([["TASK", "DUE", "RAN", "LATE", "SKIPPED", "MISSED", "WHY"], ...rows]),
  ];
}

/** `3 skipped: still running` for each count; those without a name are left out. */
function whys(counts: Readonly<Record<string, number>>, name: (key: string) => string): string[] {
  return Object.entries(counts).flatMap(([key, n]) => name(key) === "" ? [] : [`${n} ${name(key)}`]);
}

function statusText(status: string): string {
  const key = `status.${status}`;
  return isTextKey(key) ? text("en", key) : status;
}

function whyText(what: string, why: string): string {
  const key = `why.${why}`;
  return `${what}: ${isTextKey(key) ? text("en", key) : why}`;
}
