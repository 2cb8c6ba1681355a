/** The code of a task as it is kept in the history: a list of its files under the task's version, each text under its own hash. */

/** One of the files that a version of a task is made of. */
export interface CodeFile {
  /** Below the tasks folder. */
  readonly path: string;
  /** Of the file as it was read. */
  readonly hash: string;
  /** Undefined where it is not shown, or not kept any more. */
  readonly text?: string | undefined;
}

/** What is kept under a task's version. */
export function codeList(files: readonly CodeFile[]): string {
  return JSON.stringify(files.map(({ path, hash }) => [path, hash]));
}

/** The list of files that was kept, without their texts; undefined where it is no such list. */
export function readCodeList(kept: string): readonly CodeFile[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(kept);
  } catch {
    // Another program has written to the history: there is no list.
    return undefined;
  }
  if (!Array.isArray(list) || !list.every(isEntry)) return undefined;
  return list.map(([path, hash]) => ({ path, hash }));
}

function isEntry(entry: unknown): entry is readonly [string, string] {
  return Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string";
}
