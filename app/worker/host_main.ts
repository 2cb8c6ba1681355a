/** What a task host runs: the program itself, under a hidden command. It speaks to the clock over a socket and to nobody else. */
import { readFileSync, writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { format } from "node:util";
// What tasks import is loaded before the first of them comes.
import "../sdk/carillon.ts";
import { type CleanCheck, cleanCheck, sharedCheck } from "./clean.ts";
import { readModulesFromDisk } from "./disk_modules.ts";
import { refuseChanges, refuseOwnSignals } from "./host_scope.ts";
import { HostSocket } from "./host_socket.ts";
import { markRuns } from "./run_mark.ts";
import { runVariable } from "./run_variable.ts";
import type { HostSettings, ToHost } from "./messages.ts";
import { watchQuietTimers } from "./quiet_timers.ts";
import { startSandbox } from "./sandbox.ts";
import { systemCalls } from "./system_calls.ts";
import { serveTasks } from "./task_server.ts";

/** Tasks make room for the clock where both want the processor. */
const NICENESS = 5;

/**
 * A host that has had no run for so long after its start, in milliseconds, gives back what the start has freed, some 5 MB:
 * most hosts there are wait for a run.
 */
const REST_MS = 1_000;

/** A runtime without the functions that the check needs: every run gets a host of its own. */
const UNKNOWN = "what this runtime cannot name";

const exit: (code: number) => never = Deno.exit;

/** Never resolves; what goes wrong in a host is written to its standard error and ends it. */
export async function hostMain(path: string): Promise<never> {
  try {
    return await serveClock(path);
  } catch (error) {
    writeFileSync(2, `${format(error)}\n`);
    return exit(70);
  }
}

/** Reads the one-time token from standard input, connects, and serves until the clock is gone. Never resolves. */
async function serveClock(path: string): Promise<never> {
  const token = readFileSync(0, "utf8");
  const calls = systemCalls();
  calls?.leadGroup();
  calls?.endWithParent();
  calls?.adoptOrphans();
  makeRoom();
  const socket = await HostSocket.connect(path, calls);
  socket.send({ kind: "token", token });
  const hello = Promise.withResolvers<HostSettings>();
  const serving: { take?: (message: ToHost) => void } = {};
  let isNew = true;
  const rest = setTimeout(() => isNew && calls?.giveBackFreed(), REST_MS);
  Deno.unrefTimer(rest);
  const receiving = socket.receive((message) => {
    if (message.kind === "run") isNew = false;
    if (message.kind === "hello") hello.resolve(message.settings);
    else serving.take?.(message);
  });
  const settings = await hello.promise;
  serving.take = settings.kind === "sandbox"
    ? await startSandbox(settings, socket)
    : serve(settings, socket, calls);
  // Nothing else is sent before.
  socket.send({ kind: "ready" });
  return await receiving;
}

/** A process that leads a session is weighed against others as its session is, where the system does so: sched(7), autogroup. */
function makeRoom(): void {
  setPriority(Math.min(19, getPriority() + NICENESS));
  try {
    writeFileSync("/proc/self/autogroup", String(NICENESS));
  } catch {
    // Sessions are not weighed here, or too many have asked at this moment.
  }
}

function serve(
  settings: HostSettings,
  socket: HostSocket,
  calls: ReturnType<typeof systemCalls>,
): (message: ToHost) => void {
  const shared = settings.kind === "shared";
  const variable = runVariable(calls);
  const mark = settings.markFile ? markRuns(settings.markFile, calls, shared) : undefined;
  watchQuietTimers();
  readModulesFromDisk();
  refuseOwnSignals();
  if (shared) refuseChanges();
  const shares: { unfit?: (idle: boolean) => readonly string[] } = {};
  const check: { clean?: CleanCheck | undefined } = {};
  const take = serveTasks({
    send: (message) => socket.send(message),
    shared,
    clean: shared ? undefined : {
      changed: () => check.clean?.changed() ?? [UNKNOWN],
      left: async () => await check.clean?.left() ?? [UNKNOWN],
    },
    unfit: (idle) => shares.unfit?.(idle) ?? [],
    tellsBegin: mark === undefined,
    onBegin: (run, runId) => {
      mark?.(run);
      if (!shared) variable.begin(runId);
    },
  });
  // Taken last: what the lines above have set up is as it should be.
  if (shared) shares.unfit = sharedCheck(calls);
  else check.clean = cleanCheck(socket.connection, variable, calls);
  return take;
}
