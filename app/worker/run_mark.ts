/** In a host: writes down which run was begun and whose code is being executed, for the clock to read when nothing answers. */
import { closeSync, openSync } from "node:fs";
import { currentRun } from "../sdk/current_run.ts";
import { runtimeCore } from "./runtime_core.ts";
import type { SystemCalls } from "./system_calls.ts";

/** Places of the file's two numbers. */
export const EXECUTED = 0;
export const BEGUN = 1;
export const MARK_BYTES = 8;

/**
 * The numbers go to memory that the file shares: that costs no call of the system, and the file can be read while this
 * thread is in an endless loop.
 *
 * @param shared true where the runs of this process take turns
 * @returns what is called before a run's code is; undefined where memory cannot be shared with the clock
 */
export function markRuns(
  file: string,
  calls: SystemCalls | undefined,
  shared: boolean,
): ((run: number) => void) | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r+");
  } catch {
    return undefined; // Its name was taken away in the meantime.
  }
  // The runtime does not name its files' descriptors; node's are the system's own.
  const memory = calls?.sharedFile(systemDescriptor(file) ?? descriptor, MARK_BYTES);
  closeSync(descriptor);
  if (!memory) return undefined;
  const mark = new Int32Array(memory);
  const noteTurns = () => {
    const run = currentRun.getStore();
    if (run) mark[EXECUTED] = run.number;
  };
  if (shared) runtimeCore()?.setPromiseHooks?.(undefined, noteTurns, undefined, undefined);
  return (run) => {
    mark[EXECUTED] = mark[BEGUN] = run;
  };
}

function systemDescriptor(file: string): number | undefined {
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (Deno.readLinkSync(`/proc/self/fd/${name}`) === file) return Number(name);
    } catch {
      // The descriptor by which the folder itself was read is closed again.
    }
  }
  return undefined;
}
