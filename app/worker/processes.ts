/** Processes of the system as /proc shows them, proc(5); outside Linux none is seen. */
import { readdirSync, readFileSync } from "node:fs";

const PAGE_BYTES = 4_096;

export interface ProcessFacts {
  readonly name: string;
  /** One letter: `R` runs, `S` sleeps, `T` is stopped, `Z` has ended and was not waited for. */
  readonly state: string;
  readonly parent: number;
  /** When it was started, in ticks since the system was: with the pid it names one process for good. */
  readonly startedAt: string;
}

/** Undefined for a process that is gone. */
export function processFacts(pid: number): ProcessFacts | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  const [, name, rest] = /^\d+ \(([\s\S]*)\) ([\s\S]*)$/.exec(text) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  const fields = rest.split(" ");
  return { name, state: fields[0] ?? "", parent: Number(fields[1]), startedAt: fields[19] ?? "" };
}

/** Memory of its own, in megabytes: what it shares with files and other processes is left out. */
export function ownMemoryMb(pid: number): number | undefined {
  const [, resident, shared] = readOrNothing(`/proc/${pid}/statm`).split(" ");
  if (resident === undefined || shared === undefined) return undefined;
  return (Number(resident) - Number(shared)) * PAGE_BYTES / 1_048_576;
}

export function childrenOf(pid: number): number[] {
  return names(`/proc/${pid}/task`).flatMap((thread) =>
    readOrNothing(`/proc/${pid}/task/${thread}/children`).split(" ").filter((each) => each !== "").map(Number)
  );
}

/** Children, their children and so on, the nearest first. */
export function descendantsOf(pid: number): number[] {
  const found = new Set<number>();
  const next = [pid];
  for (let each = next.shift(); each !== undefined; each = next.shift()) {
    for (const child of childrenOf(each)) {
      if (found.has(child)) continue;
      found.add(child);
      next.push(child);
    }
  }
  return [...found];
}

/** The variables a process was started with; nothing for one of another user. */
export function environmentOf(pid: number): readonly string[] {
  return readOrNothing(`/proc/${pid}/environ`).split("\0");
}

/** All processes there are. */
export function allProcesses(): number[] {
  return names("/proc").filter((each) => /^\d+$/.test(each)).map(Number);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A process that has ended, or another system.
    return [];
  }
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // As above; another user's process shows less.
    return "";
  }
}
