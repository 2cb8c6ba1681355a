/** In the clock: ends a host with everything that has come of it. */
import process from "node:process";
import { setImmediate, setTimeout } from "node:timers/promises";
import { codeOf } from "../base/errors.ts";
import { allProcesses, childrenOf, descendantsOf, environmentOf, processFacts } from "./processes.ts";

/** Descendants that begin others while they are being ended are looked for again, so many times. */
const ROUNDS = 20;
/** Between two looks at processes that are being ended, in milliseconds. */
const DYING_MS = 5;
/** Environments that are read in one turn of the event loop; each takes about 15 µs. */
const AT_A_TIME = 50;

/**
 * Sends SIGKILL to a host's descendants, then to its process group and to itself. The host is stopped first, so that it
 * begins nothing more; it takes in the orphans among its descendants, so that these are seen too.
 *
 * @returns the descendants that were ended, such as `sleep (pid 4711)`
 */
export function endTree(host: number): string[] {
  const ended: string[] = [];
  send(host, "SIGSTOP");
  const seen = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const found = descendantsOf(host).flatMap((pid) => {
      const facts = seen.has(pid) ? undefined : processFacts(pid);
      seen.add(pid);
      return facts === undefined || facts.state === "Z" ? [] : [{ pid, name: facts.name }];
    });
    if (found.length === 0) break;
    for (const { pid, name } of found) {
      if (send(pid, "SIGKILL")) ended.push(`${name} (pid ${pid})`);
    }
  }
  send(-host, "SIGKILL");
  send(host, "SIGKILL");
  return [...new Set(ended)];
}

/** Ends all that this process has begun, for one that ends at once: hosts, and the programs that tasks have begun in them. */
export function endChildren(): void {
  for (const child of childrenOf(process.pid)) endTree(child);
}

/**
 * Ends the processes whose environment says that they come of a run or of a host: those that had left both the group and
 * the tree when the host was gone. They are looked for until none is left: one may begin another while it is being ended.
 *
 * @param isOurs looks at a process's variables, such as `CARILLON_RUN_ID=…`
 * @returns those that were ended
 */
export async function endMarked(isOurs: (variables: readonly string[]) => boolean): Promise<string[]> {
  const ended = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const found = await endMarkedOnce(isOurs);
    if (found.length === 0) break;
    for (const each of found) ended.add(each);
    // A process that was killed is there until it is given a processor once more.
    await setTimeout(DYING_MS);
  }
  return [...ended];
}

async function endMarkedOnce(isOurs: (variables: readonly string[]) => boolean): Promise<string[]> {
  const ended: string[] = [];
  const pids = allProcesses();
  for (let at = 0; at < pids.length; at += AT_A_TIME) {
    for (const pid of pids.slice(at, at + AT_A_TIME)) {
      if (pid === process.pid || !isOurs(environmentOf(pid))) continue;
      const facts = processFacts(pid);
      if (facts && facts.state !== "Z" && send(pid, "SIGKILL")) ended.push(`${facts.name} (pid ${pid})`);
    }
    await setImmediate();
  }
  return ended;
}

/** False where there is no such process, or it is not ours to signal. */
function send(pid: number, signal: "SIGSTOP" | "SIGKILL"): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ESRCH" || code === "EPERM" || code === "EINVAL") return false;
    throw error;
  }
}
