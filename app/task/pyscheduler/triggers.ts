/** APScheduler's triggers, as config.py writes them, in Carillon's words. */
import { messageOf } from "../../base/errors.ts";
import { allOf, anyOf, at, cron, every } from "../../trigger/declare.ts";
import type { TriggerSpec } from "../../trigger/trigger.ts";
import { hasOffset } from "../../trigger/zone.ts";
import type { Call, Expression } from "./expression.ts";

/** A trigger as a task file writes it. */
export interface WrittenTrigger {
  /** `cron({ hour: "*\/2" })` */
  readonly code: string;
  readonly spec: TriggerSpec;
  /** What the file imports for it. */
  readonly uses: readonly string[];
  /** `jitter`, in seconds: in Carillon it belongs to the task. */
  readonly jitter?: number | undefined;
  /** Sentences on what of it is not carried over. */
  readonly left?: readonly string[] | undefined;
}

/** What a value is written as, where it is known from the text. */
export type ValueOf = (expression: Expression) => unknown;

/** A trigger that cannot be carried over; the message is a sentence. */
export class UnreadableTrigger extends Error {
  override readonly name = "UnreadableTrigger";
}

const CRON_NAMES: Readonly<Record<string, string>> = {
  year: "year",
  month: "month",
  day: "day",
  week: "week",
  day_of_week: "dayOfWeek",
  hour: "hour",
  minute: "minute",
  second: "second",
};
const INTERVAL_NAMES: Readonly<Record<string, string>> = {
  weeks: "weeks",
  days: "days",
  hours: "hours",
  minutes: "minutes",
  seconds: "seconds",
};
const BOUND_NAMES: Readonly<Record<string, string>> = {
  start_date: "startDate",
  end_date: "endDate",
  timezone: "timezone",
};

/** Names of arguments that belong to a trigger when they stand in `add_job` itself. */
export const TRIGGER_ARGUMENTS: readonly string[] = [
  ...Object.keys(CRON_NAMES),
  ...Object.keys(INTERVAL_NAMES),
  ...Object.keys(BOUND_NAMES),
  "run_date",
  "jitter",
];

/** What APScheduler makes of places: `CronTrigger(2026, 1)`. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  cron: [
    "year",
    "month",
    "day",
    "week",
    "day_of_week",
    "hour",
    "minute",
    "second",
    "start_date",
    "end_date",
    "timezone",
  ],
  interval: ["weeks", "days", "hours", "minutes", "seconds", "start_date", "end_date", "timezone"],
  date: ["run_date", "timezone"],
};

/**
 * A trigger by its name and arguments.
 *
 * @param zone of the scheduler, where the trigger names none
 * @throws UnreadableTrigger
 */
export function namedTrigger(
  kind: string,
  named: ReadonlyMap<string, unknown>,
  zone: string | undefined,
): WrittenTrigger {
  const given = new Map([...named].filter(([, value]) => value !== null && value !== undefined));
  if (zone !== undefined && !given.has("timezone")) given.set("timezone", zone);
  const jitter = given.get("jitter");
  given.delete("jitter");
  const seconds = secondsOf(jitter);
  if (kind === "date") return { ...dateTrigger(given), jitter: seconds };
  if (kind === "cron") {
    return { ...written("cron", renamed(given, { ...CRON_NAMES, ...BOUND_NAMES })), jitter: seconds };
  }
  if (kind !== "interval") {
    throw new UnreadableTrigger(`the trigger '${kind}' is none of 'cron', 'interval' and 'date'`);
  }
  const options = renamed(given, { ...INTERVAL_NAMES, ...BOUND_NAMES });
  const isEmpty = Object.values(INTERVAL_NAMES).every((name) => !options[name]);
  // APScheduler takes no length for one second.
  return { ...written("every", isEmpty ? { seconds: 1, ...options } : options), jitter: seconds };
}

/** `CronTrigger(hour=2)`, `OrTrigger([…])` and their kin. @throws UnreadableTrigger */
export function triggerOfCall(call: Call, valueOf: ValueOf, zone: string | undefined): WrittenTrigger {
  const parts = call.callee.split(".");
  const name = parts.findLast((part) => part.endsWith("Trigger")) ?? "";
  if (parts.at(-1) === "from_crontab") return crontabTrigger(call, valueOf, zone);
  if (name === "OrTrigger" || name === "AndTrigger") return combined(name, call, valueOf, zone);
  const kind = name.replace("Trigger", "").toLowerCase();
  if (call.spread || call.brought.length > 0) {
    throw new UnreadableTrigger(`what * or ** brings to ${call.callee}(…) is known only when it is run`);
  }
  if (!Object.hasOwn(PLACES, kind)) {
    throw new UnreadableTrigger(`the trigger ${call.callee}(…) is none that Carillon knows`);
  }
  const named = new Map<string, unknown>();
  call.args.forEach((arg, i) => named.set(PLACES[kind]?.[i] ?? `argument ${i + 1}`, valueOf(arg)));
  for (const [key, value] of call.named) named.set(key, valueOf(value));
  checkZone(kind, named);
  return namedTrigger(kind, named, zone);
}

/** APScheduler takes the zone of a bound for one that such a trigger does not name, and the text has its offset only. */
function checkZone(kind: string, named: ReadonlyMap<string, unknown>): void {
  if (kind !== "cron" || (named.get("timezone") ?? null) !== null) return;
  for (const name of ["start_date", "end_date"]) {
    const bound = named.get(name);
    if (typeof bound !== "string" || !hasOffset(bound)) continue;
    throw new UnreadableTrigger(
      `${name} has a time zone, and the trigger has no timezone; write the same there`,
    );
  }
}

/** APScheduler reads a crontab line as its own fields: all must match, and day 0 of the week is Monday. */
function crontabTrigger(call: Call, valueOf: ValueOf, zone: string | undefined): WrittenTrigger {
  const line = call.args[0] && valueOf(call.args[0]);
  const fields = String(line).trim().split(/\s+/);
  if (typeof line !== "string" || fields.length !== 5) {
    throw new UnreadableTrigger("from_crontab: it is not given a line of five fields");
  }
  const [minute, hour, day, month, weekday] = fields;
  const named = new Map<string, unknown>([
    ["minute", minute],
    ["hour", hour],
    ["day", day],
    ["month", month],
    ["day_of_week", weekday],
  ]);
  const timezone = call.named.find(([name]) => name === "timezone")?.[1] ?? call.args[1];
  if (timezone) named.set("timezone", valueOf(timezone));
  return namedTrigger("cron", named, zone);
}

function combined(name: string, call: Call, valueOf: ValueOf, zone: string | undefined): WrittenTrigger {
  const given = new Map(call.named);
  const list = call.args[0] ?? given.get("triggers");
  const triggers = (list?.kind === "list" ? list.items : []).map((each) => {
    if (each.kind !== "call") {
      throw new UnreadableTrigger(`${name}: what stands in its list is not a trigger`);
    }
    return triggerOfCall(each, valueOf, zone);
  });
  const word = name === "OrTrigger" ? "anyOf" : "allOf";
  const specs = triggers.map(({ spec }) => spec);
  const jitter = call.args[1] ?? given.get("jitter");
  return {
    code: `${word}(${triggers.map(({ code }) => code).join(", ")})`,
    spec: checked(() => word === "anyOf" ? anyOf(...specs) : allOf(...specs)),
    uses: [word, ...triggers.flatMap(({ uses }) => uses)],
    jitter: jitter && secondsOf(valueOf(jitter)),
    left: triggers.flatMap(({ code, jitter, left = [] }) =>
      jitter === undefined
        ? left
        : [...left, `jitter of ${code} within ${name} is left out; a task has one for all`]
    ),
  };
}

/** Of a `jitter`; undefined for none. */
function secondsOf(jitter: unknown): number | undefined {
  return typeof jitter === "number" && jitter > 0 ? jitter : undefined;
}

function dateTrigger(given: ReadonlyMap<string, unknown>): WrittenTrigger {
  const { runDate, timezone } = renamed(given, { run_date: "runDate", timezone: "timezone" });
  if (typeof runDate !== "string") {
    throw new UnreadableTrigger("the trigger 'date' has no run_date that is known from the text");
  }
  const options = timezone === undefined ? "" : `, { timezone: ${JSON.stringify(timezone)} }`;
  return {
    code: `at(${JSON.stringify(runDate)}${options})`,
    spec: checked(() => at(runDate, { timezone: timezone as string | undefined })),
    uses: ["at"],
  };
}

function renamed(
  given: ReadonlyMap<string, unknown>,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, string | number>> {
  const options: Record<string, string | number> = {};
  for (const [key, value] of given) {
    const name = Object.hasOwn(names, key) ? names[key] : undefined;
    if (name === undefined) throw new UnreadableTrigger(`the trigger has no argument ${key}`);
    if (typeof value !== "string" && typeof value !== "number") {
      throw new UnreadableTrigger(`the value of ${key} is neither a text nor a number`);
    }
    options[name] = value;
  }
  return options;
}

function written(name: "cron" | "every", options: Readonly<Record<string, string | number>>): WrittenTrigger {
  return {
    code: `${name}({ ${
      Object.entries(options).map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ")
    } })`,
    spec: checked(() => name === "cron" ? cron(options) : every(options)),
    uses: [name],
  };
}

function checked(make: () => TriggerSpec): TriggerSpec {
  try {
    return make();
  } catch (error) {
    throw new UnreadableTrigger(messageOf(error), { cause: error });
  }
}
