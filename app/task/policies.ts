/** How a task is run, read from its definition into plain data; what cannot be is refused with a sentence. */
import { type DurationLike, durationMs } from "../duration.ts";
import { suggestion } from "../nearest.ts";
import {
  type BlackoutWindow,
  DEFAULT_MISFIRE,
  type MisfirePolicy,
  type OverlapPolicy,
  type RetryPolicy,
  type WorkCalendar,
} from "../scheduler/policy.ts";
import { parseCronFields, plainValues } from "../trigger/expression.ts";
import type { ExecutorKind, PermissionOptions, TaskDefinition } from "./define.ts";

export interface AfterRule {
  readonly task: string;
  readonly on: "success" | "failure" | "end";
}

/** What a task may reach. A list that is empty allows nothing. */
export type Permissions = Readonly<Record<(typeof PERMISSION_KINDS)[number], boolean | readonly string[]>>;

export interface TaskPolicies {
  readonly executor: ExecutorKind;
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  readonly overlap: OverlapPolicy;
  /** Infinity for no limit of the task's own. */
  readonly concurrency: number;
  readonly misfire: MisfirePolicy;
  readonly jitterMs: number;
  readonly priority: number;
  readonly locks: readonly string[];
  readonly blackout: readonly BlackoutWindow[];
  readonly calendar?: WorkCalendar;
  readonly after: readonly AfterRule[];
  readonly permissions?: Permissions;
}

export const PERMISSION_KINDS = ["net", "read", "write", "env", "run"] as const;

/** The keys of a definition that are read here. */
export const POLICY_KEYS = [
  "timeout",
  "retry",
  "overlap",
  "concurrency",
  "misfire",
  "jitter",
  "priority",
  "locks",
  "blackout",
  "calendar",
  "after",
  "executor",
  "permissions",
] as const;

const OVERLAPS: readonly OverlapPolicy[] = ["skip", "queue", "allow", "replace"];
const EXECUTORS: readonly ExecutorKind[] = ["worker", "process", "inline"];
const HOUR_MS = 3_600_000;
const MAX_ATTEMPTS = 100;
const MAX_CATCH_UP = 1_000;

/** A calendar's file, read by whoever knows where the task file is. */
export type ReadCalendarFile = (file: string) => Promise<CalendarDays>;

export interface CalendarDays {
  readonly holidays: Readonly<Record<string, string>>;
  readonly workingDays: readonly string[];
}

/** Throws a TypeError that names the key, what it is, and what is allowed. */
export async function policiesOf(
  task: TaskDefinition,
  readCalendarFile: ReadCalendarFile,
): Promise<TaskPolicies> {
  const timeoutMs = task.timeout === undefined ? undefined : positive("timeout", task.timeout);
  const overlap = oneOf("overlap", task.overlap ?? "skip", OVERLAPS);
  const executor = oneOf("executor", task.executor ?? "worker", EXECUTORS);
  const retry = retryOf(task.retry);
  const calendar = await calendarOf(task.calendar, readCalendarFile);
  const permissions = permissionsOf(task.permissions);
  if (permissions && executor === "inline") {
    fail("permissions", `a task that runs "inline" shares the scheduler's own; leave executor out`);
  }
  return {
    executor,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retry ? { retry } : {}),
    overlap,
    concurrency: task.concurrency === undefined
      ? overlap === "allow" ? Infinity : 1
      : whole("concurrency", task.concurrency, 1, 1_000),
    misfire: misfireOf(task.misfire),
    jitterMs: task.jitter === undefined ? 0 : lengthOf("jitter", task.jitter),
    priority: task.priority === undefined ? 0 : whole("priority", task.priority, -1_000, 1_000),
    locks: textsOf("locks", task.locks ?? []),
    blackout: listOf(task.blackout).map((each, i) => windowOf(`blackout[${i}]`, each)),
    ...(calendar ? { calendar } : {}),
    after: listOf(task.after).map(afterOf),
    ...(permissions ? { permissions } : {}),
  };
}

function fail(key: string, what: string): never {
  throw new TypeError(`defineTask: ${key}: ${what}`);
}

function objectOf(key: string, value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(key, `${JSON.stringify(value)} is not an object; it has ${known.join(", ")}`);
  }
  const unknown = Object.keys(value).find((each) => !known.includes(each));
  if (unknown !== undefined) fail(key, `unknown key "${unknown}"; ${suggestion(unknown, known)}`);
  return value as Readonly<Record<string, unknown>>;
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T];
}

function textsOf(key: string, value: unknown): readonly string[] {
  const all = listOf(value as string | readonly string[]);
  const wrong = all.find((each) => typeof each !== "string" || each === "");
  if (wrong !== undefined) fail(key, `${JSON.stringify(wrong)} is not a text`);
  return [...new Set(all)];
}

function oneOf<T extends string>(key: string, value: unknown, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) fail(key, `${JSON.stringify(value)} is not one of ${known.join(", ")}`);
  return found;
}

function whole(key: string, value: unknown, least: number, greatest: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= greatest) {
    return value;
  }
  fail(key, `${JSON.stringify(value)} is not a whole number from ${least} to ${greatest}`);
}

function lengthOf(key: string, value: unknown): number {
  try {
    return durationMs(value as DurationLike);
  } catch (error) {
    fail(key, (error as Error).message);
  }
}

function positive(key: string, value: unknown): number {
  const ms = lengthOf(key, value);
  return ms > 0 ? ms : fail(key, "it must be longer than 0");
}

function retryOf(retry: unknown): RetryPolicy | undefined {
  if (retry === undefined) return undefined;
  const given = objectOf("retry", retry, ["attempts", "delay", "backoff", "maxDelay", "only"]);
  const { only, backoff = 1 } = given;
  if (typeof backoff !== "number" || !(backoff >= 1 && backoff <= 100)) {
    fail("retry.backoff", `${JSON.stringify(backoff)} is not a number from 1 to 100`);
  }
  return {
    attempts: whole("retry.attempts", given.attempts, 1, MAX_ATTEMPTS),
    delayMs: given.delay === undefined ? 0 : lengthOf("retry.delay", given.delay),
    backoff,
    maxDelayMs: given.maxDelay === undefined ? HOUR_MS : lengthOf("retry.maxDelay", given.maxDelay),
    ...(only === undefined
      ? {}
      : { only: typeof only === "function" ? "asked" : textsOf("retry.only", only) }),
  };
}

function misfireOf(misfire: unknown): MisfirePolicy {
  if (misfire === undefined) return DEFAULT_MISFIRE;
  const { grace, catchUp, limit } = objectOf("misfire", misfire, ["grace", "catchUp", "limit"]);
  return {
    graceMs: grace === undefined ? DEFAULT_MISFIRE.graceMs : lengthOf("misfire.grace", grace),
    catchUp: oneOf("misfire.catchUp", catchUp ?? DEFAULT_MISFIRE.catchUp, ["none", "latest", "all"]),
    limit: limit === undefined ? DEFAULT_MISFIRE.limit : whole("misfire.limit", limit, 1, MAX_CATCH_UP),
  };
}

function afterOf(after: unknown): AfterRule {
  if (typeof after === "string" && after !== "") return { task: after, on: "success" };
  const { task, on } = objectOf("after", after, ["task", "on"]);
  if (typeof task !== "string" || task === "") fail("after.task", "it names the other task");
  return { task, on: oneOf("after.on", on ?? "success", ["success", "failure", "end"]) };
}

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$|^24:00$/;

function windowOf(key: string, window: unknown): BlackoutWindow {
  const { from, to, weekdays } = objectOf(key, window, ["from", "to", "weekdays"]);
  if (typeof from !== "string" || typeof to !== "string") fail(key, "from and to are texts");
  if (TIME_OF_DAY.test(from) && TIME_OF_DAY.test(to)) {
    const days = weekdays === undefined ? undefined : weekdaysOf(`${key}.weekdays`, weekdays);
    return {
      kind: "daily",
      from: minutesOf(from),
      to: minutesOf(to),
      ...(days ? { weekdays: days } : {}),
      text: `${from}–${to}${days ? ` ${weekdays}` : ""}`,
    };
  }
  if (weekdays !== undefined) fail(key, `weekdays go with times of day, such as from: "22:00", to: "06:00"`);
  const [begin, end] = [from, to].map((text) => localDateTime(key, text));
  if (!begin || !end || Temporal.PlainDateTime.compare(begin, end) >= 0) {
    fail(key, `it ends before it begins`);
  }
  return { kind: "once", from: begin.toString(), to: end.toString(), text: `${from} – ${to}` };
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function localDateTime(key: string, text: string): Temporal.PlainDateTime {
  try {
    return Temporal.PlainDateTime.from(text);
  } catch {
    fail(key, `"${text}" is neither a time of day such as "22:00" nor a date such as "2026-12-24T18:00"`);
  }
}

/** APScheduler's `day_of_week`, 0 = Monday. */
function weekdaysOf(key: string, text: unknown): readonly number[] {
  if (typeof text !== "string") fail(key, `${JSON.stringify(text)} is not a text such as "mon-fri"`);
  try {
    return plainValues(parseCronFields({ dayOfWeek: text }).dayOfWeek) ?? [];
  } catch (error) {
    fail(key, (error as Error).message);
  }
}

async function calendarOf(
  calendar: unknown,
  readFile: ReadCalendarFile,
): Promise<WorkCalendar | undefined> {
  if (calendar === undefined) return undefined;
  const given = objectOf("calendar", calendar, ["weekdays", "holidays", "workingDays", "file"]);
  const { file } = given;
  if (file !== undefined && (typeof file !== "string" || file === "")) {
    fail("calendar.file", `${JSON.stringify(file)} is not the name of a file`);
  }
  const read = file === undefined ? { holidays: {}, workingDays: [] } : await readFile(file);
  const holidays = daysOf("calendar.holidays", given.holidays);
  return {
    weekdays: weekdaysOf("calendar.weekdays", given.weekdays ?? "mon-fri"),
    holidays: { ...read.holidays, ...Object.fromEntries(holidays.map((day) => [day, ""])) },
    workingDays: [...read.workingDays, ...daysOf("calendar.workingDays", given.workingDays)],
  };
}

/** Longest stretch of days in one text. */
const MAX_DAYS = 366;

function daysOf(key: string, given: unknown): string[] {
  return textsOf(key, given ?? []).flatMap((text) => {
    try {
      const [from = "", to = from] = text.split("/");
      const first = Temporal.PlainDate.from(from);
      const count = first.until(Temporal.PlainDate.from(to)).days + 1;
      if (count < 1 || count > MAX_DAYS) throw new RangeError("the stretch is empty or too long");
      return Array.from({ length: count }, (_, i) => first.add({ days: i }).toString());
    } catch {
      fail(key, `"${text}" is not a day such as "2026-10-01" or "2026-10-01/2026-10-07"`);
    }
  });
}

function permissionsOf(permissions: PermissionOptions | undefined): Permissions | undefined {
  if (permissions === undefined) return undefined;
  const given = objectOf("permissions", permissions, PERMISSION_KINDS);
  const entries = PERMISSION_KINDS.map((kind) => {
    const value = given[kind] ?? false;
    return [kind, typeof value === "boolean" ? value : textsOf(`permissions.${kind}`, value)];
  });
  return Object.fromEntries(entries) as Permissions;
}
