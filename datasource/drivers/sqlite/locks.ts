/** Who writes to a file: one at a time in this process, each waiting for the one before. */

/** Waits in line for each file. Another process's lock is SQLite's own matter. */
const lines = new Map<string, Promise<void>>();

export interface WriteTurn {
  /** Resolves when all before have finished. */
  readonly come: Promise<void>;
  /** The next one's turn; also for one that has given up waiting. */
  readonly finish: () => void;
}

export function takeTurn(file: string): WriteTurn {
  const come = lines.get(file) ?? Promise.resolve();
  const finished = Promise.withResolvers<void>();
  const line = come.then(() => finished.promise).then(() => {
    if (lines.get(file) === line) lines.delete(file);
  });
  lines.set(file, line);
  return { come, finish: finished.resolve };
}
