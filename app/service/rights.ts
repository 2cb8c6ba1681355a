/** The one table of rights: what each operation and each question takes. The guards of the door go by it. */
import type { Actor } from "../model/actor.ts";
import type { Access, Right, Subject } from "../model/access.ts";
import type { BackfillProgress } from "../model/backfill.ts";
import type { Operations, StartAnswer } from "./operations.ts";
import type { NotifyOperations } from "./notify_operations.ts";
import type { PeopleOperations } from "./operations/people_operations.ts";
import type { Queries } from "./queries.ts";
import { Refusal } from "./refusal.ts";
import type { Sight } from "./seen/sight.ts";

/** A task that is asked about. Whoever may not view it is refused as if it were not there. */
export interface Target {
  /** Undefined for a task that is gone, of which there are still runs. */
  readonly task: Subject | undefined;
  readonly unknown: () => Refusal;
}

/** What there is, as the guards look it up. */
export interface World {
  readonly sight: (access: Access) => Sight;
  readonly task: (id: string) => readonly Target[];
  readonly run: (id: string) => Promise<readonly Target[]>;
  readonly backfill: (id: string) => readonly Target[];
  readonly plan: (id: string) => readonly Target[];
}

type About<A extends readonly unknown[]> = (
  world: World,
  ...given: A
) => readonly Target[] | Promise<readonly Target[]>;

/** The right that an operation takes, and for which tasks; without `about` it is one of Carillon as a whole. */
export interface OperationRight<A extends readonly unknown[] = readonly never[], R = never, S = unknown> {
  readonly right: Right;
  readonly about?: About<A>;
  /** What of its answer is for the eyes of whoever asked. */
  readonly shown?: (sight: Sight, answer: R) => S;
}

type Rest<F> = F extends (actor: Actor, ...rest: infer R) => unknown ? R : never;

type OperationRights<T> = {
  readonly [M in keyof T as T[M] extends (actor: Actor, ...rest: never[]) => unknown ? M : never]:
    OperationRight<Rest<T[M]>, Awaited<Answer<T[M]>>, Awaited<Answer<T[M]>>>;
};

type Answer<M> = M extends (...given: never[]) => infer R ? R : M;

const task = (world: World, id: string) => world.task(id);
const tasks = (world: World, ids: readonly string[]) => ids.flatMap((id) => world.task(id));
const run = (world: World, id: string) => world.run(id);
const started = (sight: Sight, answer: StartAnswer): StartAnswer =>
  answer.ok ? { ok: true, run: sight.shown(answer.run) } : answer;
const progress = (sight: Sight, answer: BackfillProgress): BackfillProgress => ({
  ...answer,
  plan: sight.withoutParams(answer.plan),
});

export const OPERATION_RIGHTS: OperationRights<Operations> = {
  run: { right: "run", about: task, shown: started },
  start: { right: "run", about: task, shown: started },
  rerun: { right: "run", about: run, shown: started },
  backfill: {
    right: "run",
    about: task,
    shown: (sight, answer) => answer.ok ? { ok: true, progress: progress(sight, answer.progress) } : answer,
  },
  cancel: { right: "cancel", about: run, shown: (sight, answer) => sight.shown(answer) },
  approve: { right: "approve", about: run, shown: (sight, answer) => sight.shown(answer) },
  decline: { right: "approve", about: run, shown: (sight, answer) => sight.shown(answer) },
  cancelBackfill: { right: "cancel", about: (world, id) => world.backfill(id), shown: progress },
  cancelPlanned: {
    right: "cancel",
    about: (world, id) => world.plan(id),
    shown: (sight, answer) => sight.withoutParams(answer),
  },
  pause: { right: "pause", about: tasks },
  resume: { right: "pause", about: tasks },
  acknowledge: { right: "acknowledge", about: (world, _cause, ids) => tasks(world, ids) },
  reload: { right: "reload" },
  testDatabase: { right: "databases" },
};

export const NOTIFY_OPERATION_RIGHTS: OperationRights<NotifyOperations> = {
  test: { right: "notify" },
  again: { right: "notify" },
  mute: { right: "notify" },
  muteSubject: { right: "notify" },
  acknowledge: { right: "notify" },
};

export const PEOPLE_OPERATION_RIGHTS: OperationRights<PeopleOperations> = {
  addUser: { right: "users" },
  setRoles: { right: "users" },
  renewPassword: { right: "users" },
  signOutUser: { right: "users" },
  removeUser: { right: "users" },
  createToken: { right: "users" },
  revokeToken: { right: "users" },
};

/**
 * What a question takes. `seen`: nothing, and it is answered with the tasks that are viewed (`seen/`). `open`: nothing, and
 * its answer has nothing of any task. Otherwise a right: without it one is refused, or answered `otherwise`.
 */
export type QueryRight<V = never> = "seen" | "open" | {
  readonly right: Right;
  readonly about?: (world: World, ...given: never[]) => readonly Target[];
  readonly otherwise?: (answer: V) => V;
};

/** How the parts are put together, which is nobody's business. */
type Inside = "parts";

type QueryRights<T> = { readonly [M in Exclude<keyof T, Inside>]: QueryRight<Answer<T[M]>> };

export const QUERY_RIGHTS: { readonly [P in keyof Queries]: QueryRights<Queries[P]> } = {
  tasks: {
    all: "seen",
    briefs: "seen",
    pausedCount: "seen",
    paused: "seen",
    nextOf: "seen",
    ids: "seen",
    stateOf: "seen",
    find: "seen",
    get: "seen",
    broken: "seen",
    zoneOf: "open",
    titleOf: "seen",
    upcoming: "seen",
    planned: "seen",
    warnings: "seen",
    params: "seen",
    source: { right: "source", about: task },
    brokenSource: {
      right: "source",
      about: (_, file: { readonly path: string; readonly taskId?: string }) => [
        {
          task: { id: file.taskId ?? "", path: file.path, tags: [] },
          unknown: () => new Refusal("unknown", "problem.no_file", { file: file.path }),
        },
      ],
      otherwise: () => undefined,
    },
  },
  runs: {
    find: "seen",
    get: "seen",
    search: "seen",
    recent: "seen",
    last: "seen",
    outcomes: "seen",
    compared: "seen",
    days: "seen",
    codeOf: {
      right: "source",
      about: (world, { taskId }: { readonly taskId: string }) => world.task(taskId),
      otherwise: () => Promise.resolve(undefined),
    },
    neighbours: "seen",
    durations: "seen",
    lines: "seen",
    logSize: "seen",
    logParts: "seen",
    unfinished: "seen",
    awaiting: "seen",
    artifacts: "seen",
    artifact: "seen",
    bytesOfTasks: "seen",
    waitReason: "seen",
    follow: "seen",
  },
  backfills: { all: "seen", get: "seen", preview: "seen" },
  report: { report: "seen" },
  today: { report: "seen", nextHour: "seen" },
  activity: {
    ready: "open",
    changes: "open",
    structure: "open",
    revision: "open",
    numberOf: "open",
    of: "seen",
    changedAt: "seen",
    lastFailures: "seen",
    outcomes: "seen",
  },
  events: { follow: "seen" },
  system: {
    settings: "open",
    now: "open",
    openedAt: "open",
    isRunning: "open",
    revision: "open",
    health: "open",
    folderTrouble: { right: "system", otherwise: (why) => why && "" },
    pulse: { right: "system" },
    busyWorkers: { right: "system" },
    warmHosts: { right: "system" },
    historyBytes: { right: "system" },
    notReady: { right: "system", otherwise: (all) => all.map(({ part }) => ({ part, why: "" })) },
    isSandboxed: "open",
    sleep: "open",
    databases: { right: "databases" },
  },
  notify: {
    targets: { right: "notify" },
    deliveries: { right: "notify" },
    titleOf: { right: "notify" },
    preview: { right: "notify" },
    lineOf: { right: "notify" },
    trouble: { right: "notify" },
    mutedSubjects: { right: "notify" },
    undelivered: { right: "notify", otherwise: () => [] },
    passedOn: { right: "notify", otherwise: () => [] },
  },
  audit: {
    find: { right: "audit" },
    export: { right: "audit" },
    trouble: { right: "system", otherwise: () => undefined },
  },
  people: {
    mode: { right: "users" },
    roles: { right: "users" },
    all: { right: "users" },
    get: { right: "users" },
    tokens: { right: "users" },
  },
  metrics: { text: { right: "metrics" }, onRequest: "open" },
  // Signed with a secret of its own, both ways.
  heartbeat: { isOpen: "open", answer: "open" },
};
