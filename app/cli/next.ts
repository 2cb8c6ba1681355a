/** `carillon next`: when a task, a crontab line or a trigger in JSON fires. */
import { systemClock } from "../scheduler/clock.ts";
import { compileTrigger } from "../trigger/compile.ts";
import { cron } from "../trigger/declare.ts";
import { triggerFromJson } from "../trigger/from_json.ts";
import type { Trigger } from "../contracts.ts";
import { TriggerError } from "../trigger/trigger.ts";
import { Zone } from "../trigger/zone.ts";
import { localDateTime } from "../base/time_zone.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "./arguments.ts";
import type { Arguments, Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { openToLook } from "./offline.ts";
import { print, table } from "./output.ts";

const DEFAULT_COUNT = 10;
const MAX_COUNT = 10_000;
/** Fires a line of `--batch` is answered with, at the most. */
const BATCH_COUNT = 6;

export const next: Command = {
  name: "next",
  usage: "<task | cron line | JSON>",
  // A crontab line may come as one argument or, unquoted, as several.
  words: Infinity,
  summary: "when a task, a crontab line or a trigger in JSON fires",
  flags: {
    count: { value: "N", short: "n", help: `how many fires (${DEFAULT_COUNT})` },
    from: { value: "MOMENT", help: "first moment that counts, such as 2026-03-10T10:00 (now)" },
    json: { help: "as JSON" },
    batch: { help: "answers NDJSON on standard input, a line for a line" },
  },
  configured: true,
  examples: [
    { line: "next nightly_report -n 3", what: "the next three fires of a task" },
    { line: 'next "0 9 * * mon" --timezone Asia/Shanghai', what: "of a crontab line" },
    { line: `next '{"hours": 2}' --json`, what: "of a trigger as PyScheduler writes it" },
  ],
  async run(given) {
    const config = loadConfig(given);
    if (given.own.has("batch")) return await batch(config.scheduler.timezone);
    const what = given.words.join(" ").trim();
    if (what === "") throw new UsageError(`name a task, a crontab line or a trigger; usage: ${given.usage}`);
    const count = countOf(given);
    const { trigger, from } = await triggerFor(what, config);
    const start = fromOf(given, trigger) ?? from ?? Temporal.Now.instant();
    show(trigger, firesFrom(trigger, start, count), given.own.has("json"));
    return 0;
  },
};

/** Up to `count` fires at or after an instant. */
export function firesFrom(trigger: Trigger, from: Temporal.Instant, count: number): Temporal.Instant[] {
  const fires: Temporal.Instant[] = [];
  let at: Temporal.Instant | null = trigger.next(from.subtract({ nanoseconds: 1 }));
  while (at && fires.length < count) {
    fires.push(at);
    at = trigger.next(at);
  }
  return fires;
}

interface Found {
  readonly trigger: Trigger;
  readonly from?: Temporal.Instant | undefined;
}

async function triggerFor(what: string, config: Config): Promise<Found> {
  const { timezone } = config.scheduler;
  const anchor = systemClock.now();
  if (what.startsWith("{")) {
    const { spec, from } = triggerFromJson(what);
    return {
      trigger: compileTrigger(spec, { timezone, anchor: from?.epochMilliseconds ?? anchor }),
      from,
    };
  }
  if (/\s/.test(what) || what.startsWith("@")) {
    return { trigger: compileTrigger(cron(what), { timezone, anchor }) };
  }
  return { trigger: await triggerOfTask(what, config) };
}

async function triggerOfTask(id: string, config: Config): Promise<Trigger> {
  await using opened = await openToLook(config);
  const { tasks } = opened.carillon.queries;
  const found = tasks.find(id);
  if (found?.trigger) return found.trigger;
  if (found) throw new UsageError(`task ${id} has no trigger: it is started by hand only`);
  throw new UsageError(`no task "${id}" in ${config.scheduler.tasks}; ${suggestion(id, tasks.ids())}`);
}

function show(trigger: Trigger, fires: readonly Temporal.Instant[], asJson: boolean): void {
  const { timezone } = trigger;
  if (asJson) {
    print(JSON.stringify({
      trigger: trigger.rule,
      description: trigger.describe("en"),
      timezone,
      ended: fires.length === 0 && !trigger.onFiles,
      fires: fires.map(isoMs),
    }));
    return;
  }
  print(`${trigger.describe("en")} (${trigger.rule})`);
  if (fires.length === 0) {
    print(trigger.onFiles ? "it has no times of its own" : "ended: it does not fire any more");
  }
  for (
    const line of table(
      fires.map((at) => [localDateTime(at.epochMilliseconds, timezone), timezone, isoMs(at)]),
    )
  ) {
    print(line);
  }
}

function countOf({ own }: Arguments): number {
  const text = own.get("count");
  if (text === undefined) return DEFAULT_COUNT;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) {
    throw new UsageError(`flag -n: "${text}" is not a whole number from 1 to ${MAX_COUNT}`);
  }
  return count;
}

function fromOf({ own }: Arguments, { timezone }: Trigger): Temporal.Instant | undefined {
  const text = own.get("from");
  return text === undefined ? undefined : Zone.of(timezone).instantOf(text, "flag --from");
}

/** A line in, a line out; a line that is wrong is answered with its error and does not end the work. */
async function batch(timezone: string): Promise<ExitCode> {
  let rest = "";
  const answerAll = (lines: readonly string[]) => {
    const answers = lines.filter((line) => line.trim() !== "").map((line) => answer(line, timezone));
    if (answers.length > 0) print(answers.join("\n"));
  };
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    answerAll(lines);
  }
  answerAll([rest]);
  return 0;
}

function answer(line: string, timezone: string): string {
  try {
    const { spec, from = Temporal.Now.instant() } = triggerFromJson(line);
    const trigger = compileTrigger(spec, { timezone, anchor: from.epochMilliseconds });
    return JSON.stringify({ fires: firesFrom(trigger, from, BATCH_COUNT).map(isoMs) });
  } catch (error) {
    if (error instanceof TriggerError) return JSON.stringify({ error: error.message });
    throw error;
  }
}

/** `2028-11-15T02:00:00.000Z` */
function isoMs(at: Temporal.Instant): string {
  return at.toString({ smallestUnit: "millisecond" });
}
