/** All that can be seen from outside. */
import type { Config } from "../../config/config.ts";
import type { Acknowledgements } from "../acknowledgements.ts";
import { EventFeed } from "../event_feed.ts";
import { LiveRuns } from "../live_runs.ts";
import type { Notifications } from "../notifications.ts";
import type { Observation } from "../observation.ts";
import type { Queries } from "../queries.ts";
import { Activity } from "../queries/activity.ts";
import { AuditQueries } from "../queries/audit.ts";
import { PeopleQueries } from "../queries/people.ts";
import { RunQueries } from "../queries/runs.ts";
import { SystemQueries, type SystemSettings } from "../queries/system.ts";
import { TodayQueries } from "../queries/today.ts";
import type { Works } from "./engine.ts";
import type { Questions } from "./questions.ts";

export interface QueriesParts extends Works, Questions, Observation {
  readonly notifications: Notifications;
  readonly acknowledgements: Acknowledgements;
}

export interface ComposedQueries {
  readonly feed: EventFeed;
  readonly live: LiveRuns;
  readonly queries: Queries;
}

export function composeQueries(parts: QueriesParts): ComposedQueries {
  const { clock, events, history, hosts, runner, taskQueries, acknowledgements } = parts;
  const feed = new EventFeed(events, clock);
  const live = new LiveRuns(events, history);
  const activity = new Activity(events, history, clock, () => taskQueries.ids());
  const queries: Queries = {
    tasks: taskQueries,
    activity,
    events: feed,
    today: new TodayQueries({ clock, activity, tasks: taskQueries, acknowledgements }),
    runs: new RunQueries({
      clock,
      reader: history,
      files: history,
      runner,
      approvals: parts.approvals,
      live,
    }),
    backfills: parts.previews,
    report: parts.report,
    system: new SystemQueries({
      clock,
      lifetime: parts.lifetime,
      revision: parts.revision,
      history,
      reloader: parts.reloader,
      runner,
      pulse: parts.pulse,
      readiness: parts.readiness,
      warmHosts: () => hosts.facts().used,
      settings: shownSettings(parts.config),
    }),
    notify: parts.notifications.queries,
    metrics: parts.metrics,
    heartbeat: parts.heartbeat,
    audit: new AuditQueries(parts.audit.log),
    people: new PeopleQueries(parts.auth),
  };
  return { feed, live, queries };
}

function shownSettings({ scheduler, history, datasource, server }: Config): SystemSettings {
  return {
    timezone: scheduler.timezone,
    folder: scheduler.tasks,
    workers: scheduler.workers,
    historyFile: history.file,
    databaseFile: datasource.file,
    baseUrl: server.base_url,
    trustedProxies: server.trusted_proxies,
    hsts: server.hsts,
    apiOrigins: server.api_origins,
    apiRate: server.api_rate,
  };
}
