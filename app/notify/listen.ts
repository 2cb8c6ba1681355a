/** Which events become notices. The one place where notifications meet the bus. */
import type { Clock } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { Run } from "../model/run.ts";
import type { Notice } from "./notice.ts";
import {
  AUDIT_SUBJECT,
  awaitingNotice,
  backfillEndedNotice,
  backfillStartedNotice,
  brokenNotice,
  DISK_SUBJECT,
  failedNotice,
  HISTORY_SUBJECT,
  HOSTS_SUBJECT,
  lateNotice,
  missedNotice,
  overNotice,
  pausedNotice,
  recoveredNotice,
  skippedNotice,
  slowNotice,
  systemNotice,
  taskSubject,
  undoneNotice,
} from "./notices.ts";
import type { Notifier } from "./notifier.ts";

/** What has to be known of a task to understand its events. */
export interface TaskPromises {
  /** True where each of its due instants has to run. */
  readonly expectsEvery: boolean;
  /** By how much its starts are spread on purpose. */
  readonly jitterMs: number;
  /** True where a run that was cut off is started again by itself. */
  readonly startsAgain: boolean;
}

export interface ListenParts {
  readonly events: EventBus;
  readonly clock: Clock;
  readonly notifier: Pick<Notifier, "hear" | "isOpen" | "openSubjects" | "forget" | "acknowledge">;
  readonly promisesOf: (taskId: string) => TaskPromises | undefined;
  /** Ids of the tasks, and names of the files that are broken, as they are now. */
  readonly tasks: () => ReadonlySet<string>;
  readonly brokenFiles: () => ReadonlySet<string>;
  /** The name of a file as messages give it: below the tasks folder. */
  readonly fileName: (file: string) => string;
}

export function listen(
  { events, clock, notifier, promisesOf, tasks, brokenFiles, fileName }: ListenParts,
): void {
  const hear = (notice: Notice | undefined) => {
    if (notice) notifier.hear(notice);
  };
  const over = (subject: string) => {
    if (notifier.isOpen(subject)) notifier.hear(overNotice(subject, clock.now()));
  };
  events.on("run.ended", ({ run }) => hear(endedNotice(run, promisesOf(run.taskId))));
  events.on("run.left", ({ run }) => hear(failedNotice(run)));
  events.on("run.awaiting_approval", ({ run }) => hear(awaitingNotice(run)));
  events.on("run.started", ({ run }) => hear(lateNotice(run, promisesOf(run.taskId)?.jitterMs ?? 0)));
  events.on("run.missed", ({ run }) => hear(missedNotice(run)));
  events.on("run.skipped", ({ run }) => {
    if (promisesOf(run.taskId)?.expectsEvery) hear(skippedNotice(run));
  });
  events.on("run.slow", (event) => hear(slowNotice(event, clock.now())));
  events.on("task.undone", (event) => hear(undoneNotice(event)));
  events.on("backfill.started", (event) => hear(backfillStartedNotice(event, clock.now())));
  events.on("backfill.ended", (event) => hear(backfillEndedNotice(event, clock.now())));
  events.on("task.paused", ({ taskId, failures }) => {
    if (failures !== undefined) hear(pausedNotice(taskId, failures, clock.now()));
  });
  events.on(
    "task.broken",
    (event) => hear(brokenNotice({ ...event, file: fileName(event.file) }, clock.now())),
  );
  // Also what changed while Carillon was stopped: files that are good again, tasks that are gone.
  events.on("folder.read", () => {
    const known = tasks();
    const broken = new Set([...brokenFiles()].map(fileName));
    for (const subject of notifier.openSubjects()) {
      const [, room, name = ""] = /^(task|file)\/(.*)$/s.exec(subject) ?? [];
      if (room === "task" && !known.has(name)) notifier.forget(subject);
      if (room === "file" && !broken.has(name)) over(subject);
    }
  });
  // What a run says of its own end is told as its failure; a host that dies is told at growing spaces.
  events.on(
    "host.lost",
    ({ message: error }) => hear(systemNotice("host", HOSTS_SUBJECT, clock.now(), { error })),
  );
  events.on("task.acknowledged", ({ taskId }) => notifier.acknowledge(taskSubject(taskId)));
  events.on(
    "history.failed",
    ({ message: error }) => hear(systemNotice("history", HISTORY_SUBJECT, clock.now(), { error })),
  );
  for (const name of ["audit.failed", "audit.damaged"] as const) {
    events.on(
      name,
      ({ message: error }) => hear(systemNotice("audit", AUDIT_SUBJECT, clock.now(), { error })),
    );
  }
  events.on("audit.recovered", () => over(AUDIT_SUBJECT));
  events.on("history.recovered", () => over(HISTORY_SUBJECT));
  events.on(
    "disk.low",
    ({ folder, free }) => hear(systemNotice("disk", DISK_SUBJECT, clock.now(), { values: { folder, free } })),
  );
  events.on("disk.recovered", () => over(DISK_SUBJECT));
}

/**
 * A run that was cut off and starts again by itself is no failure: the one that follows tells how it ends. Where none follows
 * after all, `run.left` says so.
 */
export function endedNotice(run: Run, promises: TaskPromises | undefined): Notice | undefined {
  if (run.status === "interrupted" && (promises?.startsAgain || run.cause === "backfill")) return undefined;
  return failedNotice(run) ?? recoveredNotice(run);
}
