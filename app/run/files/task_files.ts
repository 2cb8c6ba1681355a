/**
 * The new files of one task: it looks at the folders again and again, and gives each complete file to a run as soon as
 * the task has room for one. What waits, waits in its folder.
 */
import { messageOf } from "../../base/errors.ts";
import { systemReason } from "../../base/system_error.ts";
import type { EpochMs } from "../../base/time.ts";
import type { ArrivalLog, Clock, RunReader } from "../../contracts.ts";
import type { Arrival, ArrivalEntry } from "../../model/arrival.ts";
import type { Run } from "../../model/run.ts";
import { type FilesPolicy, LOOK_MS } from "../../policy/files.ts";
import { sleep } from "../../scheduler/clock.ts";
import { type FoundFile, type Look, versionOf } from "./look.ts";
import { isAlike, SeenFiles } from "./seen.ts";

export interface TaskFilesParts {
  readonly clock: Clock;
  readonly log: ArrivalLog;
  readonly runs: Pick<RunReader, "find">;
  /** What is in the folders now. */
  readonly look: (patterns: readonly string[]) => Promise<Look>;
  /** True while the task may have another run: it is there, active, open, and has room. */
  readonly hasRoom: () => boolean;
  /** True while the run of the file with this moment waits or goes on. */
  readonly isLive: (at: EpochMs) => boolean;
  /** Starts the run of a file. */
  readonly start: (file: FoundFile, at: EpochMs) => void;
  /** Called with a run that was cut off before it began and whose file is gone: none follows. */
  readonly onLost: (run: Run) => void;
  /** Called with what is wrong, in a sentence; with undefined once nothing is. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

/** Many files are looked at less often: so many of them add the usual pause once more. */
const FILES_A_LOOK = 5_000;
/** A disk that does not answer for so long is said, in milliseconds. */
const NO_ANSWER_MS = 60_000;
/** What is being written is waited for so long, in milliseconds. */
const STOP_MS = 2_000;
/** The file is written anew where this many entries, and as many as there are files, were added. */
const MAX_ADDED = 1_000;
/** A run is queued within so long of its file's moment, and so many are looked at. */
const BESIDE_MS = 10_000;
const LOOKED_AT = 10_000;

export class TaskFiles {
  readonly #stop = new AbortController();
  #seen: SeenFiles | undefined;
  /** Moments of runs that began while it was read what was taken before. */
  readonly #early: EpochMs[] = [];
  /** Runs that were cut off before they began; their files are new again where they are there. */
  readonly #cutOff: { readonly path: string; readonly run: Run }[] = [];
  /** Complete and new, the oldest first. */
  #ready: FoundFile[] = [];
  /** One thing after the other: looks, giving files to runs, writing. */
  #work: Promise<void> = Promise.resolve();
  #added = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(readonly taskId: string, readonly policy: FilesPolicy, readonly parts: TaskFilesParts) {}

  start(): void {
    this.#loop = this.#run(this.#stop.signal);
  }

  /** A disk that does not answer is not waited for. */
  async stop(): Promise<void> {
    this.#stop.abort("the watch stops");
    await this.#loop;
    const given = new AbortController();
    await Promise.race([this.#work, sleep(this.parts.clock, STOP_MS, given.signal).catch(() => {})]);
    given.abort();
  }

  /** Looks at the folders now. */
  look(): Promise<void> {
    return this.#next(() => this.#look());
  }

  /** Gives files to runs, as far as there is room. */
  fill(): Promise<void> {
    return this.#next(() => this.#fill());
  }

  /** A run of a file has begun, or was cancelled before: it is not taken again. */
  settle(at: EpochMs): void {
    if (!this.#seen) this.#early.push(at);
    if (this.#seen?.settle(at)) void this.#next(() => this.#add([{ kind: "settled", at }]));
  }

  async #run(signal: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => over.resolve(), { once: true });
    while (!signal.aborted) {
      await Promise.race([this.#lookWithin(signal), over.promise]);
      await sleep(this.parts.clock, this.#pauseMs, signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  /** Says so where the disk does not answer, and goes on waiting for it. */
  async #lookWithin(signal: AbortSignal): Promise<void> {
    const answered = new AbortController();
    const end = () => answered.abort();
    signal.addEventListener("abort", end, { once: true });
    void sleep(this.parts.clock, NO_ANSWER_MS, answered.signal).then(
      () => this.parts.onTrouble(`the folders of ${this.policy.files.join(", ")} do not answer`),
      // It has answered.
      () => {},
    );
    try {
      await this.look();
    } finally {
      answered.abort();
      signal.removeEventListener("abort", end);
    }
  }

  get #pauseMs(): number {
    return LOOK_MS * (1 + Math.floor((this.#seen?.size ?? 0) / FILES_A_LOOK));
  }

  /** What goes wrong is said, and tried again with the next look. */
  #next(work: () => Promise<void>): Promise<void> {
    return this.#work = this.#work.then(async () => {
      if (this.#stop.signal.aborted) return;
      try {
        await work();
      } catch (error) {
        this.parts.onTrouble(messageOf(error));
      }
    });
  }

  async #look(): Promise<void> {
    const seen = this.#seen ??= await this.#restored();
    for (const at of this.#early.splice(0)) this.settle(at);
    const found = await this.parts.look(this.policy.files);
    // It took too long: another watch may be at work by now.
    if (this.#stop.signal.aborted) return;
    if (found.unread.length === 0) {
      for (const { path, run } of this.#cutOff.splice(0)) {
        if (!found.files.has(path)) this.parts.onLost(run);
      }
    }
    const { ready, renamed } = seen.take(found);
    this.#ready = [...ready];
    if (renamed.length > 0) await this.#add(renamed.map((each) => ({ kind: "renamed", ...each })));
    await this.#fill();
    this.parts.onTrouble(found.troubles.length === 0 ? undefined : found.troubles.slice(0, 3).join("; "));
  }

  async #fill(): Promise<void> {
    while (this.parts.hasRoom() && !this.#stop.signal.aborted) {
      const file = this.#ready.shift();
      if (!file) return;
      const now = await versionOf(file.path);
      // It is gone, or is being written again: the next looks see to it.
      if (now && isAlike(now, file.version)) await this.#begin({ ...file, version: now });
    }
  }

  /** It is written down first: from then on it has one run, whatever happens. */
  async #begin(file: FoundFile): Promise<void> {
    const { path, version } = file;
    const seen = this.#seen;
    if (!seen) return;
    const at = seen.momentFor(this.parts.clock.now());
    await this.#add([{ kind: "taken", path, version, at }]);
    seen.begin(path, version, at);
    // Meanwhile a person may have paused the task, or another run has begun.
    if (!this.parts.hasRoom()) {
      seen.giveBack(at);
      this.#ready.unshift(file);
      return;
    }
    try {
      this.parts.start(file, at);
    } catch (error) {
      seen.giveBack(at);
      throw error;
    }
  }

  async #add(entries: readonly ArrivalEntry[]): Promise<void> {
    const { log } = this.parts;
    try {
      await log.add(this.taskId, entries);
    } catch (cause) {
      throw new Error(`that a file is taken cannot be written down, so none is: ${systemReason(cause)}`, {
        cause,
      });
    }
    this.#added += entries.length;
    const seen = this.#seen;
    if (!seen || this.#added < Math.max(MAX_ADDED, seen.size)) return;
    await log.replace(this.taskId, seen.arrivals);
    this.#added = 0;
  }

  /** What was taken before this start. What has no run that began, and none that waits, is new again. */
  async #restored(): Promise<SeenFiles> {
    const arrivals: Arrival[] = [];
    this.#cutOff.length = 0;
    for (const each of await this.#written()) {
      // Asked first: a run that has ended by then is in the history.
      if (!each.settled && this.parts.isLive(each.at)) {
        arrivals.push(each);
        continue;
      }
      const run = each.settled ? undefined : await this.#runOf(each.at);
      if (each.settled || (run && wasBegun(run))) arrivals.push({ ...each, settled: true });
      else if (run) this.#cutOff.push({ path: each.path, run });
    }
    const seen = new SeenFiles(arrivals, 1 + Math.ceil(this.policy.stillMs / LOOK_MS));
    await this.parts.log.replace(this.taskId, seen.arrivals);
    return seen;
  }

  async #written(): Promise<readonly Arrival[]> {
    try {
      return await this.parts.log.read(this.taskId);
    } catch (cause) {
      throw new Error(`which files were taken cannot be read, so none is: ${systemReason(cause)}`, { cause });
    }
  }

  async #runOf(at: EpochMs): Promise<Run | undefined> {
    const { runs } = this.parts;
    const found = await runs.find({
      taskId: this.taskId,
      from: at - BESIDE_MS,
      to: at + BESIDE_MS,
      limit: LOOKED_AT,
    });
    const own = found.filter((run) => run.scheduledAt === at && run.cause === "file");
    return own.find(wasBegun) ?? own[0];
  }
}

/** True for a run that began, or that somebody has cancelled before; false for one that was cut off while it waited. */
export function wasBegun({ startedAt, status }: Run): boolean {
  return startedAt !== undefined || (status !== "queued" && status !== "interrupted");
}
