/** `carillon next`: when a task, a crontab line or a trigger in JSON fires. */
import { systemClock } from "../scheduler/clock.ts";
import { compileTrigger } from "../trigger/compile.ts";
import { cron } from "../trigger/declare.ts";
import { triggerFromJson } from "../trigger/from_json.ts";
import { type Trigger, TriggerError } from "../trigger/trigger.ts";
import { localDateTime, Zone } from "../trigger/zone.ts";
import { suggestion } from "../nearest.ts";
import type { Config } from "../config.ts";
import { type Arguments, loadConfig, readArguments } from "./arguments.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { openForLook } from "./look.ts";
import { print, table } from "./output.ts";

const FLAGS = {
  count: { type: "string", short: "n", help: "how many fires (10)" },
  from: { type: "string", help: "first moment that counts (now)" },
  json: { type: "boolean", help: "as JSON" },
  batch: { type: "boolean", help: "NDJSON on standard input" },
} as const;

const USAGE = `carillon next <task | cron line | JSON> [-n 10] [--from …] [--timezone …] [--json]`;
const DEFAULT_COUNT = 10;
const MAX_COUNT = 10_000;
/** Fires a line of `--batch` is answered with, at the most. */
const BATCH_COUNT = 6;

export async function next(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, FLAGS);
  const config = loadConfig(given);
  if (given.own.has("batch")) return await batch(config.scheduler.timezone);
  // A crontab line may come as one argument or, unquoted, as several.
  const what = given.words.join(" ").trim();
  if (what === "") throw new UsageError(`say what to look at; usage: ${USAGE}`);
  const count = countOf(given);
  try {
    const { trigger, from } = await triggerFor(what, config);
    const start = fromOf(given, trigger) ?? from ?? Temporal.Now.instant();
    show(trigger, firesFrom(trigger, start, count), given.own.has("json"));
    return 0;
  } catch (error) {
    if (error instanceof TriggerError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

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

async function triggerFor(
  what: string,
  config: Config,
): Promise<{ readonly trigger: Trigger; readonly from?: Temporal.Instant }> {
  const { timezone } = config.scheduler;
  const anchor = systemClock.now();
  if (what.startsWith("{")) {
    const { spec, from } = triggerFromJson(what);
    return {
      trigger: compileTrigger(spec, { timezone, anchor: from?.epochMilliseconds ?? anchor }),
      ...(from ? { from } : {}),
    };
  }
  if (/\s/.test(what) || what.startsWith("@")) {
    return { trigger: compileTrigger(cron(what), { timezone, anchor }) };
  }
  await using carillon = await openForLook(config);
  const found = carillon.triggerOf(what);
  if (found) return found;
  if (carillon.registry.tasks.has(what)) {
    throw new UsageError(`task ${what} has no trigger: it is started by hand only`);
  }
  throw new UsageError(
    `no task "${what}" in ${config.scheduler.tasks}; ${
      suggestion(what, [...carillon.registry.tasks.keys()])
    }`,
  );
}

function show(trigger: Trigger, fires: readonly Temporal.Instant[], asJson: boolean): void {
  const { timezone } = trigger;
  if (asJson) {
    print(JSON.stringify({
      trigger: trigger.rule,
      description: trigger.describe("en"),
      timezone,
      ended: fires.length === 0,
      fires: fires.map(isoMs),
    }));
    return;
  }
  print(`${trigger.describe("en")} (${trigger.rule})`);
  if (fires.length === 0) print("ended: it does not fire any more");
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
