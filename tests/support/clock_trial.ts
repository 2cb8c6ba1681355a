/**
 * A trial of the executable in real time: its system clock is set forward and back (faketime), it is halted (SIGSTOP) and
 * killed, and every due instant of what it went through has one record.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { instantOf } from "../../app/base/time.ts";
import { openToRead } from "../../app/history/sqlite/reading.ts";
import type { Run } from "../../app/model/run.ts";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { cron, every } from "../../app/trigger/declare.ts";
import { attributedInstants } from "./attributed.ts";
import { type BinaryRun, startBinaryIn } from "./binary.ts";
import { makeFolder, type TestFolder } from "./folder.ts";
import { randomFrom } from "./random.ts";

const LIBRARIES = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];
const CLOCK_FILE = "clock_offset";
/** That the clock was set is noticed within this, and what was missed is recorded. */
const NOTICED_MS = 7_000;
/** How exactly it is known when the program sees a step. */
const BLUR_MS = 1_500;

const LAST_OFFSET_MS = 2 * 3_600_000;

const TRIGGERS = {
  rhythm: every({ seconds: 2, startDate: "2026-01-01T00:00:00Z" }),
  // No star in its hours: wall times that do not come again.
  fixed: cron({ hour: "0-23", minute: "0-59", second: "*/7" }),
};

/** Where faketime is; undefined where it is not installed. */
export function fakeTimeLibrary(): string | undefined {
  return LIBRARIES.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      // It is not there.
      return false;
    }
  });
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

export interface TrialOutcome {
  readonly steps: readonly string[];
  readonly records: number;
  readonly instants: number;
  /** Instants of the stretches that the program went through, each found in one record. */
  readonly checked: number;
}

/** The program and its clock. */
class Trial {
  lived: Interval[] = [];
  readonly steps: string[] = [];
  #offset = 0;
  #since = 0;

  constructor(readonly library: string, readonly folder: TestFolder, public app: BinaryRun) {
    this.#since = this.wall();
  }

  /** The time as the program sees it. */
  wall(): number {
    return Date.now() + this.#offset;
  }

  say(step: string): void {
    this.steps.push(`${instantOf(Date.now())} ${step}`);
  }

  /** What has passed until now was lived through. */
  #pass(): void {
    const now = this.wall();
    if (now > this.#since) this.lived.push({ from: this.#since, to: now });
    this.#since = now;
  }

  async set(offset: number): Promise<void> {
    this.#pass();
    const by = offset - this.#offset;
    this.say(`the clock is set ${by > 0 ? "forward" : "back"} by ${Math.abs(by / 1_000)} s`);
    this.folder.write(CLOCK_FILE, offsetText(offset));
    this.#offset = offset;
    const now = this.wall();
    if (by > 0) this.lived.push({ from: this.#since, to: now });
    // What lies ahead again is still to come, or has its record.
    else {this.lived = this.lived.filter(({ from }) => from < now).map(({ from, to }) => ({
        from,
        to: Math.min(to, now),
      })
      );}
    this.#since = now;
    await pause(NOTICED_MS);
  }

  async halt(ms: number): Promise<void> {
    this.say(`halted for ${ms / 1_000} s`);
    Deno.kill(this.app.pid, "SIGSTOP");
    await pause(ms);
    Deno.kill(this.app.pid, "SIGCONT");
    await pause(NOTICED_MS);
  }

  async kill(ms: number): Promise<void> {
    this.say(`killed, started again after ${ms / 1_000} s`);
    await this.app.end("SIGKILL");
    await pause(ms);
    this.app = await startFaked(this.library, this.folder);
    await pause(NOTICED_MS);
  }

  end(): void {
    this.#pass();
  }
}

function offsetText(ms: number): string {
  return `${ms < 0 ? "-" : "+"}${Math.abs(ms) / 1_000}\n`;
}

async function startFaked(library: string, folder: TestFolder): Promise<BinaryRun> {
  return await startBinaryIn(folder, ["--history-keep=1000000"], {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: join(folder.path, CLOCK_FILE),
    FAKETIME_NO_CACHE: "1",
    // Else the runtime's own timers stand still.
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  });
}

/** @param ms how long it takes at the least; @throws AssertionError for an instant with no record, or two */
export async function clockTrial(library: string, ms: number, seed: number): Promise<TrialOutcome> {
  const random = randomFrom(seed);
  const task = (trigger: string) =>
    `import { cron, defineTask, every } from "carillon"; export default defineTask({ executor: "shared", misfire: { grace: "1s" }, trigger: ${trigger}, run() {} });`;
  await using folder = makeFolder({
    [CLOCK_FILE]: offsetText(0),
    "tasks/rhythm.ts": task(`every({ seconds: 2, startDate: "2026-01-01T00:00:00Z" })`),
    "tasks/fixed.ts": task(`cron({ hour: "0-23", minute: "0-59", second: "*/7" })`),
  });
  const whole = (least: number, most: number) => Math.floor(least + random() * (most - least));
  const trial = new Trial(library, folder, await startFaked(library, folder));
  try {
    await trial.app.logged("task rhythm: ");
    const begun = Date.now();
    const steps: (() => Promise<void>)[] = [
      () => trial.set(3_600_000),
      () => trial.set(0),
      () => trial.halt(whole(4_000, 10_000)),
      () => trial.kill(whole(1_000, 6_000)),
      () => trial.set(-whole(2_000, 60_000)),
      () => trial.set(whole(2_000, 600_000)),
    ];
    for (let step = 0; Date.now() - begun < ms; step++) {
      const chosen = step < steps.length ? step : Math.floor(random() * steps.length);
      await steps[chosen]?.();
      await pause(random() * 3_000);
    }
    // At last beyond whatever it went through: each instant of it has to have its record then.
    await trial.set(LAST_OFFSET_MS);
    trial.end();
    await trial.app.end("SIGTERM");
    return checked(trial, seed);
  } finally {
    await trial.app.end("SIGKILL");
  }
}

/** The records that stand for several instants, for whoever looks for one that is lost. */
function stretches(runs: readonly Run[]): string {
  return runs.filter(({ instants }) => instants !== 1).map(({ scheduledAt = 0, status, instants, message }) =>
    `${instantOf(scheduledAt)} ${status} ${instants}: ${message}`
  ).join("\n");
}

function checked({ folder, lived, steps, app }: Trial, seed: number): TrialOutcome {
  const history = openToRead(join(folder.path, "data/carillon.db"));
  const runs = [...history.runs()];
  history.close();
  const label = `seed ${seed}\n${steps.join("\n")}\n`;
  let instants = 0;
  let found = 0;
  for (const [taskId, spec] of Object.entries(TRIGGERS)) {
    const trigger = compileTrigger(spec, { timezone: "UTC", anchor: 0 });
    const own = runs.filter((run) => run.taskId === taskId);
    const taken = attributedInstants(own, () => trigger, label);
    instants += taken.size;
    for (const { from, to } of lived) {
      const end = to - BLUR_MS;
      for (let at = trigger.nextMs(from + BLUR_MS); at !== null && at <= end; at = trigger.nextMs(at)) {
        assert.ok(
          taken.has(at),
          `${label}${taskId}: ${instantOf(at)} has no record\n${stretches(own)}\n${app.log().slice(-2_000)}`,
        );
        found++;
      }
    }
  }
  return { steps, records: runs.length, instants, checked: found };
}
