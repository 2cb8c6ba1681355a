/** The door as people and programs from outside come to it: each operation and question is checked by the table of rights. */
import type { Access, Right } from "../model/access.ts";
import type { Actor } from "../model/actor.ts";
import { NOTHING } from "../model/access.ts";
import type { Operations } from "./operations.ts";
import type { Queries } from "./queries.ts";
import { Refusal } from "./refusal.ts";
import {
  NOTIFY_OPERATION_RIGHTS,
  OPERATION_RIGHTS,
  type OperationRight,
  PEOPLE_OPERATION_RIGHTS,
  QUERY_RIGHTS,
  type QueryRight,
  type Target,
  type World,
} from "./rights.ts";
import { seenQueries } from "./seen/queries.ts";
import { Sight, subjectOf } from "./seen/sight.ts";

/** Kinds of access whose queries are kept; the one that was made first goes first. */
const MAX_KEPT = 64;

export class Door {
  /** The operations, of actors that have an access. */
  readonly operations: Operations;
  readonly #world: World;
  readonly #queries = new Map<string, Queries>();

  constructor(operations: Operations, readonly all: Queries) {
    this.#world = worldOf(all);
    const notify = guardOperations(operations.notify, NOTIFY_OPERATION_RIGHTS, this.#world);
    const people = guardOperations(operations.people, PEOPLE_OPERATION_RIGHTS, this.#world);
    this.operations = guardOperations(operations, OPERATION_RIGHTS, this.#world, { notify, people });
  }

  /** What somebody with this access sees. */
  queries(access: Access): Queries {
    if (access.isUnlimited) return this.all;
    const kept = this.#queries.get(access.key);
    if (kept) return kept;
    const made = guardQueries(seenQueries(this.all, access), access, this.#world);
    const [oldest] = this.#queries.keys();
    if (this.#queries.size >= MAX_KEPT && oldest !== undefined) this.#queries.delete(oldest);
    this.#queries.set(access.key, made);
    return made;
  }
}

function worldOf({ tasks, runs, backfills }: Queries): World {
  const target = (taskId: string, unknown: Target["unknown"]): Target => {
    const found = tasks.find(taskId);
    return { task: found && subjectOf(found.task), unknown };
  };
  // What there is not is reported by what is asked, in its own words.
  return {
    sight: (access) => new Sight(tasks.parts.registry, access),
    task: (id) => tasks.find(id) ? [target(id, () => new Refusal("unknown", "problem.no_task", { id }))] : [],
    async run(id) {
      const found = await runs.find(id);
      return found ? [target(found.taskId, () => new Refusal("unknown", "problem.no_run", { id }))] : [];
    },
    plan: (id) =>
      tasks.planned().filter((plan) => plan.id === id).map((plan) =>
        target(plan.taskId, () => new Refusal("unknown", "problem.no_plan", { id }))
      ),
    backfill: (id) =>
      backfills.all().filter(({ plan }) => plan.id === id).map(({ plan }) =>
        target(plan.taskId, () => new Refusal("unknown", "problem.no_backfill", { id }))
      ),
  };
}

/** @throws Refusal `unknown` for what may not be viewed, `forbidden` for what may be viewed but not done */
function check(access: Access, right: Right, targets: readonly Target[] | undefined): void {
  if (targets === undefined) {
    if (!access.may(right)) throw new Refusal("forbidden", "problem.forbidden", { right });
    return;
  }
  // A right to do something is enough to do it: a token that may only run sees nothing.
  const knows = ({ task }: Target) => access.may("view", task) || access.may(right, task);
  for (const each of targets) if (!knows(each)) throw each.unknown();
  for (const { task } of targets) {
    if (access.may(right, task)) continue;
    throw task
      ? new Refusal("forbidden", "problem.forbidden_task", { right, task: task.id })
      : new Refusal("forbidden", "problem.forbidden", { right });
  }
}

type Rights<R> = Readonly<Record<string, R>>;
type Call = (...given: readonly unknown[]) => unknown;

/** @param inside parts that have guards of their own */
function guardOperations<T extends object>(
  operations: T,
  rights: Rights<OperationRight>,
  world: World,
  inside: Readonly<Record<string, object>> = {},
): T {
  return new Proxy(operations, {
    get(target, name) {
      const own = inside[String(name)];
      if (own) return own;
      const { right, about, shown } = rowOf(rights, name);
      const call = Reflect.get(target, name) as Call;
      return (actor: Actor, ...given: never[]) => {
        const access = actor.access ?? NOTHING;
        const act = (targets: readonly Target[] | undefined) => {
          check(access, right, targets);
          const answer = call.call(target, actor, ...given);
          if (!shown || access.isUnlimited) return answer;
          const show = (found: unknown) => shown(world.sight(access), found as never);
          return answer instanceof Promise ? answer.then(show) : show(answer);
        };
        const targets = about?.(world, ...given);
        return targets instanceof Promise ? targets.then(act) : act(targets);
      };
    },
  });
}

function guardQueries(queries: Queries, access: Access, world: World): Queries {
  const guarded = Object.entries(queries).map(([name, part]) => [
    name,
    guardPart(part, rowOf(QUERY_RIGHTS as Rights<Rights<QueryRight>>, name), access, world),
  ]);
  return Object.fromEntries(guarded) as Queries;
}

function guardPart<T extends object>(part: T, rights: Rights<QueryRight>, access: Access, world: World): T {
  return new Proxy(part, {
    get(target, name) {
      const row = rowOf(rights, name);
      const value: unknown = Reflect.get(target, name);
      if (row === "seen" || row === "open") {
        return typeof value === "function" ? value.bind(target) : value;
      }
      const { right, about, otherwise } = row;
      const answer = (targets: readonly Target[] | undefined, given: () => unknown) => {
        try {
          check(access, right, targets);
          return given();
        } catch (error) {
          if (!(error instanceof Refusal) || error.kind !== "forbidden" || !otherwise) throw error;
          return otherwise(given() as never);
        }
      };
      if (typeof value !== "function") return answer(undefined, () => value);
      return (...given: never[]) => answer(about?.(world, ...given), () => value.call(target, ...given));
    },
  });
}

/** What has no row is nobody's: a mistake of ours, which no request gets past. */
function rowOf<R>(rows: Rights<R>, name: string | symbol): R {
  const row = typeof name === "string" && Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row === undefined) throw new Error(`${String(name)} has no row in app/service/rights.ts`);
  return row;
}
