/** The life of a Carillon: in which order its parts start, and in which they stop. */
import type { Service } from "../../contracts.ts";
import type { EventFeed } from "../event_feed.ts";
import type { LiveRuns } from "../live_runs.ts";
import type { Notifications } from "../notifications.ts";
import type { ComposedPings } from "../pings.ts";
import type { Observation } from "../observation.ts";
import type { Works } from "./engine.ts";

export interface LifeParts extends Works, ComposedPings, Pick<Observation, "pulse"> {
  readonly notifications: Notifications;
  readonly feed: EventFeed;
  readonly live: Pick<LiveRuns, "stop">;
}

/**
 * Nothing becomes due before `start`. `stop` says first that nothing is started any more, and then goes from what begins runs
 * to what they need, so that nothing calls what is gone. What records what comes of a run goes after the runner: runs go on
 * for their grace time.
 */
export function lifeOf(parts: LifeParts): Service {
  const { audit, hosts, pulse, notifications, lifetime, feed, live, maintenance, selfPause } = parts;
  const { runPings, wholePings, tracing } = parts;
  const { interrupted, approvals, scheduler, backfills, arrivals, planned, runner, dispatcher } = parts;
  const starting: readonly Service[] = [
    audit,
    hosts,
    pulse,
    notifications,
    lifetime,
    ...wholePings,
    runPings,
    ...tracing.services,
    feed,
    maintenance,
    selfPause,
    interrupted,
    approvals,
    scheduler,
    backfills,
    arrivals,
    planned,
  ];
  const stopping: readonly Pick<Service, "stop">[] = [
    lifetime,
    scheduler,
    ...wholePings,
    approvals,
    pulse,
    interrupted,
    runner,
    dispatcher,
    planned,
    backfills,
    selfPause,
    runPings,
    ...tracing.services,
    feed,
    live,
    arrivals,
    hosts,
    notifications,
    maintenance,
    audit,
  ];
  let stopped: Promise<void> | undefined;
  return {
    async start() {
      for (const each of starting) await each.start();
    },
    stop: () =>
      stopped ??= (async () => {
        for (const each of stopping) await each.stop();
        await parts.mirror.close();
        parts.auth[Symbol.dispose]();
        await parts.history.close();
      })(),
  };
}
