/**
 * In a host: whether a run has left anything behind that the next one would meet. What can be put back is put back;
 * the rest is named, and the host is not used again.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { changedBuiltins } from "./builtins.ts";
import type { RunVariable } from "./run_variable.ts";
import { runtimeCore } from "./runtime_core.ts";
import { clearUnawaitedTimers } from "./quiet_timers.ts";
import type { SystemCalls } from "./system_calls.ts";

/** Turns of the event loop that what is just ending has to end. */
const SETTLE_TURNS = 50;

export interface CleanCheck {
  /** Names what was changed of the language and the runtime; with that nothing else can be relied on. */
  changed(): readonly string[];
  /** Puts back what can be, and names what a run left behind; nothing where all is as it was. Never rejects. */
  left(): Promise<readonly string[]>;
}

/** Resources beyond those of a new host that a shared host may have: runs in it open and close some all the time. */
const MOST_SHARED_RESOURCES = 300;
/** How often, at the most, a shared host is looked at while it is busy, and when it has nothing to do. */
const BUSY_LOOK_MS = 100;
const IDLE_LOOK_MS = 5;

/** For a shared host: what makes it unfit for further runs; nothing where it was looked at a moment ago. */
export function sharedCheck(calls: SystemCalls | undefined): (idle: boolean) => readonly string[] {
  const core = runtimeCore();
  const builtins = changedBuiltins();
  let lookedAt = -Infinity;
  return (idle) => {
    const now = performance.now();
    if (now - lookedAt < (idle ? IDLE_LOOK_MS : BUSY_LOOK_MS)) return [];
    lookedAt = now;
    // A child of a run that goes on is its own affair.
    const changed = idle ? [...builtins(), ...children(calls)] : builtins();
    const open = core ? Object.keys(core.resources()).length : 0;
    return open > MOST_SHARED_RESOURCES ? [...changed, `${open} open files and connections`] : changed;
  };
}

/** What the host's own connection is told, so that it does not count as work that goes on. */
export interface Referenced {
  ref(): void;
  unref(): void;
}

/** Takes the host as it is now as clean. Undefined where the runtime does not say what goes on in it. */
export function cleanCheck(
  own: Referenced,
  variable: RunVariable,
  calls: SystemCalls | undefined,
): CleanCheck | undefined {
  const core = runtimeCore();
  if (!core) return undefined;
  const known = Object.keys(core.resources());
  const builtins = changedBuiltins();
  const surroundings = surroundingsNow(variable);
  const goesOn = () => {
    own.unref();
    try {
      return core.eventLoopHasMoreWork();
    } finally {
      own.ref();
    }
  };
  return {
    changed: builtins,
    async left() {
      try {
        const left: string[] = [...surroundings.restore(), ...children(calls)];
        clearUnawaitedTimers();
        for (let turn = 0; turn < SETTLE_TURNS && goesOn(); turn++) await setImmediate();
        if (goesOn()) {
          left.push("work that was still going on: a timer, a request, a server or a child process");
        }
        const open = core.resources();
        // Numbers are not given out again: as many are the same ones.
        if (Object.keys(open).length !== known.length) left.push(openResources(open, known));
        return left;
      } catch (error) {
        return [`something that breaks the check itself: ${String(error)}`];
      }
    },
  };
}

function openResources(now: Readonly<Record<string, string>>, known: readonly string[]): string {
  const open = Object.entries(now).filter(([id]) => !known.includes(id)).map(([, what]) => what);
  return open.length === 0 ? "a standard stream that was closed" : `open: ${[...new Set(open)].join(", ")}`;
}

/** Child processes that are still there; one that has ended and was not waited for is none. */
function children(calls: SystemCalls | undefined): string[] {
  if (calls?.hasNoChild()) return [];
  const found: string[] = [];
  for (const pid of childrenText().split(" ")) {
    if (pid === "") continue;
    const name = runningName(pid);
    if (name !== undefined) found.push(`the child process ${name} (pid ${pid})`);
  }
  return found;
}

const { pid } = process;

/** The main thread starts all children there are, and takes in their orphans. */
function childrenText(): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  } catch {
    // Outside Linux, what is still open in the runtime says it.
    return "";
  }
}

function runningName(pid: string): string | undefined {
  try {
    const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return state === "Z" ? undefined : name;
  } catch {
    return undefined; // It has ended in the meantime.
  }
}

interface Surroundings {
  restore(): string[];
}

/** Working folder, environment, umask and listeners of the process. */
function surroundingsNow(variable: RunVariable): Surroundings {
  const { cwd, chdir, env, umask } = Deno;
  const [getEnvironment, setVariable, deleteVariable] = [env.toObject, env.set, env.delete].map((each) =>
    each.bind(env)
  ) as [() => Record<string, string>, typeof env.set, typeof env.delete];
  const limited = attempt(() => cwd()) === undefined || attempt(getEnvironment) === undefined;
  const listeners = listenerCount();
  if (limited) return { restore: () => listenerCount() === listeners ? [] : ["listeners of the process"] };
  const folder = cwd();
  const variables = getEnvironment();
  variable.settle();
  const mask = umask();
  umask(mask);
  const restoreVariables = () => {
    const now = getEnvironment();
    for (const name of Object.keys(now)) if (!Object.hasOwn(variables, name)) deleteVariable(name);
    for (const [name, value] of Object.entries(variables)) {
      if (now[name] !== value) setVariable(name, value);
    }
    variable.settle();
  };
  return {
    restore() {
      const left: string[] = [];
      if (attempt(() => cwd()) !== folder && attempt(() => (chdir(folder), true)) === undefined) {
        left.push(`another working folder, and ${folder} cannot be gone back to`);
      }
      umask(mask);
      variable.end();
      if (!variable.isUnchanged()) restoreVariables();
      if (listenerCount() !== listeners) left.push("listeners of the process");
      return left;
    },
  };
}

function listenerCount(): number {
  let count = 0;
  for (const name of process.eventNames()) count += process.listenerCount(name);
  return count;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
