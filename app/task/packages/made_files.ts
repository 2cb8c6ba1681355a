/** Files that were made in folders of ours, and which of them somebody has removed since: found out by looking at the folders. */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** @template What says how a file is made again */
export class MadeFiles<What> {
  readonly #folders = new Map<string, Map<string, What>>();
  /** What a folder was like when all its files were there. */
  readonly #stamps = new Map<string, string>();

  add(path: string, what: What): void {
    const folder = dirname(path);
    const files = this.#folders.get(folder) ?? new Map<string, What>();
    this.#folders.set(folder, files.set(path, what));
  }

  /** It need not be there any more. */
  forget(path: string): void {
    this.#folders.get(dirname(path))?.delete(path);
  }

  /**
   * The files that are gone. A folder in which nothing was added or removed since is not looked into: some 5 µs each.
   * Files are looked for again until they are there.
   */
  lost(): What[] {
    const lost: What[] = [];
    for (const [folder, files] of this.#folders) {
      const stamp = stampOf(folder);
      if (stamp !== undefined && stamp === this.#stamps.get(folder)) continue;
      const gone = [...files].filter(([path]) => !existsSync(path)).map(([, what]) => what);
      lost.push(...gone);
      if (gone.length === 0 && stamp !== undefined) this.#stamps.set(folder, stamp);
    }
    return lost;
  }
}

/**
 * The time of the last change (ctime) cannot be set by anybody, but the runtime gives it in whole seconds; when the folder was
 * written in milliseconds.
 */
function stampOf(folder: string): string | undefined {
  const facts = statSync(folder, { bigint: true, throwIfNoEntry: false });
  return facts && `${facts.ino} ${facts.mtimeNs} ${facts.ctimeNs}`;
}
