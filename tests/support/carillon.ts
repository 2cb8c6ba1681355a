/** A whole Carillon in a temporary folder, on a virtual clock, with real workers. */
import { instantOf } from "../../app/time.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { Carillon } from "../../app/carillon.ts";
import { type Config, readConfig } from "../../app/config.ts";
import { isTerminal, type Run } from "../../app/history/run.ts";
import { createWebApp } from "../../app/web/app.ts";
import { VirtualClock } from "./clock.ts";
import { makeFolder, type TestFolder } from "./folder.ts";
import { keptJournal } from "./journal.ts";

export const START = "2026-03-10T10:00:00Z";

export interface TestCarillon extends AsyncDisposable {
  readonly carillon: Carillon;
  readonly clock: VirtualClock;
  readonly folder: TestFolder;
  readonly config: Config;
  /** What was logged. */
  readonly lines: readonly string[];
  /** Asks the web application, as a program that is no browser. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Waits until a run has ended; real time is not waited for, only the worker. */
  ended(runId: string): Promise<Run>;
  /** Stops, and starts anew on the same folder. */
  restart(after?: Temporal.DurationLike): Promise<TestCarillon>;
}

export interface TestOptions {
  readonly flags?: Readonly<Record<string, string>>;
  /** Text of carillon.ini. */
  readonly ini?: string;
  readonly start?: string;
}

/** @param files by their path in the folder, such as `tasks/hello.ts` */
export async function startCarillon(
  files: Readonly<Record<string, string>>,
  options: TestOptions = {},
): Promise<TestCarillon> {
  const folder = makeFolder(files);
  try {
    return await startIn(folder, options);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function startIn(folder: TestFolder, options: TestOptions): Promise<TestCarillon> {
  const { journal, lines } = keptJournal();
  const clock = new VirtualClock(options.start ?? START);
  const config = readConfig({
    folder: folder.path,
    ...(options.ini === undefined ? {} : { file: { name: "carillon.ini", text: options.ini } }),
    environment: {},
    flags: { timezone: "UTC", "history-file": join(folder.path, "history.db"), ...options.flags },
  });
  const carillon = await Carillon.open(config, clock, journal);
  carillon.start();
  const app = createWebApp({ carillon, version: "1.2.3" });
  let kept = false;
  return {
    carillon,
    clock,
    folder,
    config,
    lines,
    fetch: async (path, init) => await app.request(`http://localhost:8398${path}`, init),
    async ended(runId) {
      for await (const run of carillon.runner.follow(runId)) {
        if (isTerminal(run.status)) return run;
      }
      throw new Error(`run ${runId} is not in the history`);
    },
    async restart(after = { seconds: 0 }) {
      kept = true;
      await carillon.stop();
      return await startIn(folder, { ...options, start: instantOf(clock.now()).add(after).toString() });
    },
    async [Symbol.asyncDispose]() {
      await carillon.stop();
      if (!kept) await folder[Symbol.asyncDispose]();
    },
  };
}

/** Lets time pass again and again, until the work is done: the workers it waits for are real. */
export async function passWhile(
  work: Promise<unknown>,
  clock: VirtualClock,
  duration: Temporal.DurationLike,
): Promise<void> {
  let done = false;
  const mark = () => {
    done = true;
  };
  void work.then(mark, mark);
  while (!done) await clock.advance(duration);
}

/** Starts a run of a task as a person does; the task and its parameters must be good. */
export async function startRun(
  { carillon }: TestCarillon,
  id: string,
  params: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const task = carillon.registry.tasks.get(id);
  assert.ok(task, JSON.stringify(carillon.registry.broken));
  const answer = await carillon.request(task, Object.entries(params), { cause: "manual" });
  assert.ok(answer.ok);
  return answer.run;
}

/** Waits until the log of a run has a line that reads so. */
export async function logged({ carillon }: TestCarillon, runId: string, text: string): Promise<void> {
  for await (const run of carillon.runner.follow(runId)) {
    if (carillon.history.lines(runId).some((line) => line.text === text)) return;
    assert.ok(!isTerminal(run.status), `the run ended: ${JSON.stringify(run)}`);
  }
}
