/**
 * Puts Carillon together, in one order and with no reference to what comes later:
 *
 *     bus → history → tasks (mirror, hosts, registry, triggers) → recorder → runner → dispatcher → scheduler → door
 *
 * Each group has a file in `compose/`; in which order they start and stop is in `compose/life.ts`.
 */
import type { Auth } from "../auth/auth.ts";
import type { Journal } from "../base/journal.ts";
import type { Config } from "../config/config.ts";
import type { Clock, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { TaskPackages } from "../task/packages/task_packages.ts";
import { readWatchSection } from "../notify/watch_section.ts";
import { composeDoor } from "./compose/door.ts";
import { composeWholeEngine } from "./compose/engine.ts";
import { openFiles } from "./compose/files.ts";
import { composeGround, type OwnParts } from "./compose/ground.ts";
import { lifeOf } from "./compose/life.ts";
import { notificationsOf, observationOf } from "./compose/observers.ts";
import { composeQueries } from "./compose/queries.ts";
import { composeQuestions } from "./compose/questions.ts";
import { composeTasks } from "./compose/tasks.ts";
import type { Hooks } from "./hooks.ts";
import type { Operations } from "./operations.ts";
import type { Queries } from "./queries.ts";
import { composePings } from "./pings.ts";

/** A Carillon without its pages: the one door, and its life. */
export interface Application extends Service, AsyncDisposable {
  readonly operations: Operations;
  readonly queries: Queries;
  readonly auth: Auth;
  /** What other programs ask for by signed requests; their signature is their sign-in. */
  readonly hooks: Hooks;
  readonly events: EventBus;
  /** What was installed for task files since they were read; see {@link TaskPackages.news}. */
  readonly packages: Pick<TaskPackages, "news">;
}

/**
 * Makes the folders, opens the history and loads the task files; nothing becomes due before `start()`.
 */
export async function compose(
  config: Config,
  clock: Clock,
  journal: Journal,
  own: OwnParts = {},
): Promise<Application> {
  const ground = await composeGround(config, clock, journal, own);
  const files = await openFiles(ground, own.history);
  const tasks = composeTasks({ ...ground, ...files }, own);
  const engine = await composeWholeEngine({ ...ground, ...files, ...tasks });
  const works = { ...ground, ...files, ...tasks, ...engine };
  const inside = { ...works, ...composeQuestions(works) };
  const notifications = notificationsOf(inside);
  const door = composeDoor({ ...inside, notifications });
  const watch = readWatchSection(config.named);
  const observation = observationOf({ ...inside, notifications, watch });
  const { feed, live, queries } = composeQueries({ ...inside, ...door, ...observation, notifications });
  const pings = composePings({ ...works, ...observation, watch });
  const { start, stop } = lifeOf({ ...works, ...observation, ...pings, notifications, feed, live });
  await engine.reloader.reload();
  await notifications.catchUp();
  const { operations, hooks } = door;
  const { auth, events } = ground;
  const { packages } = files.mirror;
  return { operations, queries, auth, hooks, events, packages, start, stop, [Symbol.asyncDispose]: stop };
}
