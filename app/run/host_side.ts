/** The side of a worker thread or of a sandbox: answers requests about task files, one run at a time. */
import { readFile } from "node:fs/promises";
import { format } from "node:util";
import process from "node:process";
import { getHeapStatistics } from "node:v8";
import { setDatabaseFile, testDatabase } from "../../datasource/datasource.ts";
import { setApiSettings } from "../../datasource/default_api.ts";
import { createMask } from "../mask.ts";
import { setSecrets } from "../secrets.ts";
import { describeTask, paramsOf } from "../task/description.ts";
import type { CalendarDays } from "../task/policies.ts";
import { currentRun } from "./current_run.ts";
import { errorFacts } from "./error_facts.ts";
import {
  type FromHost,
  type HostAnswer,
  type HostRequest,
  type HostSettings,
  outOfMemory,
  type ToHost,
} from "./messages.ts";
import { readTask, runOrder } from "./task_code.ts";

/** How often the heap is looked at, in milliseconds. */
const HEAP_LOOK_MS = 200;

/** Sets the thread up, and answers with what takes the requests. */
export function serveHost(settings: HostSettings, tell: (news: FromHost) => void): (message: ToHost) => void {
  // A mistake in a task file shows where it was made: the file's own frame lies below a dozen of ours.
  Error.stackTraceLimit = 50;
  const mask = createMask([...Object.values(settings.secrets), ...settings.masked]);
  let aborter: AbortController | undefined;
  watchHeap(settings.memoryMb);
  setDatabaseFile(settings.databaseFile);
  setSecrets(settings.secrets);
  setApiSettings(settings.api);
  captureConsole();
  refuseExit();
  reportStrayErrors((thrown) => {
    tell({ kind: "log", level: "error", text: mask(`uncaught: ${format(thrown)}`) });
    tell({ kind: "failed", error: errorFacts(thrown, mask), fatal: true });
  });

  return (message) => {
    if (message.kind === "abort") {
      aborter?.abort(new DOMException(message.reason, "AbortError"));
      return;
    }
    aborter = new AbortController();
    void answer(message, aborter.signal).then(tell);
  };

  async function answer(request: HostRequest, signal: AbortSignal): Promise<HostAnswer> {
    if (request.kind === "run") return await runOrder(request.order, { tell, signal, mask });
    try {
      switch (request.kind) {
        case "describe": {
          const loaded = await import(request.module) as { default?: unknown };
          const readCalendar = (file: string) => readCalendarFile(file, request.module);
          return { kind: "described", description: await describeTask(loaded.default, readCalendar) };
        }
        case "params":
          return { kind: "params", params: paramsOf((await readTask(request.module, {})).task.params) };
        case "test_database":
          return { kind: "database_tested", ...await testDatabase(request.name) };
        case "check":
          return { kind: "checked", problems: (await readTask(request.module, request.params)).problems };
      }
    } catch (error) {
      return { kind: "failed", error: errorFacts(error, mask) };
    }
  }
}

async function readCalendarFile(file: string, module: string): Promise<CalendarDays> {
  const { readCalendarDays } = await import("../task/calendar_file.ts");
  try {
    const text = await readFile(new URL(file, module), "utf8");
    return readCalendarDays(text, Temporal.Now.plainDateISO());
  } catch (cause) {
    const missing = (cause as { code?: string }).code === "ENOENT";
    const reason = missing ? "there is no such file beside the task" : (cause as Error).message;
    throw new TypeError(`defineTask: calendar.file: "${file}": ${reason}`, { cause });
  }
}

/** `console.log` and its kin write to the log of the run that calls them. */
export function captureConsole(): void {
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
 * Where the thread has no limit of its own, what is used tells.
 */
function watchHeap(memoryMb: number): void {
  const limit = getHeapStatistics().heap_size_limit;
  setInterval(() => {
    const { heap_size_limit, used_heap_size } = getHeapStatistics();
    if (heap_size_limit > limit || used_heap_size > memoryMb * 1_048_576) {
      throw new RangeError(outOfMemory(memoryMb));
    }
  }, HEAP_LOOK_MS);
}

/**
 * An error that no promise of the run carries, such as one thrown in a timer, ends the run and the worker: nobody knows
 * what state the code is in.
 */
function reportStrayErrors(report: (thrown: unknown) => void): void {
  addEventListener("error", (event) => {
    event.preventDefault();
    report(event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    report(event.reason);
  });
}

/** A task that calls for the end of the program, or of its worker, ends its own run. */
function refuseExit(): void {
  const refuse = (name: string) => (code?: unknown): never => {
    throw new Error(`the task called ${name}(${code ?? ""}); return from run() instead, or throw an error`);
  };
  Object.defineProperty(Deno, "exit", { value: refuse("exit") });
  Object.defineProperty(globalThis, "close", { value: refuse("close") });
  process.exit = refuse("exit");
}
