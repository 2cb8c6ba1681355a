/** In a host: runs the code of a task. Imports its file, checks its parameters, calls its `run`. */
import { format } from "node:util";
import { traceWork } from "../../datasource/trace.ts";
import { type Watermark, watermarkValue } from "../../datasource/watermark.ts";
import type { Mask } from "../base/mask.ts";
import { instantOf } from "../base/time.ts";
import type {
  AttemptSpan,
  CausingRun,
  ParamProblem,
  RunAnswer,
  RunNews,
  RunOrder,
  WatermarkValue,
} from "../model/order.ts";
import { MAX_PLANS, MAX_PLANS_LENGTH, type RunPlan } from "../model/planned_run.ts";
import type { LogLevel } from "../base/log_level.ts";
import { currentRun, type RunEnvironment } from "../sdk/current_run.ts";
import { Said } from "../sdk/said.ts";
import { type DefinedTask, type RunContext, type RunFacts, type RunLog, runWindow } from "../task/define.ts";
import { type ModuleExports, taskIn } from "../task/exported.ts";
import { keptResult } from "../model/result.ts";
import { RunArtifacts } from "./artifact.ts";
import { errorFacts } from "./error_facts.ts";
import {
  cut,
  MAX_ERROR_MESSAGE_LENGTH,
  MAX_LINE_LENGTH,
  MAX_MESSAGE_LENGTH,
  MAX_PROBLEMS,
  MAX_SPAN_TEXT,
  MAX_WATERMARK_LENGTH,
  MAX_WATERMARKS_LENGTH,
} from "./limits.ts";

export interface RunPorts {
  /** Which of the runs of this process it is. */
  readonly number: number;
  /** Hands on a line or progress; where the clock does not keep up, it waits. */
  report(news: RunNews): void;
  readonly signal: AbortSignal;
  readonly mask: Mask;
  /** Called with a rejection that nobody handles, where it is known whose it is. */
  onStray?(thrown: unknown): void;
}

/** Never rejects: whatever the task throws is an answer. */
export async function runOrder(order: RunOrder, ports: RunPorts): Promise<RunAnswer> {
  let task: DefinedTask | undefined;
  try {
    const read = await readTask(order, order.params);
    if (read.problems.length > 0) return { kind: "refused", problems: read.problems };
    task = read.task;
    const context = new RunScope(order, read.params, ports);
    const { run } = task;
    const work = () => currentRun.run(context, () => run(context));
    const { traceparent } = order;
    const returned = await (traceparent === undefined
      ? work()
      : traceWork(traceparent, (span) =>
        ports.report(spanNews(span, ports.mask)), work));
    const { json, problem } = keptResult(returned instanceof Said ? returned.result : returned);
    if (problem !== undefined) context.log.warn(problem);
    const shown = returned instanceof Said ? returned.message : shownResult(returned, json);
    return {
      kind: "succeeded",
      message: shown === undefined ? undefined : oneLine(ports.mask(shown)),
      result: json,
      watermarks: checkedMarks(context.marks),
      plans: checkedPlans(context.plans),
    };
  } catch (thrown) {
    const retryable = isRetryable(task, thrown, ports) || undefined;
    return { kind: "failed", error: errorFacts(thrown, ports.mask), retryable };
  }
}

/** A span without secrets, and no longer than the clock takes. */
function spanNews({ name, attributes, error, ...rest }: AttemptSpan, mask: Mask): RunNews {
  const short = (text: string) => cut(mask(text), MAX_SPAN_TEXT);
  const about = Object.entries(attributes).map(([key, value]) =>
    [key, typeof value === "string" ? short(value) : value] as const
  );
  return {
    kind: "span",
    span: {
      ...rest,
      name: short(name),
      attributes: Object.fromEntries(about),
      error: error === undefined ? undefined : short(error),
    },
  };
}

/** An object reads as JSON, everything else as the console prints it. */
function shownResult(returned: unknown, json: string | undefined): string | undefined {
  if (returned === undefined) return undefined;
  return typeof returned === "object" && json !== undefined ? json : format(returned);
}

/** What a task is given, and what its code finds wherever it goes. Parts that it does not ask for are not made. */
class RunScope implements RunContext, RunEnvironment {
  #log: RunLog | undefined;
  #artifacts: RunArtifacts | undefined;
  /** What the run leaves for the next one. */
  marks: Record<string, WatermarkValue> | undefined;
  /** Runs that it asks for. */
  plans: RunPlan[] | undefined;

  constructor(
    readonly order: RunOrder,
    readonly params: Record<string, unknown>,
    readonly ports: RunPorts,
  ) {}

  /** The run of another task that this one was started after. */
  get cause(): CausingRun | undefined {
    return this.order.after;
  }

  get number(): number {
    return this.ports.number;
  }

  get signal(): AbortSignal {
    return this.ports.signal;
  }

  get log(): RunLog {
    return this.#log ??= runLog(this.ports);
  }

  get progress(): RunContext["progress"] {
    const { ports } = this;
    return (fraction, note) =>
      ports.report({
        kind: "progress",
        fraction: bounded(fraction),
        note: note === undefined ? undefined : ports.mask(oneLine(note)),
      });
  }

  get run(): RunFacts {
    const { runId: id, taskId, cause, attempt, scheduledAt } = this.order;
    return {
      id,
      taskId,
      cause,
      attempt,
      get scheduledAt() {
        return instantOf(scheduledAt);
      },
    };
  }

  get window(): RunContext["window"] {
    return runWindow(this.order.window);
  }

  async artifact(path: string, title: string): Promise<void> {
    const { artifacts: limits } = this.order;
    if (!limits) return this.log.warn(`artifact("${path}"): it is not kept, there is no history file`);
    this.#artifacts ??= new RunArtifacts(limits, (news) => this.ports.report(news));
    await this.#artifacts.leave(path, title);
  }

  watermark(name: string): Watermark {
    // Own keys only: a watermark may be called "constructor".
    const kept = Object.hasOwn(this.order.watermarks, name) ? this.order.watermarks[name] : undefined;
    return {
      value: kept,
      set: (value) => {
        if (value === null || value === undefined) return;
        const mark = watermarkValue(value);
        if (typeof mark === "string" && mark.length > MAX_WATERMARK_LENGTH) {
          throw new RangeError(
            `a watermark has ${MAX_WATERMARK_LENGTH} characters at the most; this one has ${mark.length}`,
          );
        }
        (this.marks ??= Object.create(null) as Record<string, WatermarkValue>)[name] = mark;
      },
    };
  }

  plan(plan: RunPlan): void {
    (this.plans ??= []).push(plan);
    if (this.plans.length > MAX_PLANS) {
      throw new RangeError(`schedule: a run plans ${MAX_PLANS} others at the most`);
    }
  }

  onStray(thrown: unknown): void {
    this.ports.onStray?.(thrown);
  }
}

export interface ReadTask {
  readonly task: DefinedTask;
  readonly params: Record<string, unknown>;
  readonly problems: ParamProblem[];
}

/** Imports the task and checks the parameters by its own schema, which fills in the defaults of this moment. */
export async function readTask(
  { module, taskId }: Pick<RunOrder, "module" | "taskId">,
  given: Readonly<Record<string, unknown>>,
): Promise<ReadTask> {
  const task = taskIn(imported.get(module) ?? await importModule(module), taskId);
  if (!task.params) return { task, params: { ...given }, problems: [] };
  const result = await task.params.safeParseAsync(given);
  if (result.success) return { task, params: result.data, problems: [] };
  const problems = result.error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({
    name: cut(path.join("."), MAX_MESSAGE_LENGTH),
    message: cut(message, MAX_ERROR_MESSAGE_LENGTH),
  }));
  return { task, params: {}, problems };
}

/** Modules that were imported, by their address, which never changes what it holds. */
const imported = new Map<string, ModuleExports>();

/** How many task modules this process has loaded. */
export function loadedModules(): number {
  return imported.size;
}

async function importModule(module: string): Promise<ModuleExports> {
  const exports = await import(module) as ModuleExports;
  imported.set(module, exports);
  return exports;
}

/** Names of the error and of its causes, or the task's own function, say whether another attempt is worth it. */
function isRetryable(task: DefinedTask | undefined, thrown: unknown, ports: RunPorts): boolean {
  const only = task?.retry?.only;
  if (only === undefined) return false;
  if (typeof only === "function") {
    try {
      return only(thrown) === true;
    } catch (error) {
      const text = cut(ports.mask(`retry.only failed: ${format(error)}`), MAX_LINE_LENGTH);
      ports.report({ kind: "log", level: "error", text });
      return false;
    }
  }
  const names: readonly unknown[] = typeof only === "string" ? [only] : only;
  for (let each = thrown; each instanceof Error; each = each.cause) {
    if (names.includes(each.name)) return true;
  }
  return false;
}

function runLog(ports: RunPorts): RunLog {
  const line = (level: LogLevel) => (...values: unknown[]) => {
    ports.report({ kind: "log", level, text: cut(ports.mask(format(...values)), MAX_LINE_LENGTH) });
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

function checkedMarks(
  marks: Readonly<Record<string, WatermarkValue>> | undefined,
): Readonly<Record<string, WatermarkValue>> | undefined {
  const length = marks ? JSON.stringify(marks).length : 0;
  if (length <= MAX_WATERMARKS_LENGTH) return marks;
  throw new RangeError(
    `the watermarks of a task have ${MAX_WATERMARKS_LENGTH} characters at the most; these have ${length}`,
  );
}

function checkedPlans(plans: readonly RunPlan[] | undefined): readonly RunPlan[] | undefined {
  const length = plans ? JSON.stringify(plans).length : 0;
  if (length <= MAX_PLANS_LENGTH) return plans;
  throw new RangeError(
    `schedule: the plans of a run have ${MAX_PLANS_LENGTH} characters at the most; these have ${length}`,
  );
}

function bounded(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}

function oneLine(value: unknown): string {
  return cut(String(value).replace(/\s+/g, " ").trim(), MAX_MESSAGE_LENGTH);
}
