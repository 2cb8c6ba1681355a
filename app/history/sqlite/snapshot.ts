/** A copy of a history file that a Carillon is writing: it lets nobody else in. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Snapshot {
  readonly file: string;
  remove(): void;
}

/** So often a copy is made again that a checkpoint came into. */
const ATTEMPTS = 10;

/**
 * Copies the file and then its WAL. As long as no checkpoint comes in between, the file stays as it is and the WAL only
 * grows, and SQLite reads it up to its last whole transaction.
 */
export function takeSnapshot(file: string): Snapshot {
  const folder = mkdtempSync(join(tmpdir(), "carillon-history-"));
  const copy = join(folder, "history.db");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    for (let i = 0; i < ATTEMPTS; i++) {
      const before = stateOf(file);
      copyFileSync(file, copy);
      if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
      if (stateOf(file) === before) return { file: copy, remove };
    }
    throw new Error("it is written to without a pause; try again");
  } catch (error) {
    remove();
    throw error;
  }
}

function stateOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file);
  return `${ino} ${size} ${mtimeMs}`;
}
