/** Who looks on: notifications tell people, observation tells machines how Carillon itself is. */
import type { WatchSection } from "../../notify/watch_section.ts";
import { countsOf, rangeText } from "../digest_counts.ts";
import { composeNotifications, type Notifications } from "../notifications.ts";
import { composeObservation, type Observation } from "../observation.ts";
import { historyBytes } from "../queries/system.ts";
import type { Works } from "./engine.ts";
import type { Questions } from "./questions.ts";

export function notificationsOf(parts: Works & Questions): Notifications {
  const { config, clock, events, journal, history, runner, registry, triggers, taskQueries, report } = parts;
  return composeNotifications({
    config,
    clock,
    events,
    journal,
    reader: history,
    active: () => runner.active,
    tasks: () => registry.tasks,
    brokenFiles: () => new Set(registry.broken.map(({ file }) => file)),
    titleOf: (id, locale) => taskQueries.titleOf(id, locale),
    zoneOf: (id) => triggers.zoneOf(id),
    report: async (from, to) => countsOf(await report.report(rangeText(from, to))),
  });
}

interface Watched extends Works, Questions {
  readonly notifications: Notifications;
  readonly watch: WatchSection;
}

export function observationOf(parts: Watched): Observation {
  const { config, clock, events, lifetime, history, registry, hosts, runner } = parts;
  return composeObservation({
    clock,
    events,
    lifetime,
    history,
    folderTrouble: () => parts.reloader.trouble,
    historyBytes: () => historyBytes(config.history.file),
    historyWriteTimes: parts.historyWriteTimes,
    registry,
    tasks: parts.taskQueries,
    notify: parts.notifications.queries,
    active: () => runner.active,
    earliest: () => parts.scheduler.earliest,
    workers: config.scheduler.workers,
    busyWorkers: () => runner.busyWorkers,
    awaiting: () => parts.approvals.all().length,
    warmHosts: () => hosts.facts().used,
    hostTrouble: () => hosts.facts().fault,
    watchSecret: parts.watch.secret,
  });
}
