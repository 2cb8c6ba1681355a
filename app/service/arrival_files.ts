/** The files that tasks have taken, written down in the data folder: a file a task, an entry a line. */
import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { codeOf } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import type { ArrivalLog } from "../contracts.ts";
import type { Arrival, ArrivalEntry } from "../model/arrival.ts";

const VERSION = z.object({
  bytes: z.number(),
  modified: z.number(),
  changed: z.number(),
  inode: z.number().optional(),
});
const TAKEN = { path: z.string(), version: VERSION, at: z.int() };

const ENTRY = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("taken"), ...TAKEN }),
  z.object({ kind: z.literal("settled"), at: z.int() }),
  z.object({ kind: z.literal("renamed"), ...TAKEN, settled: z.boolean() }),
  /** The first line: whose file it is. */
  z.object({ kind: z.literal("task"), id: z.string() }),
]);

/** Lines that are read or written before others get their turn. */
const AT_A_TIME = 1_000;

export class ArrivalFiles implements ArrivalLog {
  /** @param onDamaged is told of lines that cannot be read */
  constructor(readonly folder: string, readonly onDamaged: (sentence: string) => void) {}

  async read(taskId: string): Promise<readonly Arrival[]> {
    const path = this.#path(taskId);
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
    const arrivals = new Map<EpochMs, Arrival>();
    const lines = text.split("\n").filter((line) => line !== "");
    let damaged = 0;
    for (const [index, line] of lines.entries()) {
      if (index % AT_A_TIME === AT_A_TIME - 1) await setImmediate();
      const entry = entryOf(line);
      if (entry) takeIn(arrivals, entry);
      // The last one was cut off by a crash, before anything came of it.
      else if (index < lines.length - 1) damaged++;
    }
    if (damaged > 0) {
      this.onDamaged(
        `${path}: ${damaged} of ${lines.length} lines cannot be read; files of task ${taskId} that they name may be taken again`,
      );
    }
    return [...arrivals.values()];
  }

  /** The line break comes first, so that a line which a crash cut off spoils no other. */
  async add(taskId: string, entries: readonly ArrivalEntry[]): Promise<void> {
    // That a run has begun is in the history as well: a power cut may take such lines away.
    const isSafe = entries.some(({ kind }) => kind !== "settled");
    await this.#write(this.#path(taskId), "a", entries, isSafe);
  }

  async replace(taskId: string, arrivals: readonly Arrival[]): Promise<void> {
    const path = this.#path(taskId);
    // Nothing is known, and nothing was written: no file has to be there.
    if (arrivals.length === 0 && !(await isThere(path))) return;
    const next = `${path}.new`;
    const head = { kind: "task", id: taskId } as const;
    const entries = arrivals.map((each) => ({ kind: "renamed", ...each } as const));
    await this.#write(next, "w", [head, ...entries], true);
    await rename(next, path);
  }

  async #write(path: string, how: "a" | "w", entries: readonly z.input<typeof ENTRY>[], isSafe: boolean) {
    await mkdir(this.folder, { recursive: true });
    const file = await open(path, how, 0o600);
    try {
      for (let at = 0; at < entries.length; at += AT_A_TIME) {
        const lines = entries.slice(at, at + AT_A_TIME).map((each) => `\n${JSON.stringify(each)}`);
        await file.appendFile(lines.join(""));
      }
      if (isSafe) await file.sync();
    } finally {
      await file.close();
    }
  }

  /** An id may be longer than the name of a file. */
  #path(taskId: string): string {
    return join(this.folder, `${createHash("sha256").update(taskId).digest("hex").slice(0, 32)}.ndjson`);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** @param arrivals by their moments: a file that is renamed keeps its own */
function takeIn(arrivals: Map<EpochMs, Arrival>, entry: z.output<typeof ENTRY>): void {
  if (entry.kind === "task") return;
  const { at } = entry;
  const before = arrivals.get(at);
  if (entry.kind !== "settled") {
    const settled = entry.kind === "renamed" && entry.settled;
    arrivals.set(at, { path: entry.path, version: entry.version, at, settled });
  } else if (before) arrivals.set(at, { ...before, settled: true });
}

function entryOf(line: string): z.output<typeof ENTRY> | undefined {
  try {
    return ENTRY.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
