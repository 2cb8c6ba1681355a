/** What became of a task file that was loaded, and which of the files an id belongs to. */
import { DefinitionError } from "../policy/option.ts";
import { sentence, type Told, toldOf } from "../locale/sentence.ts";
import type { EpochMs } from "../base/time.ts";
import type { TaskDescription } from "./description.ts";
import type { SourcePlace } from "./source.ts";
import { taskIdOf } from "./source.ts";
import type { Task } from "./task.ts";
import { isTaskId } from "./task_id.ts";

/** A file of one version: its tasks, or why it has none. */
export type Outcome =
  | { readonly kind: "tasks"; readonly version: string; readonly tasks: readonly Task[] }
  /** It is imported by others and has no task of its own. */
  | { readonly kind: "library"; readonly version: string }
  | {
    readonly kind: "broken";
    readonly version: string;
    readonly told: Told;
    readonly place?: SourcePlace | undefined;
    /** When it is loaded again, where the reason may pass without a change. */
    readonly retry?: Retry | undefined;
  };

/** A file of one version that is to be loaded again. */
export interface Retry {
  /** How often it has been loaded. */
  readonly tries: number;
  readonly at: EpochMs;
}

/** Wait after the first try; it doubles with each further one. */
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 30 * 60_000;

/** The try after that of `before`, where there was one of the same version: 30 s later, 1 min, 2 min, … up to half an hour. */
export function nextRetry(now: EpochMs, before: Retry | undefined): Retry {
  const tries = (before?.tries ?? 0) + 1;
  return { tries, at: now + Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS) };
}

/** True where it is time for it. A clock that was set back does not put it off. */
export function isDue({ at }: Retry, now: EpochMs): boolean {
  return now >= at || at - now > LONGEST_RETRY_MS;
}

/** A file, and the tasks of its last good version. */
export interface Claim {
  readonly path: string;
  readonly outcome: Outcome;
  readonly before: readonly Task[];
}

/** The tasks that a file's descriptions make. @throws TypeError for a name that is no id */
export function tasksOf(
  path: string,
  module: string,
  version: string,
  descriptions: readonly TaskDescription[],
): readonly Task[] {
  return descriptions.map((description) => {
    const id = description.id ?? taskIdOf(path);
    if (!isTaskId(id)) {
      throw new DefinitionError(sentence("mistake.file_id", { id }));
    }
    return Object.freeze({ id, path, module, version, description });
  });
}

/** Ids given to files; where a file cannot have one of its ids, none of its new tasks counts (I5). */
export interface Settled {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly broken: readonly {
    readonly path: string;
    readonly told: Told;
    readonly place?: SourcePlace | undefined;
    readonly retry?: Retry | undefined;
  }[];
}

/** Gives the ids out. A file that already has its ids comes first, so that a newcomer cannot take one over. */
export function settle(claims: readonly Claim[]): Settled {
  const tasks = new Map<string, Task>();
  const broken: Settled["broken"][number][] = [];
  const order = [...claims].sort((a, b) => seniority(a) - seniority(b) || (a.path < b.path ? -1 : 1));
  for (const { path, outcome, before } of order) {
    const taken = outcome.kind === "tasks" ? outcome.tasks.find(({ id }) => tasks.has(id)) : undefined;
    if (outcome.kind === "tasks" && !taken) {
      for (const task of outcome.tasks) tasks.set(task.id, task);
      continue;
    }
    if (outcome.kind === "library") continue;
    if (outcome.kind === "broken") {
      broken.push({ path, told: outcome.told, place: outcome.place, retry: outcome.retry });
    }
    if (taken) broken.push({ path, told: takenBy(taken, tasks.get(taken.id)?.path ?? "") });
    for (const task of before) if (!tasks.has(task.id)) tasks.set(task.id, task);
  }
  return { tasks, broken };
}

function takenBy({ id, description }: Task, holder: string): Told {
  const key = description.id === undefined ? "mistake.taken_file" : "mistake.taken_id";
  return toldOf(sentence(key, { id, holder }));
}

/** 0 for a file that has all its ids, 1 for one that has some, 2 for a newcomer. */
function seniority({ outcome, before }: Claim): number {
  if (before.length === 0) return 2;
  if (outcome.kind !== "tasks") return 0;
  return outcome.tasks.every(({ id }) => before.some((each) => each.id === id)) ? 0 : 1;
}
