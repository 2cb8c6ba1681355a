/** Old day files go, whole; a line of the chain says up to where, so that their absence is no gap. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs } from "../base/time.ts";
import { dayFileOf, dayFiles } from "./files.ts";
import { type Link, readLine } from "./line.ts";
import { linesBackwards } from "./read_lines.ts";

const DAY_MS = 86_400_000;
export const RETENTION_ACTION = "audit.retention";

/** What goes next. */
export interface Surplus {
  readonly path: string;
  /** Its last line. */
  readonly to: Link;
}

/** The oldest file, where it is older than is kept; undefined where nothing is. @param days 0 for ever */
export function surplusOf(folder: string, days: number, now: EpochMs): Surplus | undefined {
  if (days === 0) return undefined;
  const [oldest, ...rest] = dayFiles(folder);
  if (oldest === undefined || rest.length === 0 || oldest >= dayFileOf(now - days * DAY_MS)) return undefined;
  const path = join(folder, oldest);
  for (const text of linesBackwards(path)) {
    const line = readLine(text);
    if (line) return { path, to: { n: line.n, hash: line.hash } };
  }
  // Nothing in it can be read, so nothing can be said of it: it stays, and whoever verifies is told.
  return undefined;
}

export function removeSurplus({ path }: Surplus): void {
  rmSync(path, { force: true });
}
