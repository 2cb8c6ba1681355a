/** How many files the system lets this process have open at one time. */
import { readFileSync } from "node:fs";

/** The limit that counts now (`ulimit -n`); undefined where the system does not say. */
export function openFilesLimit(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    // Only Linux has this file.
    return undefined;
  }
}
