/** The worker's own side: imports task files, runs them, and tells the scheduler's thread what happens. */
import { format } from "node:util";
import process from "node:process";
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { setDatabaseFile } from "../../datasource/datasource.ts";
import { MAX_LOG_LINES } from "../history/memory.ts";
import type { LogLevel } from "../history/run.ts";
import { type DefinedTask, isDefinedTask, type RunLog } from "../task/define.ts";
import { describeTask } from "../task/description.ts";
import type { ParamProblem } from "../task/params.ts";
import { currentRun, type RunEnvironment } from "./current_run.ts";
import { errorFacts } from "./error_facts.ts";
import {
  type FromWorker,
  OUT_OF_MEMORY,
  type RunOrder,
  type ToWorker,
  type WorkerAnswer,
  type WorkerSettings,
} from "./messages.ts";

/** How often the heap is looked at, in milliseconds. */
const HEAP_LOOK_MS = 200;

/** A run's message is one line of at most this many characters. */
const MAX_MESSAGE_LENGTH = 500;

// A mistake in a task file shows where it was made: the file's own frame lies below a dozen of ours.
Error.stackTraceLimit = 50;

const port = parentPort;
if (!port) throw new Error("worker_main.ts is started as a worker, not by itself");
const tell = (news: FromWorker) => port.postMessage(news);

let aborter: AbortController | undefined;

watchHeap();
reportStrayErrors();
setDatabaseFile((workerData as WorkerSettings).databaseFile);
captureConsole();
refuseExit();

port.on("message", (message: ToWorker) => {
  if (message.kind === "abort") {
    aborter?.abort(new DOMException(message.reason, "AbortError"));
    return;
  }
  void answer(message).then(tell);
});

async function answer(request: Exclude<ToWorker, { kind: "abort" }>): Promise<WorkerAnswer> {
  try {
    switch (request.kind) {
      case "describe": {
        const loaded = await import(request.module) as { default?: unknown };
        return { kind: "described", description: describeTask(loaded.default) };
      }
      case "check":
        return { kind: "checked", problems: (await readTask(request.module, request.params)).problems };
      case "run":
        return await run(request.order);
    }
  } catch (error) {
    return { kind: "failed", error: errorFacts(error) };
  }
}

async function run(order: RunOrder): Promise<WorkerAnswer> {
  const { task, params, problems } = await readTask(order.module, order.params);
  if (problems.length > 0) return { kind: "refused", problems };
  aborter = new AbortController();
  const { signal } = aborter;
  const log = cappedLog();
  const environment: RunEnvironment = { log, signal };
  const returned = await currentRun.run(environment, () =>
    task.run({
      params,
      signal,
      log,
      progress: (fraction, note) =>
        tell({ kind: "progress", fraction: bounded(fraction), ...(note === undefined ? {} : { note }) }),
      run: {
        id: order.runId,
        taskId: order.taskId,
        cause: order.cause,
        scheduledAt: Temporal.Instant.fromEpochMilliseconds(order.scheduledAt),
        attempt: order.attempt,
      },
    }));
  return { kind: "succeeded", ...(returned === undefined ? {} : { message: oneLine(returned) }) };
}

interface ReadTask {
  readonly task: DefinedTask;
  readonly params: Record<string, unknown>;
  readonly problems: ParamProblem[];
}

/** Imports the task and checks the parameters by its own schema, which fills in the defaults. */
async function readTask(module: string, given: Readonly<Record<string, unknown>>): Promise<ReadTask> {
  const task = (await import(module) as { default?: unknown }).default;
  if (!isDefinedTask(task)) throw new TypeError("the default export is not a task");
  if (!task.params) return { task, params: { ...given }, problems: [] };
  const result = await task.params.safeParseAsync(given);
  if (result.success) return { task, params: result.data, problems: [] };
  const problems = result.error.issues.map(({ path, message }) => ({ name: path.join("."), message }));
  return { task, params: {}, problems };
}

function cappedLog(): RunLog {
  let count = 0;
  const line = (level: LogLevel) => (...values: unknown[]) => {
    // The thread that keeps the log caps it too; this keeps a flood from being sent at all.
    if (count++ <= MAX_LOG_LINES) tell({ kind: "log", level, text: format(...values) });
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

function bounded(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}

function oneLine(value: unknown): string {
  const words = format(value).replace(/\s+/g, " ").trim();
  return words.length > MAX_MESSAGE_LENGTH ? `${words.slice(0, MAX_MESSAGE_LENGTH)}…` : words;
}

/** `console.log` and its kin write to the log of the run that calls them. */
function captureConsole(): void {
  const levels = { log: "info", info: "info", warn: "warn", error: "error", debug: "debug" } as const;
  const target = globalThis.console;
  for (const [name, level] of Object.entries(levels)) {
    const method = name as keyof typeof levels;
    const plain = target[method].bind(target);
    target[method] = (...values: unknown[]) => {
      const environment = currentRun.getStore();
      if (environment) environment.log[level](...values);
      else plain(...values);
    };
  }
}

/**
 * V8 ends the code that reaches the heap limit and raises the limit, so that the worker can say goodbye. Where that code
 * ran in a promise's continuation, the runtime does not notice: the run would hang for ever. The raised limit tells.
 */
function watchHeap(): void {
  const limit = getHeapStatistics().heap_size_limit;
  setInterval(() => {
    if (getHeapStatistics().heap_size_limit > limit) throw new RangeError(OUT_OF_MEMORY);
  }, HEAP_LOOK_MS);
}

/**
 * An error that no promise of the run carries, such as one thrown in a timer, ends the run and the worker: nobody knows
 * what state the code is in.
 */
function reportStrayErrors(): void {
  const report = (thrown: unknown) => {
    tell({ kind: "log", level: "error", text: `uncaught: ${format(thrown)}` });
    tell({ kind: "failed", error: errorFacts(thrown), fatal: true });
  };
  addEventListener("error", (event) => {
    event.preventDefault();
    report(event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    report(event.reason);
  });
}

/** A task that calls for the end of the program ends its own run. */
function refuseExit(): void {
  const refuse = (code?: unknown): never => {
    throw new Error(`the task called exit(${code ?? ""}); return from run() instead, or throw an error`);
  };
  Object.defineProperty(Deno, "exit", { value: refuse });
  process.exit = refuse;
}
