/**
 * What one `next()` costs: ours, bare croner and APScheduler, the same patterns in the same zones in one run;
 * and how long a trigger that can never fire takes to say so.
 */
import { Cron } from "../tests/support/croner.ts";
import { compileTrigger } from "../app/trigger/compile.ts";
import { cron } from "../app/trigger/declare.ts";
import type { TriggerSpec } from "../app/trigger/trigger.ts";
import { figure, microsecondsPerCall, percentile, printTable, pythonWith, say } from "./measure.ts";

const PATTERNS: { readonly line: string; readonly fields: Record<string, string> }[] = [
  { line: "*/5 * * * * *", fields: { second: "*/5" } },
  { line: "0 * * * * *", fields: { minute: "*" } },
  { line: "0 15 * * * *", fields: { minute: "15" } },
  { line: "0 0 */2 * * *", fields: { hour: "*/2" } },
  { line: "0 30 10 * * *", fields: { hour: "10", minute: "30" } },
  { line: "0 30 10 * * 1", fields: { day_of_week: "mon", hour: "10", minute: "30" } },
  { line: "0 30 10 1,15 * *", fields: { day: "1,15", hour: "10", minute: "30" } },
  { line: "0 0 0 1 1 *", fields: { month: "1", day: "1", hour: "0", minute: "0" } },
];
const ZONES = ["UTC", "Asia/Shanghai", "Europe/Stockholm", "America/New_York"];
const FROM = "2026-01-01T00:00:00Z";
const CALLS = 400;
const PASSES = 3;

/** Triggers without any fire, each hard to see through in its own way. */
const NEVER: [string, TriggerSpec][] = [
  ["30 February", cron({ month: 2, day: 30 })],
  ["a past year", cron({ year: 2020 })],
  ["end before the first fire", cron({ month: 12, day: 24, endDate: "2026-06-01" })],
  ["31st of short months", cron({ month: "4,6,9,11", day: 31, second: "*" })],
  ["week 53 in summer", cron({ week: 53, month: 7, second: "*" })],
  ["5th Monday on the 1st", cron({ day: "5th mon", dayOfWeek: "tue", second: "*" })],
  ["crontab 0 0 30 2 *", cron("0 0 30 2 *")],
  ["crontab * * * 31 2,4 *", cron("* * * 31 2,4 *")],
];

async function apscheduler(python: string): Promise<number[]> {
  const process = new Deno.Command(python, {
    args: [new URL("apscheduler_triggers.py", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  const cases = ZONES.flatMap((timezone) => PATTERNS.map(({ fields }) => ({ timezone, fields, from: FROM })));
  await writer.write(new TextEncoder().encode(JSON.stringify({ cases, calls: CALLS, passes: PASSES })));
  await writer.close();
  const { stdout, code } = await process.output();
  if (code !== 0) throw new Error(`APScheduler's side of the benchmark ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

const python = await pythonWith("apscheduler");
const theirs = python ? await apscheduler(python) : [];
if (!python) say("APScheduler is not installed here (Debian: python3-apscheduler); its column is empty.");

const from = Temporal.Instant.from(FROM);
const ratios: { readonly zone: string; readonly croner: number; readonly apscheduler?: number }[] = [];
const rows: string[][] = [];
warmUp();
for (const [z, zone] of ZONES.entries()) {
  for (const [p, { line, fields }] of PATTERNS.entries()) {
    const trigger = compileTrigger(
      cron(fieldsOf(fields)),
      { timezone: zone, anchor: from.epochMilliseconds },
    );
    const ours = microsecondsPerCall(PASSES, CALLS, () => {
      let at: Temporal.Instant | null = from;
      for (let i = 0; i < CALLS && at; i++) at = trigger.next(at);
    });
    const bare = new Cron(line, { timezone: zone, paused: true });
    const croner = microsecondsPerCall(PASSES, CALLS, () => {
      let at: Date | null = new Date(FROM);
      for (let i = 0; i < CALLS && at; i++) at = bare.nextRun(at);
    });
    const aps = theirs[z * PATTERNS.length + p];
    ratios.push({
      zone,
      croner: croner / ours,
      ...(aps === undefined ? {} : { apscheduler: aps / ours }),
    });
    rows.push([
      `${zone}  ${line}`,
      figure(ours),
      figure(croner),
      aps === undefined ? "–" : figure(aps),
      figure(croner / ours),
      aps === undefined ? "–" : figure(aps / ours),
    ]);
  }
}
printTable(
  ["µs per next()", "Carillon", "croner", "APScheduler", "croner / ours", "APScheduler / ours"],
  rows,
);
const zoned = ratios.filter(({ zone }) => zone !== "UTC");
if (python) {
  const summary = (of: typeof ratios) => {
    const values = of.map((r) => r.apscheduler ?? NaN);
    return `${figure(percentile(values, 0.5))} at the median, ${figure(Math.min(...values))} at the least`;
  };
  say(`APScheduler ÷ ours, all: ${summary(ratios)}; with a time zone: ${summary(zoned)}`);
}

say("");
printTable(
  ["never fires", "ms to say so"],
  NEVER.map(([what, spec]) => {
    const start = performance.now();
    const at = compileTrigger(spec, { timezone: "Europe/Stockholm", anchor: from.epochMilliseconds }).next(
      from,
    );
    if (at) throw new Error(`${what}: fires at ${at}`);
    return [what, figure(performance.now() - start)];
  }),
);

/** APScheduler's names in ours. */
function fieldsOf(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name === "day_of_week" ? "dayOfWeek" : name, value]),
  );
}

/** The compiler has seen all code before anything is measured. */
function warmUp(): void {
  for (const { line, fields } of PATTERNS) {
    const trigger = compileTrigger(cron(fieldsOf(fields)), {
      timezone: "Asia/Tokyo",
      anchor: from.epochMilliseconds,
    });
    const bare = new Cron(line, { timezone: "Asia/Tokyo", paused: true });
    let ours: Temporal.Instant | null = from;
    let theirs: Date | null = new Date(FROM);
    for (let i = 0; i < CALLS && ours && theirs; i++) {
      ours = trigger.next(ours);
      theirs = bare.nextRun(theirs);
    }
  }
}
