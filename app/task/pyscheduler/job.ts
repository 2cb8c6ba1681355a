/** One `add_job(…)`: what it says, as a task of Carillon needs it. */
import { messageOf } from "../../base/errors.ts";
import type { Call, Expression } from "./expression.ts";
import { idOf, isText, type TaskIds } from "./job_id.ts";
import type { FunctionPlace, Names } from "./names.ts";
import {
  namedTrigger,
  TRIGGER_ARGUMENTS,
  triggerOfCall,
  UnreadableTrigger,
  type WrittenTrigger,
} from "./triggers.ts";
import { UnknownValue, valueOf } from "./values.ts";

export interface Job {
  readonly id: string;
  /** The id that it has in config.py, by which its function records how it ended. */
  readonly recordId: string;
  /** False where config.py gives it no id, so that no other job has the same. */
  readonly hasId: boolean;
  readonly line: number;
  readonly title?: string | undefined;
  readonly place: FunctionPlace;
  /** Undefined where it can only be started by hand. */
  readonly trigger?: WrittenTrigger | undefined;
  /** It also runs at each start. */
  readonly atStart: boolean;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly maxInstances?: number | undefined;
  /** Seconds. */
  readonly misfireGrace?: number | undefined;
  /** It takes the place of one with the same id. */
  readonly replaces: boolean;
}

/** What could not be carried over, as a sentence, and where it stands. */
export interface JobProblem {
  readonly line: number;
  readonly text: string;
}

/** What `BackgroundScheduler(…)` says for all jobs. */
export interface SchedulerSettings {
  readonly timezone?: string | undefined;
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** What is known of the file that a job stands in. */
export interface JobContext {
  readonly names: Names;
  readonly settings: SchedulerSettings;
  readonly ids: TaskIds;
}

export type ReadJob =
  | { readonly kind: "job"; readonly job: Job; readonly problems: readonly JobProblem[] }
  | { readonly kind: "none"; readonly problems: readonly JobProblem[] };

/** Arguments of `add_job` by place. */
const PLACES = ["func", "trigger", "args", "kwargs", "id", "name"];
/** What the function gets: as JSON, which has fewer kinds of values than Python. */
const GIVEN_TO_FUNCTION = ["args", "kwargs"];
const READ_HERE = [
  ...PLACES,
  "misfire_grace_time",
  "coalesce",
  "max_instances",
  "next_run_time",
  "replace_existing",
];

/** Arguments by their name. */
export interface JobArguments {
  readonly given: ReadonlyMap<string, Expression>;
  /** True where `*` or `**` may bring others. */
  readonly isOpen: boolean;
}

/** @param isDecorator where the function is not among them */
export function argumentsOf(call: Call, names: Names, isDecorator: boolean): JobArguments {
  const places = isDecorator ? PLACES.slice(1) : PLACES;
  const given = new Map<string, Expression>(
    call.args.map((arg, i) => [places[i] ?? `argument ${i + 1}`, arg]),
  );
  for (const [name, value] of call.named) given.set(name, value);
  const isOpen = call.spread || !call.brought.every((each) => takeBrought(each, given, names));
  return { given, isOpen };
}

/** @param decorated the function that `@scheduler.scheduled_job(…)` stands above */
export function readJob(
  { given, isOpen }: JobArguments,
  line: number,
  { names, settings, ids }: JobContext,
  decorated: string | undefined,
): ReadJob {
  const problems: JobProblem[] = [];
  const problem = (text: string) => void problems.push({ line, text });
  const known = <T>(name: string, fallback: T, is: (value: unknown) => value is T): T => {
    const expression = given.get(name);
    if (!expression) return fallback;
    const changes = new Set<string>();
    try {
      const value = valueOf(expression, names, (what) => changes.add(what));
      if (GIVEN_TO_FUNCTION.includes(name)) changes.forEach((what) => problem(`${name}: ${what}`));
      if (is(value)) return value;
      if (value !== null) problem(`${name} is left out: it is of another kind than expected`);
    } catch (error) {
      if (!(error instanceof UnknownValue)) throw error;
      problem(`${name} is left out: ${error.message}`);
    }
    return fallback;
  };

  const function_: Expression | undefined = decorated === undefined
    ? given.get("func")
    : { kind: "name", name: decorated };
  const place = names.functionOf(function_);
  if (!place) {
    const why = function_?.kind === "name" && names.isVaried(function_.name)
      ? ", as that is given several values"
      : "";
    problem(
      `the job is left out: ${
        shownFunction(function_)
      } is not a function that can be called by its name${why}`,
    );
    return { kind: "none", problems };
  }
  if (isOpen) problem("what * or ** brings is left out: it is known only when it is run");
  if (isOpen && !given.has("id")) {
    problem("the job is left out, because its id may be among that");
    return { kind: "none", problems };
  }
  const named = idOf(given.get("id"), names, place.function.replaceAll(".", "_"));
  if (named.kind === "unknown") {
    problem(`the job is left out, because its id is not known: ${named.why}`);
    return { kind: "none", problems };
  }
  const { id } = named;
  const taskId = ids.of(named);
  if (named.kind === "made") problem(`the job has no id; the task is called "${taskId}"`);
  else if (taskId !== id) problem(`the id "${id}" cannot be a task's; the task is called "${taskId}"`);
  for (const name of given.keys()) {
    const isKnown = READ_HERE.includes(name) || TRIGGER_ARGUMENTS.includes(name);
    if (!isKnown && name !== "jobstore" && name !== "executor") {
      problem(`the argument ${name} is not known and left out`);
    }
    if (name === "jobstore" || name === "executor") {
      problem(`${name} is left out: Carillon has one of its own`);
    }
  }
  let trigger: WrittenTrigger | undefined;
  try {
    if (isOpen) throw new UnknownValue("a part of it may be among what * or ** brings");
    trigger = readTrigger(given, names, settings.timezone);
    for (const what of trigger?.left ?? []) problem(`task ${taskId}: ${what}`);
    if (!trigger) {
      problem(`task ${taskId} has no trigger: APScheduler would run it once, at its start; run it by hand`);
    }
  } catch (error) {
    if (!(error instanceof UnreadableTrigger || error instanceof UnknownValue)) throw error;
    problem(`task ${taskId} gets no trigger, it can only be started by hand: ${messageOf(error)}`);
  }
  const defaults = settings.defaults;
  return {
    kind: "job",
    problems,
    job: {
      id: taskId,
      recordId: id,
      hasId: named.kind === "given",
      line,
      title: known("name", undefined, isText),
      place,
      trigger,
      atStart: runsAtStart(given.get("next_run_time"), problem),
      args: known("args", [], isList),
      kwargs: known("kwargs", {}, isRecord),
      maxInstances: known("max_instances", numberIn(defaults.max_instances), isNumber),
      misfireGrace: known("misfire_grace_time", numberIn(defaults.misfire_grace_time), isNumber),
      replaces: known("replace_existing", false, (value) => typeof value === "boolean"),
    },
  };
}

/** Adds the arguments of a dictionary that is known. False where it is not, or not whole. */
function takeBrought(brought: Expression, given: Map<string, Expression>, names: Names): boolean {
  const expression = brought.kind === "name" ? names.constant(brought.name) ?? brought : brought;
  const entries = expression.kind === "dictionary"
    ? expression.entries
    : expression.kind === "call" && expression.callee === "dict" && !expression.spread &&
        expression.args.length === 0 && expression.brought.length === 0
    ? expression.named.map(([name, value]) => [{ kind: "value", value: name } as const, value] as const)
    : undefined;
  if (!entries) return false;
  for (const [key, value] of entries) {
    if (key.kind !== "value" || typeof key.value !== "string") return false;
    given.set(key.value, value);
  }
  return true;
}

function readTrigger(
  given: ReadonlyMap<string, Expression>,
  names: Names,
  zone: string | undefined,
): WrittenTrigger | undefined {
  const read = (expression: Expression) => valueOf(expression, names);
  const trigger = given.get("trigger");
  const resolved = trigger?.kind === "name" ? names.constant(trigger.name) ?? trigger : trigger;
  if (resolved?.kind === "call") {
    return triggerOfCall({ ...resolved, callee: names.original(resolved.callee) }, read, zone);
  }
  const named = new Map([...given].filter(([name]) => TRIGGER_ARGUMENTS.includes(name)));
  if (!resolved || (resolved.kind === "value" && resolved.value === null)) return undefined;
  const kind = read(resolved);
  return namedTrigger(String(kind), new Map([...named].map(([name, value]) => [name, read(value)])), zone);
}

/** `next_run_time=datetime.now()` runs it at once; `None` adds it paused. */
function runsAtStart(given: Expression | undefined, problem: (text: string) => void): boolean {
  if (!given) return false;
  if (given.kind === "call" && /(?:^|\.)(?:now|utcnow|today)$/.test(given.callee)) return true;
  problem(
    given.kind === "value" && given.value === null
      ? "next_run_time=None: pause the task on its page"
      : "next_run_time is left out: the trigger says when it runs next",
  );
  return false;
}

function shownFunction(expression: Expression | undefined): string {
  if (!expression) return "its first argument";
  return expression.kind === "name"
    ? expression.name
    : expression.kind === "call"
    ? `${expression.callee}(…)`
    : "what it calls";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
