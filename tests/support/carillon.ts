/** A whole Carillon in a temporary folder, on a virtual clock, with real workers. */
import { instantOf } from "../../app/base/time.ts";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { History } from "../../app/contracts.ts";
import type { Actor } from "../../app/model/actor.ts";
import { Passwords } from "../../app/auth/passwords.ts";
import { type Application, compose } from "../../app/service/compose.ts";
import { type Config, readConfig } from "../../app/config/config.ts";
import { isTerminal, type Run } from "../../app/model/run.ts";
import type { HostCommand } from "../../app/worker/host_command.ts";
import { createWebApp } from "../../app/web/server.ts";
import { VirtualClock } from "./clock.ts";
import { makeFolder, type TestFolder } from "./folder.ts";
import { keptJournal } from "./journal.ts";
import { bundledHost } from "./program.ts";

export const START = "2026-03-10T10:00:00Z";

/** Who asks in tests. */
export const TESTER: Actor = { channel: "page" };

/** A thousandth of what a hash costs otherwise: at the real cost a test spends its time in them and nowhere else. */
const PASSWORD_COST = 5;

export interface TestCarillon extends AsyncDisposable {
  readonly carillon: Application;
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
  /** In place of the one that the settings name. */
  readonly history?: History;
  /** Those whose hashes cost little, unless others are given. */
  readonly passwords?: Passwords;
  /**
   * Whether a host is kept ready before a run needs one. By default it is where a task has a trigger: a clock that is moved
   * goes from one due instant to the next before a host has started.
   */
  readonly keepsHostReady?: boolean;
  /** In place of the program as it was bundled for the tests. */
  readonly hostCommand?: HostCommand;
}

/** @param files by their path in the folder, such as `tasks/hello.ts` */
export async function startCarillon(
  files: Readonly<Record<string, string>>,
  options: TestOptions = {},
): Promise<TestCarillon> {
  const folder = makeFolder(files);
  try {
    const keepsHostReady = Object.values(files).some((text) => /trigger/i.test(text));
    return await startIn(folder, { keepsHostReady, ...options });
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** The same for a test that moves no clock over a due instant: no host is started that nobody has asked for. */
export async function startStill(
  files: Readonly<Record<string, string>>,
  options: TestOptions = {},
): Promise<TestCarillon> {
  return await startCarillon(files, { keepsHostReady: false, ...options });
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
  const descriptions = join(config.scheduler.data, "descriptions.json");
  bringDescriptions(descriptions);
  const passwords = options.passwords ?? new Passwords(PASSWORD_COST);
  const { history, keepsHostReady, hostCommand = bundledHost } = options;
  const carillon = await compose(config, clock, journal, {
    history,
    passwords,
    keepsHostReady,
    hostCommand,
  });
  await carillon.start();
  const { operations, queries, auth, hooks } = carillon;
  const app = createWebApp({ operations, queries, auth, hooks, journal, version: "1.2.3" });
  let kept = false;
  return {
    carillon,
    clock,
    folder,
    config,
    lines,
    fetch: async (path, init) => await app.request(`http://localhost:8398${path}`, init),
    async ended(runId) {
      for await (const run of queries.runs.follow(runId)) {
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
      takeDescriptions(descriptions);
      if (!kept) await folder[Symbol.asyncDispose]();
    },
  };
}

/** The file of descriptions that the last Carillon of this test file has left: a file that it has loaded is known by it. */
let known: Uint8Array | undefined;

/** A folder starts with what is known already, as it does after a restart: each task file is loaded by a host once. */
function bringDescriptions(path: string): void {
  if (!known || existsSync(path)) return;
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  Deno.writeFileSync(path, known, { mode: 0o600 });
}

function takeDescriptions(path: string): void {
  if (existsSync(path)) known = Deno.readFileSync(path);
}

/** How long real work is left alone each time, in milliseconds. */
const PAUSE_MS = 2;

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
  while (!done) {
    await clock.advance(duration);
    // A clock that spins takes the processor from the work that it waits for.
    await setTimeout(PAUSE_MS);
  }
}

/** Starts a run of a task as a person does; the task and its parameters must be good. */
export async function startRun(
  { carillon }: TestCarillon,
  id: string,
  params: Readonly<Record<string, string>> = {},
): Promise<Run> {
  assert.ok(carillon.queries.tasks.find(id), JSON.stringify(carillon.queries.tasks.broken()));
  const answer = await carillon.operations.run(TESTER, id, Object.entries(params));
  assert.ok(answer.ok);
  return answer.run;
}

/** Waits until the log of a run has a line that reads so. */
export async function logged({ carillon }: TestCarillon, runId: string, text: string): Promise<void> {
  for await (const run of carillon.queries.runs.follow(runId)) {
    if ((await carillon.queries.runs.lines(runId)).some((line) => line.text === text)) return;
    assert.ok(!isTerminal(run.status), `the run ended: ${JSON.stringify(run)}`);
  }
}
