/**
 * What a task's looks at its folders mean: which files are complete and new, which ones were only renamed, and what can
 * be forgotten. Pure: it is told what was seen, and reads nothing.
 */
import type { EpochMs } from "../../base/time.ts";
import type { Arrival, FileVersion } from "../../model/arrival.ts";
import type { FoundFile, Look } from "./look.ts";

/** Files that are gone and still known, the newest: a disk that is mounted again brings no new files. */
const MAX_GONE = 10_000;
/** So many looks after a file has gone it may be there again under another name: a folder is not read in one moment. */
const RENAMED_WITHIN = 1;

/** A file that was taken; `gone` is the number of the look that did not find it any more. */
interface Known extends Arrival {
  readonly gone?: number | undefined;
}

interface Pending {
  readonly version: FileVersion;
  /** How many looks have found it like this. */
  readonly looks: number;
}

export class SeenFiles {
  readonly #known = new Map<string, Known>();
  /** Their paths, by their moments. */
  readonly #paths = new Map<EpochMs, string>();
  #pending = new Map<string, Pending>();
  /** Files that have gone in the last looks, by their number on the disk. */
  #justGone: ReadonlyMap<number, readonly Known[]> = new Map();
  #look = 0;

  /** @param arrivals what was taken before @param looks how many have to find a file alike before it is complete */
  constructor(arrivals: readonly Arrival[], readonly looks: number) {
    for (const each of arrivals) {
      // Of a file that was written again, the last content counts.
      this.#forget(each.path);
      this.#keep(each);
    }
  }

  get size(): number {
    return this.#known.size;
  }

  /** All that is known, in the order it was taken. */
  get arrivals(): readonly Arrival[] {
    return [...this.#known.values()].map(({ path, version, at, settled }) => ({
      path,
      version,
      at,
      settled,
    }));
  }

  /** Takes a look in; answers with the files that are complete and new, the oldest first, and with those renamed. */
  take({ files, unread }: Look): {
    readonly ready: readonly FoundFile[];
    readonly renamed: readonly Arrival[];
  } {
    this.#look++;
    this.#noteGone(files, unread);
    const renamed: Arrival[] = [];
    const ready: FoundFile[] = [];
    const pending = new Map<string, Pending>();
    for (const file of files.values()) {
      const { path, version } = file;
      if (this.#isKnown(path, version)) continue;
      const known = this.#underAnotherName(version);
      if (known) {
        renamed.push(this.#rename(known, path, version));
        continue;
      }
      const before = this.#pending.get(path);
      const looks = before && isAlike(before.version, version) ? before.looks + 1 : 1;
      pending.set(path, { version, looks });
      if (looks >= this.looks) ready.push(file);
    }
    this.#pending = pending;
    ready.sort((a, b) => a.version.modified - b.version.modified || (a.path < b.path ? -1 : 1));
    return { ready, renamed };
  }

  /** A moment that no file has: this one, or one just behind it. */
  momentFor(now: EpochMs): EpochMs {
    let at = now;
    while (this.#paths.has(at)) at++;
    return at;
  }

  /** The file is about to be given to a run. */
  begin(path: string, version: FileVersion, at: EpochMs): void {
    this.#pending.delete(path);
    // What is taken last stands last.
    this.#forget(path);
    this.#keep({ path, version, at, settled: false });
  }

  /** Its run has begun. False where no file has this moment, or it is settled already. */
  settle(at: EpochMs): boolean {
    const known = this.#known.get(this.#paths.get(at) ?? "");
    if (!known || known.settled) return false;
    this.#keep({ ...known, settled: true });
    return true;
  }

  /** It was not given to a run after all: it is new again. */
  giveBack(at: EpochMs): void {
    this.#forget(this.#paths.get(at) ?? "");
  }

  #isKnown(path: string, version: FileVersion): boolean {
    const known = this.#known.get(path);
    if (!known || !isAlike(known.version, version)) return false;
    // It was away: the same file on a disk that is back, or one that somebody has put there again.
    const isBack = known.gone !== undefined && this.#look - known.gone > RENAMED_WITHIN;
    if (isBack && known.version.changed !== version.changed) return false;
    this.#known.set(path, { ...known, version, gone: undefined });
    return true;
  }

  #keep(known: Known): void {
    this.#known.set(known.path, known);
    this.#paths.set(known.at, known.path);
  }

  #forget(path: string): void {
    const known = this.#known.get(path);
    if (known && this.#paths.get(known.at) === path) this.#paths.delete(known.at);
    this.#known.delete(path);
  }

  /** The file as it was taken, where it had another name then. */
  #underAnotherName(version: FileVersion): Known | undefined {
    if (version.inode === undefined) return undefined;
    return this.#justGone.get(version.inode)?.find(({ version: before }) => isAlike(before, version));
  }

  #rename(known: Known, path: string, version: FileVersion): Arrival {
    // Where two have changed their names for each other, the other one stands there by now.
    if (this.#known.get(known.path) === known) this.#forget(known.path);
    this.#forget(path);
    const { at, settled } = known;
    const renamed = { path, version, at, settled };
    this.#keep(renamed);
    return renamed;
  }

  #noteGone(files: Look["files"], unread: readonly string[]): void {
    const gone: Known[] = [];
    const just: Known[] = [];
    for (const known of this.#known.values()) {
      if (files.has(known.path)) {
        // Another file may have taken its name.
        if (!isSameFile(files.get(known.path)?.version, known.version)) just.push(known);
        continue;
      }
      if (unread.some((folder) => isBeneath(known.path, folder))) continue;
      const { gone: since = this.#look } = known;
      const away = known.gone === since ? known : { ...known, gone: since };
      this.#known.set(known.path, away);
      gone.push(away);
      if (this.#look - since <= RENAMED_WITHIN) just.push(away);
    }
    this.#justGone = Map.groupBy(
      just.flatMap((each) => each.version.inode === undefined ? [] : [each]),
      ({ version }) => version.inode ?? 0,
    );
    for (const { path } of gone.slice(0, Math.max(0, gone.length - MAX_GONE))) this.#forget(path);
  }
}

/** The same content, as far as size and time tell. */
export function isAlike(a: FileVersion, b: FileVersion): boolean {
  return a.bytes === b.bytes && a.modified === b.modified;
}

function isSameFile(a: FileVersion | undefined, b: FileVersion): boolean {
  return a !== undefined && a.inode === b.inode;
}

function isBeneath(path: string, folder: string): boolean {
  return path.startsWith(folder === "/" ? folder : `${folder}/`);
}
