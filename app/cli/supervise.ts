/** What a running Carillon says to systemd, and what it does on SIGHUP: its log is opened again, its tasks are read again. */
import { messageOf } from "../base/errors.ts";
import type { Journal } from "../base/journal.ts";
import { monotonicMs, type Systemd } from "../base/systemd.ts";
import type { Queries } from "../service/queries.ts";

export interface SuperviseParts {
  readonly systemd: Systemd;
  readonly queries: Queries;
  /** Reads the task folder again. */
  readonly reload: () => Promise<unknown>;
  /** Opens the log file again. */
  readonly reopen: () => void;
  readonly journal: Journal;
}

/** How often the line of `systemctl status` is brought up to date. */
const STATUS_MS = 10_000;

/** Says that Carillon is ready, and feeds the watchdog from the clock's own tick: a clock that is stuck is restarted. */
export function supervise({ systemd, queries, reload, reopen, journal }: SuperviseParts): Disposable {
  const { pulse } = queries.system;
  let fedAt = -Infinity;
  let saidAt = -Infinity;
  pulse.onTick(() => {
    const now = performance.now();
    if (systemd.watchdogMs !== undefined && now - fedAt >= systemd.watchdogMs - 250) {
      fedAt = now;
      systemd.notify({ kind: "watchdog" });
    }
    if (now - saidAt < STATUS_MS) return;
    saidAt = now;
    systemd.notify({ kind: "status", text: statusOf(queries) });
  });
  const onHangUp = () => {
    reopen();
    systemd.notify({ kind: "reloading", monotonicMs: monotonicMs() });
    reload().then(
      () => journal.info("SIGHUP: the log was opened again and the tasks were read"),
      (error) => journal.error(`SIGHUP: the tasks could not be read: ${messageOf(error)}`),
    ).finally(() => systemd.notify({ kind: "ready" }));
  };
  Deno.addSignalListener("SIGHUP", onHangUp);
  systemd.notify({ kind: "ready" }, { kind: "status", text: statusOf(queries) });
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", onHangUp) };
}

function statusOf({ tasks, runs, system, notify }: Queries): string {
  const [broken, lost] = [tasks.broken().length, notify.undelivered().length];
  return [
    `${tasks.ids().length} tasks`,
    `${runs.unfinished().length} runs`,
    ...(broken > 0 ? [`${broken} files broken`] : []),
    ...(lost > 0 ? [`${lost} messages not delivered`] : []),
    ...system.notReady().map(({ why }) => why),
  ].join(", ");
}
