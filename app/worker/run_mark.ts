/** In a shared host: writes down which run's code is being executed, for the clock to read when nothing answers any more. */
import { closeSync, openSync } from "node:fs";
import { currentRun } from "../sdk/current_run.ts";
import { runtimeCore } from "./runtime_core.ts";
import type { SystemCalls } from "./system_calls.ts";

/** Bytes of the file: one number. */
export const MARK_BYTES = 4;

/**
 * The numbers go to memory that the file shares: that costs no call of the system, and the file can be read while this
 * thread is in an endless loop.
 *
 * @returns what is called when a run begins; undefined where memory cannot be shared
 */
export function markRuns(file: string, calls: SystemCalls | undefined): ((run: number) => void) | undefined {
  // The runtime does not name its files' descriptors; node's are the system's own.
  const descriptor = openSync(file, "r+");
  const memory = calls?.sharedFile(systemDescriptor(file) ?? descriptor, MARK_BYTES);
  closeSync(descriptor);
  if (!memory) return undefined;
  const mark = new Int32Array(memory);
  runtimeCore()?.setPromiseHooks?.(
    undefined,
    () => {
      const run = currentRun.getStore();
      if (run) mark[0] = run.number;
    },
    undefined,
    undefined,
  );
  return (run) => {
    mark[0] = run;
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
