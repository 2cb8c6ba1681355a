/** The two things that systemd says to a service, and what a service says to systemd (sd_notify(3), systemd.exec(5)). */
import { fstatSync } from "node:fs";

/** What a service says of itself. */
export type ServiceState =
  | { readonly kind: "ready" }
  | { readonly kind: "stopping" }
  | { readonly kind: "reloading"; readonly monotonicMs: number }
  | { readonly kind: "status"; readonly text: string }
  | { readonly kind: "watchdog" };

export interface Systemd extends Disposable {
  /** Says something; nothing where nobody listens. Never throws and never waits. */
  notify(...states: readonly ServiceState[]): void;
  /** How often the watchdog wants to hear that all is well, in milliseconds; undefined where there is none. */
  readonly watchdogMs: number | undefined;
}

interface Variables {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  readonly WATCHDOG_PID?: string | undefined;
}

/** @param onFault called once, with why the socket that systemd named cannot be spoken to */
export function connectSystemd(variables: Variables, onFault: (error: unknown) => void): Systemd {
  const socket = variables.NOTIFY_SOCKET ?? "";
  const silent: Systemd = { notify() {}, watchdogMs: undefined, [Symbol.dispose]() {} };
  if (socket === "") return silent;
  // "@" stands for an abstract address, which begins with a zero byte.
  const address = { transport: "unixpacket", path: socket.replace(/^@/, "\0") } as const;
  const own = Deno.makeTempDirSync({ prefix: "carillon-notify-" });
  let sender: Deno.DatagramConn;
  try {
    sender = Deno.listenDatagram({ transport: "unixpacket", path: `${own}/socket` });
  } catch (error) {
    Deno.removeSync(own, { recursive: true });
    onFault(error);
    return silent;
  }
  let failed = false;
  return {
    notify(...states) {
      const text = states.map(textOf).join("\n");
      sender.send(new TextEncoder().encode(text), address).catch((error) => {
        if (!failed) onFault(error);
        failed = true;
      });
    },
    watchdogMs: watchdogMs(variables),
    [Symbol.dispose]() {
      sender.close();
      Deno.removeSync(own, { recursive: true });
    },
  };
}

function textOf(state: ServiceState): string {
  switch (state.kind) {
    case "ready":
      return "READY=1";
    case "stopping":
      return "STOPPING=1";
    case "reloading":
      return `RELOADING=1\nMONOTONIC_USEC=${Math.round(state.monotonicMs * 1_000)}`;
    case "status":
      return `STATUS=${state.text.replace(/\s+/g, " ")}`;
    case "watchdog":
      return "WATCHDOG=1";
  }
}

/** Half of what systemd allows, as sd_watchdog_enabled(3) advises. */
function watchdogMs({ WATCHDOG_USEC = "", WATCHDOG_PID = "" }: Variables): number | undefined {
  const microseconds = Number(WATCHDOG_USEC);
  if (!/^\d+$/.test(WATCHDOG_USEC) || microseconds === 0) return undefined;
  if (WATCHDOG_PID !== "" && Number(WATCHDOG_PID) !== Deno.pid) return undefined;
  return microseconds / 2_000;
}

/** True where standard error goes to journald, which stamps the lines itself (`JOURNAL_STREAM` is its device and inode). */
export function isJournal(stream: string | undefined): boolean {
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(2);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** Milliseconds of the clock that systemd compares reloads by. */
export function monotonicMs(): number {
  // CLOCK_MONOTONIC: since the machine started, as /proc has it.
  try {
    return Number(Deno.readTextFileSync("/proc/uptime").split(" ", 1)[0]) * 1_000;
  } catch {
    return performance.now();
  }
}
