/**
 * Watches the task folder and has it read when something in it has changed. The system's own watch is quick and forgets:
 * it dies with the folder, and does not follow a link that leads elsewhere. A slow look every 30 seconds backs it up.
 */
import { messageOf } from "../base/errors.ts";
import type { Clock, Service } from "../contracts.ts";
import { sleep } from "../scheduler/clock.ts";
import { type FolderState, stateOf } from "./folder_state.ts";
import { type Watcher, watchFolders } from "./inotify.ts";

/** How often the system is asked what has happened. */
const ASK_MS = 100;
/** Editors write a file in several steps; after so many answers without news the last one is held to be over. */
const QUIET_ASKS = 2;
/** Whoever writes without a pause does not keep the folder from being read. */
const LATEST_ASKS = 20;
/** How often it is asked about what the files depend on outside of the folder. */
const BESIDE_ASKS = 10;
/** Whoever installs packages takes a while: after so many answers of one kind it is held to be over. */
const BESIDE_QUIET_ASKS = 2;
const BESIDE_LATEST_ASKS = 60;
/** How often it is looked where the system watches, and where it does not. */
export const LOOK_MS = 30_000;
export const LOOK_UNWATCHED_MS = 5_000;

export interface FolderWatchParts {
  readonly folder: string;
  readonly clock: Clock;
  /** Reads the folder. Rejects where it cannot be read, which whoever reads it reports; it is tried again. */
  readonly reload: () => Promise<{
    /** True where something could not be read that may be readable later, though nothing changes. */
    readonly mayReadMore: boolean;
  }>;
  /**
   * What has changed outside of the folder since it was read that its files depend on: a text that goes on changing while
   * that does, undefined where nothing has. It is asked each second.
   */
  readonly beside?: (() => string | undefined) | undefined;
  /** Called with a sentence where changes are not noticed at once. */
  readonly onTrouble: (sentence: string) => void;
  /** In place of the system's. */
  readonly open?: ((folders: readonly string[]) => Watcher | undefined) | undefined;
}

export class FolderWatch implements Service {
  readonly #stopping = new AbortController();
  #watcher: Watcher | undefined;
  /** Which folders are watched. */
  #watched = "";
  #trouble: string | undefined;
  /** What the folder was like when it was read last; undefined where it has to be read again in any case. */
  #stamp: string | undefined;
  /** News that the folder has not been read for: how often it was asked since the first of it, and since the last. */
  #news: { first: number; last: number } | undefined;
  #beside: { text: string; first: number; last: number } | undefined;
  #asks = 0;
  #lookedMs = 0;
  #loop: Promise<void> | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(readonly parts: FolderWatchParts) {}

  /** Begins to watch and reads the folder once: what was written before is not passed over. */
  async start(): Promise<void> {
    await this.#read();
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("Carillon is stopping"));
    await this.#loop;
    await this.#reading;
    this.#close();
  }

  /** Reads the folder where it has changed, or was not read to the end. */
  async look(): Promise<void> {
    this.#lookedMs = 0;
    await this.#reading;
    const { stamp } = this.#keepWatching(await stateOf(this.parts.folder));
    if (stamp !== this.#stamp) await this.#read();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      try {
        await sleep(this.parts.clock, ASK_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      const isBesideSettled = ++this.#asks % BESIDE_ASKS === 0 && this.#isBesideSettled();
      if (this.#isSettled() || isBesideSettled) await this.#read();
      this.#lookedMs += ASK_MS;
      if (this.#lookedMs >= (this.#watcher ? LOOK_MS : LOOK_UNWATCHED_MS)) await this.look();
    }
  }

  /** Asks the system. True once what has happened is over, or goes on for too long. */
  #isSettled(): boolean {
    if (this.#news) {
      this.#news.first++;
      this.#news.last++;
    }
    if (this.#hasNews()) this.#news = { first: this.#news?.first ?? 0, last: 0 };
    return this.#news !== undefined &&
      (this.#news.last >= QUIET_ASKS || this.#news.first >= LATEST_ASKS);
  }

  /** True once what goes on outside of the folder is over, or goes on for too long. */
  #isBesideSettled(): boolean {
    const text = this.parts.beside?.();
    if (text === undefined) this.#beside = undefined;
    else {
      const before = this.#beside;
      const last = before?.text === text ? before.last + 1 : 0;
      this.#beside = { text, first: before ? before.first + 1 : 0, last };
    }
    return this.#beside !== undefined &&
      (this.#beside.last >= BESIDE_QUIET_ASKS || this.#beside.first >= BESIDE_LATEST_ASKS);
  }

  #hasNews(): boolean {
    try {
      return this.#watcher?.hasNews() ?? false;
    } catch (error) {
      // The next look begins it again.
      this.#close();
      this.#report(messageOf(error));
      return true;
    }
  }

  /** One reading after the other. */
  #read(): Promise<void> {
    return this.#reading = this.#reading.then(async () => {
      if (this.#stopping.signal.aborted) return;
      this.#news = undefined;
      this.#beside = undefined;
      // The watch begins and the state is taken before: what changes while it is read is read again.
      const { stamp } = this.#keepWatching(await stateOf(this.parts.folder));
      this.#stamp = undefined;
      try {
        const { mayReadMore } = await this.parts.reload();
        if (!mayReadMore) this.#stamp = stamp;
      } catch {
        // It was reported by whoever reads the folder, and is tried again at the next look.
      }
    });
  }

  /** Watches the folders that there are now. */
  #keepWatching(state: FolderState): FolderState {
    const { identity, folders } = state;
    if (this.#watcher && identity === this.#watched) return state;
    this.#close();
    this.#watched = identity;
    if (folders.length === 0) return state;
    try {
      const { open = watchFolders } = this.parts;
      this.#watcher = open(folders);
      if (this.#watcher) this.#trouble = undefined;
      else this.#report("this system has no watch that Carillon knows");
    } catch (error) {
      this.#report(messageOf(error));
    }
    return state;
  }

  #close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #report(why: string): void {
    if (this.#trouble === why) return;
    this.#trouble = why;
    this.parts.onTrouble(
      `the task folder ${this.parts.folder} cannot be watched: ${why}; changes are noticed within ${
        LOOK_UNWATCHED_MS / 1_000
      } s`,
    );
  }
}
