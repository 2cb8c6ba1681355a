/** Notifications as part of a Carillon: targets of the settings, what they listen to, what watches for them. */
import { join, relative } from "node:path";
import type { Journal } from "../base/journal.ts";
import type { EpochMs } from "../base/time.ts";
import type { Config } from "../config/config.ts";
import type { Clock, RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { Locale } from "../model/locale.ts";
import type { Run } from "../model/run.ts";
import { unheard } from "../notify/catch_up.ts";
import type { Answer, Outgoing } from "../notify/channel.ts";
import { endedNotice, listen, type TaskPromises } from "../notify/listen.ts";
import { Notifier } from "../notify/notifier.ts";
import { NotifyStore } from "../notify/store.ts";
import { readTargets } from "../notify/target.ts";
import { send } from "../notify/transport.ts";
import { type Counts, Digests, LOOK_MS as DIGEST_LOOK_MS } from "../notify/watches/digests.ts";
import { DiskSpace, LOOK_MS as DISK_LOOK_MS } from "../notify/watches/disk_space.ts";
import { Every } from "../notify/watches/every.ts";
import {
  LOOK_MS as TIMES_LOOK_MS,
  PromisedTimes,
  type TimePromise,
} from "../notify/watches/promised_times.ts";
import { LOOK_MS as SLOW_LOOK_MS, SlowRuns } from "../notify/watches/slow_runs.ts";
import { headline, messageOf } from "../notify/words.ts";
import { dayOffReason } from "../policy/calendar.ts";
import type { Task } from "../task/task.ts";
import { NotifyOperations } from "./notify_operations.ts";
import { NotifyQueries } from "./queries/notify.ts";

/** How often it is written down that everything was heard. */
const MARK_MS = 30_000;

export interface NotificationsParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly journal: Journal;
  readonly reader: RunReader;
  readonly active: () => readonly Run[];
  readonly tasks: () => ReadonlyMap<string, Task>;
  readonly brokenFiles: () => ReadonlySet<string>;
  readonly titleOf: (taskId: string, locale: Locale) => string;
  readonly zoneOf: (taskId: string) => string;
  /** What became of the due instants of a stretch, by task. */
  readonly report: (from: EpochMs, to: EpochMs) => Promise<readonly Counts[]>;
  /** What takes messages out of the house; the network where it is left out. */
  readonly send?: ((outgoing: Outgoing, signal: AbortSignal) => Promise<Answer>) | undefined;
}

export interface Notifications extends Service {
  readonly queries: NotifyQueries;
  readonly operations: NotifyOperations;
  /** Hears what ended while nobody listened. Before anything becomes due. */
  catchUp(): Promise<void>;
}

export function composeNotifications(parts: NotificationsParts): Notifications {
  const { config, clock, events, journal, reader, tasks } = parts;
  const targets = readTargets(config.named, config.scheduler.timezone);
  const onFault = (sentence: string, thrown: unknown) => journal.error(sentence, thrown);
  const store = new NotifyStore({
    file: targets.length === 0 || config.history.file === ""
      ? undefined
      : join(config.scheduler.data, "notify.db"),
    now: () => clock.now(),
    onTrouble: (message) =>
      message === undefined
        ? journal.info("the memory of notifications is written again")
        : journal.error(`${message}; what notifications remember is kept in memory`),
  });
  const words = {
    reader,
    titleOf: parts.titleOf,
    zoneOf: parts.zoneOf,
    changedAt: (taskId: string) => changedAt(config.scheduler.tasks, tasks().get(taskId)),
    baseUrl: config.server.base_url,
    machine: Deno.hostname(),
    timezone: config.scheduler.timezone,
  };
  const notifier = new Notifier({
    clock,
    targets,
    store,
    taskOf: (id) => factsOf(tasks().get(id)),
    compose: (delivery, target) => messageOf(delivery, target, words),
    send: parts.send ?? send,
    onTried: (delivery, verdict) =>
      events.emit("notify.tried", { target: delivery.target, id: delivery.id, outcome: verdict.kind }),
    onUndelivered: ({ target, id, answer = "" }, next) =>
      events.emit("notify.undelivered", { target, id, reason: answer, next }),
    onFault,
  });
  const promisesOf = (taskId: string) => promisesIn(tasks().get(taskId));
  listen({
    events,
    clock,
    notifier,
    promisesOf,
    tasks: () => new Set(tasks().keys()),
    brokenFiles: parts.brokenFiles,
    fileName: (file) => relative(config.scheduler.tasks, file),
  });
  const every = (ms: number, look: (now: EpochMs) => void | Promise<void>) =>
    new Every(clock, ms, look, onFault);
  const slow = new SlowRuns({
    events,
    reader,
    active: parts.active,
    budgetOf: (id) => tasks().get(id)?.description.policies.budgetMs,
  });
  const times = new PromisedTimes({ events, reader, promises: () => timePromises(tasks(), parts.zoneOf) });
  const digests = new Digests({
    targets,
    report: parts.report,
    titleOf: parts.titleOf,
    hear: (target, notice) => notifier.queue(target)?.hear(notice),
  });
  const disk = new DiskSpace(config.scheduler.data, events);
  const services: readonly Service[] = [
    notifier,
    every(SLOW_LOOK_MS, (now) => slow.look(now)),
    every(TIMES_LOOK_MS, (now) => times.look(now)),
    every(DIGEST_LOOK_MS, (now) => digests.look(now)),
    every(DISK_LOOK_MS, () => disk.look()),
    every(MARK_MS, (now) => notifier.mark(now)),
  ];
  return {
    queries: new NotifyQueries({
      notifier,
      targets,
      compose: (delivery, target) => messageOf(delivery, target, words),
      titleOf: (delivery, locale) => headline(delivery, locale, words),
    }),
    operations: new NotifyOperations(notifier, clock),
    async catchUp() {
      if (targets.length === 0) return;
      const notices = await unheard(
        reader,
        store,
        clock.now(),
        (run) => endedNotice(run, promisesOf(run.taskId)),
      );
      for (const notice of notices) notifier.hear(notice);
    },
    async start() {
      for (const each of services) await each.start();
    },
    // The queues go last: they may still be told of something.
    async stop() {
      for (const each of services.toReversed()) await each.stop();
    },
  };
}

function factsOf(task: Task | undefined) {
  if (!task) return undefined;
  const { id, path, description: { tags, policies } } = task;
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  return { id, folder, tags, notify: policies.notify };
}

function promisesIn(task: Task | undefined): TaskPromises | undefined {
  if (!task) return undefined;
  const { expect, jitterMs, interrupted } = task.description.policies;
  return { expectsEvery: expect === "every", jitterMs, startsAgain: interrupted === "again" };
}

function timePromises(tasks: ReadonlyMap<string, Task>, zoneOf: (taskId: string) => string): TimePromise[] {
  return [...tasks.values()].flatMap(({ id, description: { policies: { doneBy, calendar } } }) =>
    doneBy === undefined ? [] : [{
      taskId: id,
      doneBy,
      zone: zoneOf(id),
      isWorkingDay: (day: Temporal.PlainDate) =>
        calendar === undefined || dayOffReason(day, calendar) === undefined,
    }]
  );
}

/** When its file was written last; undefined where it cannot be asked. */
async function changedAt(folder: string, task: Task | undefined): Promise<EpochMs | undefined> {
  if (!task) return undefined;
  try {
    return (await Deno.stat(join(folder, task.path))).mtime?.getTime();
  } catch {
    // It only says what else has changed: the message goes without it.
    return undefined;
  }
}
