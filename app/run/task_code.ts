/** Runs the code of a task, in whichever thread this is: imports its file, checks its parameters, calls its `run`. */
import { type Watermark, watermarkValue } from "../../datasource/watermark.ts";
import { instantOf } from "../time.ts";
import { format } from "node:util";
import { MAX_LOG_BYTES, MAX_LOG_LINES } from "../history/log_cap.ts";
import type { LogLevel } from "../history/run.ts";
import type { Mask } from "../mask.ts";
import {
  type DefinedTask,
  isDefinedTask,
  type RunContext,
  type RunFacts,
  type RunLog,
} from "../task/define.ts";
import type { ParamProblem } from "../task/params.ts";
import { currentRun, type RunEnvironment } from "./current_run.ts";
import { errorFacts } from "./error_facts.ts";
import type { RunAnswer, RunNews, RunOrder } from "./messages.ts";
import type { WatermarkValue } from "./watermarks.ts";

/** A run's message is one line of at most this many characters. */
const MAX_MESSAGE_LENGTH = 500;
/** No single line that is handed on is longer; the history keeps less of it. */
const MAX_SENT_LENGTH = 16_000;

export interface RunPorts {
  tell(news: RunNews): void;
  readonly signal: AbortSignal;
  readonly mask: Mask;
  /** Told of a rejected promise that nobody awaits. */
  onStray?(thrown: unknown): void;
}

/** Never rejects: whatever the task throws is an answer. */
export async function runOrder(order: RunOrder, ports: RunPorts): Promise<RunAnswer> {
  let task: DefinedTask | undefined;
  try {
    const known = imported.get(order.module);
    const read = known && !known.params
      ? { task: known, params: { ...order.params }, problems: [] }
      : await readTask(order.module, order.params);
    if (read.problems.length > 0) return { kind: "refused", problems: read.problems };
    task = read.task;
    const context = new RunScope(order, read.params, ports);
    const { run } = task;
    const returned = await currentRun.run(context, () => run(context));
    return {
      kind: "succeeded",
      ...(returned === undefined ? {} : { message: oneLine(ports.mask(format(returned))) }),
      ...(context.marks ? { watermarks: context.marks } : {}),
    };
  } catch (thrown) {
    const retryable = isRetryable(task, thrown, ports);
    return {
      kind: "failed",
      error: errorFacts(thrown, ports.mask),
      ...(retryable ? { retryable } : {}),
    };
  }
}

/** What a task is given, and what its code finds wherever it goes. Parts that it does not ask for are not made. */
class RunScope implements RunContext, RunEnvironment {
  #log: RunLog | undefined;
  /** What the run leaves for the next one. */
  marks: Record<string, WatermarkValue> | undefined;

  constructor(
    readonly order: RunOrder,
    readonly params: Record<string, unknown>,
    readonly ports: RunPorts,
  ) {}

  get signal(): AbortSignal {
    return this.ports.signal;
  }

  get log(): RunLog {
    return this.#log ??= cappedLog(this.ports);
  }

  get progress(): RunContext["progress"] {
    const { ports } = this;
    return (fraction, note) =>
      ports.tell({
        kind: "progress",
        fraction: bounded(fraction),
        ...(note === undefined ? {} : { note: ports.mask(oneLine(note)) }),
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

  watermark(name: string): Watermark {
    const kept = this.order.watermarks[name];
    return {
      value: kept,
      set: (value) => {
        if (value !== null && value !== undefined) (this.marks ??= {})[name] = watermarkValue(value);
      },
    };
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
export async function readTask(module: string, given: Readonly<Record<string, unknown>>): Promise<ReadTask> {
  const task = await importTask(module);
  if (!task.params) return { task, params: { ...given }, problems: [] };
  const result = await task.params.safeParseAsync(given);
  if (result.success) return { task, params: result.data, problems: [] };
  const problems = result.error.issues.map(({ path, message }) => ({ name: path.join("."), message }));
  return { task, params: {}, problems };
}

/** Tasks that were imported, by the address of their module, which never changes what it holds. */
const imported = new Map<string, DefinedTask>();

async function importTask(module: string): Promise<DefinedTask> {
  const known = imported.get(module);
  if (known) return known;
  const task = (await import(module) as { default?: unknown }).default;
  if (!isDefinedTask(task)) throw new TypeError("the default export is not a task");
  imported.set(module, task);
  return task;
}

/** Names of the error and of its causes, or the task's own function, say whether another attempt is worth it. */
function isRetryable(task: DefinedTask | undefined, thrown: unknown, ports: RunPorts): boolean {
  const only = task?.retry?.only;
  if (only === undefined) return false;
  if (typeof only === "function") {
    try {
      return only(thrown) === true;
    } catch (error) {
      ports.tell({
        kind: "log",
        level: "error",
        text: ports.mask(`retry.only failed: ${format(error)}`),
      });
      return false;
    }
  }
  const names: readonly unknown[] = typeof only === "string" ? [only] : only;
  for (let each = thrown; each instanceof Error; each = each.cause) {
    if (names.includes(each.name)) return true;
  }
  return false;
}

function cappedLog(ports: RunPorts): RunLog {
  let lines = 0;
  let bytes = 0;
  const line = (level: LogLevel) => (...values: unknown[]) => {
    // Whoever keeps the log caps it too and says so; this keeps a flood from being sent at all.
    if (lines > MAX_LOG_LINES || bytes > MAX_LOG_BYTES) return;
    const text = ports.mask(format(...values)).slice(0, MAX_SENT_LENGTH);
    lines++;
    bytes += text.length;
    ports.tell({ kind: "log", level, text });
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

function bounded(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}

function oneLine(value: unknown): string {
  const words = String(value).replace(/\s+/g, " ").trim();
  return words.length > MAX_MESSAGE_LENGTH ? `${words.slice(0, MAX_MESSAGE_LENGTH)}…` : words;
}
