/** Watches a folder and calls back when its files have changed and then been quiet for a moment. */
import type { Journal } from "../journal.ts";
import { type Clock, sleep } from "../scheduler/clock.ts";

/** Editors write a file in several steps; so long after the last one the file is held to be complete. */
const QUIET_MS = 150;

const NEWS: readonly string[] = ["create", "modify", "remove", "rename"];

export function watchFolder(
  folder: string,
  clock: Clock,
  onChange: () => Promise<unknown>,
  journal: Journal,
): AsyncDisposable {
  const watcher = Deno.watchFs(folder, { recursive: true });
  const watching = watch();
  return {
    async [Symbol.asyncDispose]() {
      watcher.close();
      await watching;
    },
  };

  async function watch(): Promise<void> {
    let waiting: AbortController | undefined;
    const pending = new Set<Promise<void>>();
    for await (const { kind } of watcher) {
      if (!NEWS.includes(kind)) continue;
      waiting?.abort();
      waiting = new AbortController();
      const change = whenQuiet(waiting.signal);
      pending.add(change);
      void change.finally(() => pending.delete(change));
    }
    waiting?.abort();
    await Promise.all(pending);
  }

  async function whenQuiet(signal: AbortSignal): Promise<void> {
    try {
      await sleep(clock, QUIET_MS, signal);
      await onChange();
    } catch (error) {
      if (!signal.aborted) journal.error(`folder ${folder}: reading its changes failed`, error);
    }
  }
}
