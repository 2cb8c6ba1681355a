/** A WAL that is damaged: SQLite reads it up to the damage and forgets the rest, without a word. */
import { closeSync, openSync, statSync } from "node:fs";
import { DamagedRowError } from "../errors.ts";
import { recordsOf } from "./cells.ts";
import { addTo, headerSum, isLittleEndian, matches, NO_SUM } from "./checksum.ts";
import { framesOf, PAGE_BYTES, Pages, readAt, WAL_HEADER_BYTES } from "./pages.ts";
import { type Found, recognise } from "./shapes.ts";

/**
 * What a damaged WAL holds, before SQLite opens the file and forgets it; nothing where the WAL is whole.
 *
 * @throws DamagedRowError where the file itself is empty and all is in the WAL, which SQLite would remove
 */
export function rescueWal(file: string): readonly Found[] {
  const walBytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (walBytes <= WAL_HEADER_BYTES) return [];
  if (statSync(file).size === 0) throw new DamagedRowError("it is empty, though it has a WAL");
  if (isWhole(`${file}-wal`)) return [];
  const pages = new Pages(file, `${file}-wal`);
  try {
    const found: Found[] = [];
    for (let position = 0; position < pages.walCount; position++) {
      for (const record of recordsOf(pages, position)) {
        const each = recognise(record);
        if (each) found.push(each);
      }
    }
    return found;
  } finally {
    pages.close();
  }
}

/**
 * True where no transaction stands behind a frame that is damaged. What a crash cut off is no damage: a transaction without
 * its last frame, or with the header of that frame alone, behind which the content of an earlier round still stands.
 */
function isWhole(path: string): boolean {
  const wal = openSync(path, "r");
  try {
    const header = readAt(wal, 0, WAL_HEADER_BYTES);
    const littleEndian = isLittleEndian(header);
    const first = headerSum(header);
    let sum = first ?? NO_SUM;
    let good = first !== undefined;
    let expectedAt = WAL_HEADER_BYTES;
    for (const { header: frame, at, commits } of framesOf(wal)) {
      // A gap is a frame whose salts are damaged.
      good &&= at - frame.length === expectedAt;
      expectedAt = at + PAGE_BYTES;
      if (!good && commits) return false;
      if (!good) continue;
      sum = addTo(addTo(sum, frame.subarray(0, 8), littleEndian), readAt(wal, at, PAGE_BYTES), littleEndian);
      good = matches(sum, frame, 16);
    }
    return true;
  } finally {
    closeSync(wal);
  }
}
