/** In a host: what the globals do for the run that calls them. Its console is its log, and its exit its own end. */
import process from "node:process";
import { currentRun } from "../sdk/current_run.ts";

/** `console.log` and its kin write to the log of the run that calls them. */
export function captureConsole(): void {
  const levels = { log: "info", info: "info", warn: "warn", error: "error", debug: "debug" } as const;
  const target = globalThis.console;
  for (const [name, level] of Object.entries(levels)) {
    const method = name as keyof typeof levels;
    const plain = target[method].bind(target);
    target[method] = (...values: unknown[]) => {
      const run = currentRun.getStore();
      if (run) run.log[level](...values);
      else plain(...values);
    };
  }
}

/** A task that calls for the end of the program, or of its worker, ends its own run. */
export function refuseExit(): void {
  const refuse = (name: string) => (code?: unknown): never => {
    throw new Error(`the task called ${name}(${code ?? ""}); return from run() instead, or throw an error`);
  };
  Object.defineProperty(Deno, "exit", { value: refuse("exit") });
  Object.defineProperty(globalThis, "close", { value: refuse("close") });
  process.exit = refuse("exit");
  process.abort = refuse("abort");
  (process as unknown as { reallyExit: unknown }).reallyExit = refuse("reallyExit");
}

/** A signal to its own host, to its group or to Carillon is refused: other processes are the task's own affair. */
export function refuseOwnSignals(): void {
  const mine = [0, -1, process.pid, -process.pid, process.ppid, -process.ppid];
  const check = (pid: unknown) => {
    if (mine.includes(Number(pid))) {
      throw new Error(`the task sent a signal to Carillon's own process ${Number(pid)}; end the run instead`);
    }
  };
  const { kill } = Deno;
  Deno.kill = (pid, signal) => (check(pid), kill(pid, signal));
  const killNode = process.kill.bind(process);
  process.kill = (pid, signal) => (check(pid), killNode(pid, signal));
}

/** In a host that many runs share: what would change the others' surroundings is refused. */
export function refuseChanges(): void {
  const refuse = (name: string) => (): never => {
    throw new Error(
      `${name} would change the surroundings of other runs, and executor "shared" has many in one process; use executor: "process"`,
    );
  };
  Object.defineProperty(Deno, "chdir", { value: refuse("Deno.chdir()") });
  Object.defineProperty(Deno.env, "set", { value: refuse("Deno.env.set()") });
  Object.defineProperty(Deno.env, "delete", { value: refuse("Deno.env.delete()") });
  const { umask } = Deno;
  Object.defineProperty(Deno, "umask", {
    value: (mask?: number) => mask === undefined ? umask() : refuse("Deno.umask()")(),
  });
  process.chdir = refuse("process.chdir()");
  process.umask = refuse("process.umask()");
  process.env = new Proxy(process.env, {
    set: refuse("a change of process.env"),
    deleteProperty: refuse("a change of process.env"),
    defineProperty: refuse("a change of process.env"),
  });
}

/** An error that no promise of a run carries, such as one thrown in a timer. */
export function reportStrayErrors(report: (thrown: unknown) => void): void {
  addEventListener("error", (event) => {
    event.preventDefault();
    report(event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const run = currentRun.getStore();
    if (run) run.onStray(event.reason);
    else report(event.reason);
  });
}
