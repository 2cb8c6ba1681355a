/** The file behind the memory: used while it is good, let go when it fails, opened again when it may be good. */
import { messageOf } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import type { HistoryHealth } from "../model/history.ts";
import { DescriptorReserve } from "./reserve.ts";
import type { Front, OnTrouble } from "./front.ts";
import { Salvages } from "./salvages.ts";
import { HistoryFileError, isDamage } from "./sqlite/errors.ts";
import type { SqliteLedger } from "./sqlite/store.ts";

/** How a history file is opened, and how a damaged one is put out of the way. */
export interface HistoryFile {
  /**
   * Opens the file. Throws a {@link HistoryFileError}.
   *
   * @param isActive true for a run that is going on; other unfinished ones were interrupted
   */
  open(isActive?: (runId: string) => boolean): SqliteLedger;
  /** Moves a damaged file out of the way and answers with its new name. */
  setAside(): string;
  /** True where some megabytes can be written beside the file. */
  canWrite(): boolean;
  /** Gets how many milliseconds each write took, also one that failed. */
  readonly onWritten?: ((ms: number) => void) | undefined;
}

/** How often a file that failed is tried again, and how often one is set aside at the most, in milliseconds. */
const RETRY_MS = 10_000;
const SET_ASIDE_MS = 60_000;
const FUTILE_TRIES = 6;

export class BackingFile {
  readonly #salvages: Salvages;
  readonly #reserve = new DescriptorReserve();
  #file: SqliteLedger | undefined;
  #wasOpen = false;
  #trouble: string | undefined;
  #setAside: string | undefined;
  #rewrittenAt: EpochMs | undefined;
  /** What the trouble is. */
  #error: unknown;
  #triedAt = -Infinity;
  /** How often it was tried again in vain. */
  #futile = 0;
  #setAsideAt = -Infinity;
  #now = -Infinity;

  constructor(readonly source: HistoryFile, readonly front: Front, readonly onTrouble: OnTrouble) {
    this.#salvages = new Salvages(front, onTrouble);
  }

  get isGood(): boolean {
    return this.#file !== undefined;
  }

  health(): HistoryHealth {
    return { trouble: this.#trouble, setAside: this.#setAside, rewrittenAt: this.#rewrittenAt };
  }

  /** Throws a {@link HistoryFileError} for a file that only the operator can decide on; any other trouble is reported. */
  open(): void {
    try {
      this.#file = this.#reserve.use(() => this.source.open(this.front.isActive));
    } catch (error) {
      if (!(error instanceof HistoryFileError) || (error.fault === "refused" && !this.#wasOpen)) throw error;
      if (error.fault === "damaged") this.#replaceDamaged(error);
      else this.#report(error.message, error);
      return;
    }
    this.#giveMissed();
  }

  /** Does a little of what can wait. True where there is more to do. */
  maintain(now: EpochMs): boolean {
    this.#now = now;
    if (!this.#file && Math.abs(now - this.#triedAt) >= RETRY_MS) {
      this.#triedAt = now;
      this.#retry();
    }
    const change = this.read((file) => file.look());
    if (change === "gone") this.#replaceGone(now);
    if (change === "touched") this.#openAgain();
    const more = this.read((file) => file.maintain(now)) ?? false;
    const salvaging = this.read((file) => this.#salvages.step(file, now)) ?? false;
    return more || salvaging;
  }

  /** A file that cannot be used for no reason outside of it, again and again, is damaged, whatever SQLite says. */
  #retry(): void {
    this.open();
    const error = this.#error;
    const isHeld = error instanceof HistoryFileError && error.fault !== "unavailable";
    this.#futile = this.#file || isHeld ? 0 : this.#futile + 1;
    if (this.#futile < FUTILE_TRIES || !this.source.canWrite()) return;
    this.#futile = 0;
    this.#replaceDamaged(error);
  }

  /** False where the file did not take it. */
  write(write: (file: SqliteLedger) => void): boolean {
    const begin = performance.now();
    try {
      return this.read((file) => {
        write(file);
        return true;
      }) ?? false;
    } finally {
      if (this.#file) this.source.onWritten?.(performance.now() - begin);
    }
  }

  /** Undefined where the file cannot be asked. */
  read<T>(read: (file: SqliteLedger) => T): T | undefined {
    if (!this.#file) return undefined;
    try {
      return read(this.#file);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#salvages.close();
    this.#reserve.close();
  }

  #giveMissed(): void {
    const rescued = this.#file?.rescued ?? 0;
    if (rescued > 0) {
      this.onTrouble(
        `the WAL of the history file is damaged; ${rescued} records of runs were read from it`,
        new Error("the WAL is damaged"),
      );
    }
    const ok = this.write((file) => {
      file.batch(() => this.front.give(file));
      this.#salvages.resume(file);
      this.front.onOpened(file);
    });
    if (!ok) return;
    this.#wasOpen = true;
    if (this.#trouble !== undefined) this.onTrouble("the history file is written again");
    this.#trouble = undefined;
  }

  #replaceDamaged(error: unknown): void {
    if (this.#now - this.#setAsideAt < SET_ASIDE_MS) {
      this.#report(`it is damaged again: ${messageOf(error)}`, error);
      return;
    }
    try {
      const kept = this.source.setAside();
      this.#setAside = kept;
      this.#setAsideAt = this.#now;
      this.onTrouble(`the history file is damaged; it is kept as ${kept}, and a new one is begun`, error);
      this.front.missAll();
      this.#salvages.add(kept, { needsStates: !this.#wasOpen });
      this.#file = this.#reserve.use(() => this.source.open(this.front.isActive));
    } catch (cause) {
      this.#letGo();
      this.#report(messageOf(cause), cause);
      return;
    }
    this.#giveMissed();
  }

  /** What is in the file whose name is gone can still be read: it is brought over as from a damaged one. */
  #replaceGone(now: EpochMs): void {
    const file = this.#file;
    if (!file) return;
    this.#file = undefined;
    this.onTrouble(
      `the history file ${file.file} was deleted or replaced while it was in use; it is written again from memory`,
      new Error("deleted or replaced"),
    );
    this.#rewrittenAt = now;
    this.#salvages.addDescriptor(file.abandon());
    this.front.missAll();
    this.open();
  }

  /** Somebody wrote to the file: what SQLite remembers of it is forgotten, and all of it is read and checked. */
  #openAgain(): void {
    this.#letGo();
    this.front.missAll();
    this.open();
  }

  #report(reason: string, error: unknown): void {
    if (this.#trouble !== reason) {
      this.onTrouble(`${reason}; the history is kept in memory until it can be`, error);
    }
    this.#trouble = reason;
    this.#error = error;
  }

  /** Lets the file go: it is opened again when it may be good. */
  #fail(error: unknown): void {
    this.#letGo();
    this.front.missAll();
    if (isDamage(error)) this.#replaceDamaged(error);
    else this.#report(`the history file cannot be written: ${messageOf(error)}`, error);
  }

  #letGo(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.close();
  }
}
