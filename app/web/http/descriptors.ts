/** How many connections the descriptors of this process are enough for. */
import { readdirSync } from "node:fs";
import { openFilesLimit } from "../../base/open_files.ts";

/** Where there are few, connections take this part of those that are free: the rest is for files, databases and hosts. */
const SHARE = 0.5;
/** What the dashboard needs to be of use at all. */
const LEAST = 4;

/** At most `wanted`; fewer where the system allows this process too few descriptors (`ulimit -n`). */
export function connectionsFor(wanted: number): number {
  const free = freeDescriptors();
  return free === undefined ? wanted : Math.min(wanted, Math.max(LEAST, Math.floor(free * SHARE)));
}

/** Descriptors that can still be opened; undefined where the system does not say. */
function freeDescriptors(): number | undefined {
  try {
    const limit = openFilesLimit();
    return limit === undefined ? undefined : limit - readdirSync("/proc/self/fd").length;
  } catch {
    // Only Linux has this folder; elsewhere the setting counts alone.
    return undefined;
  }
}
