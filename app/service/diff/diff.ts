/** What changes in the schedule between two versions of the task files. Pure. */
import type { EpochMs } from "../../base/time.ts";
import type { Task } from "../../task/task.ts";
import { TriggerTable } from "../../task/trigger_table.ts";
import type { Range } from "../range.ts";
import { type AccessDefaults, type Grant, newGrants, saysNothing } from "./access.ts";
import { type CrowdedMinute, crowdedMinutes, type LockClash, lockClashes, minutesOfAll } from "./crowds.ts";
import { type FireChanges, fireChanges, type FiringTask } from "./fires.ts";

/** A version of the task files. */
export interface Version {
  readonly tasks: readonly Task[];
  /** Files that are no tasks, each as a sentence. */
  readonly broken: readonly string[];
}

export interface TaskChange extends FireChanges {
  readonly taskId: string;
  readonly kind: "new" | "gone" | "changed";
  /** The trigger in English; undefined for a task that is started by hand only, or is not there. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** Zone in which its times are shown. */
  readonly timezone: string;
  /** False where the fires were compared up to a moment before the end of the span. */
  readonly isWhole: boolean;
}

export interface TaskGrants {
  readonly taskId: string;
  /** True for a new task that declares nothing: it may reach what `[permissions]` allows. */
  readonly asUsual: boolean;
  readonly grants: readonly Grant[];
}

export interface ScheduleDiff extends Range {
  readonly timezone: string;
  /** Tasks that are new, gone, or whose fires or trigger change; by id. */
  readonly tasks: readonly TaskChange[];
  readonly crowded: readonly CrowdedMinute[];
  readonly clashes: readonly LockClash[];
  readonly access: readonly TaskGrants[];
  /** Files that can be read in one version only. */
  readonly newlyBroken: readonly string[];
  readonly repaired: readonly string[];
  readonly changed: boolean;
}

export interface DiffOptions {
  /** `[scheduler] timezone`. */
  readonly timezone: string;
  /** Intervals without a start date count from here, in both versions. */
  readonly now: EpochMs;
  readonly days: number;
  /** What tasks may reach that say nothing themselves. */
  readonly defaults: AccessDefaults;
}

const DAY_MS = 86_400_000;

export function diffOf(before: Version, after: Version, options: DiffOptions): ScheduleDiff {
  const { timezone, now, days, defaults } = options;
  const span: Range = { from: now, to: now + days * DAY_MS };
  const [old, young] = [firing(before, options), firing(after, options)];
  const ids = [...new Set([...old.keys(), ...young.keys()])].sort();
  const tasks = ids.flatMap((id) => taskChange(old.get(id), young.get(id), span, timezone) ?? []);
  const minutes = [old, young].map((all) => minutesOfAll([...all.values()], span));
  const [oldMinutes, youngMinutes] = minutes;
  const crowded = oldMinutes && youngMinutes ? crowdedMinutes(oldMinutes, youngMinutes) : [];
  const clashes = oldMinutes && youngMinutes ? lockClashes(oldMinutes, youngMinutes) : [];
  const access = accessChanges(before, after, defaults);
  const newlyBroken = after.broken.filter((each) => !before.broken.includes(each));
  const repaired = before.broken.filter((each) => !after.broken.includes(each));
  const changed = [tasks, crowded, clashes, access, newlyBroken, repaired].some((each) => each.length > 0);
  return { ...span, timezone, tasks, crowded, clashes, access, newlyBroken, repaired, changed };
}

function firing({ tasks }: Version, { timezone, now }: DiffOptions): Map<string, FiringTask> {
  const table = new TriggerTable(timezone);
  return new Map(tasks.map((task) => {
    const trigger = table.set(task, now);
    return [task.id, { id: task.id, trigger, policies: task.description.policies }];
  }));
}

function taskChange(
  before: FiringTask | undefined,
  after: FiringTask | undefined,
  span: Range,
  timezone: string,
): TaskChange | undefined {
  const changes = fireChanges(before, after, span, timezone);
  const kind = before === undefined ? "new" : after === undefined ? "gone" : "changed";
  const words = [before, after].map((task) => task?.trigger?.describe("en"));
  const fires = changes.appear.length + changes.go.length + changes.move.length;
  if (kind === "changed" && fires === 0 && words[0] === words[1]) return undefined;
  return {
    taskId: (after ?? before)?.id ?? "",
    kind,
    before: words[0],
    after: words[1],
    timezone: (after ?? before)?.trigger?.timezone ?? timezone,
    ...changes,
    isWhole: changes.until === span.to,
  };
}

function accessChanges(before: Version, after: Version, defaults: AccessDefaults): TaskGrants[] {
  const old = new Map(before.tasks.map(({ id, description }) => [id, description.policies]));
  return after.tasks.flatMap(({ id, description: { policies } }) => {
    const had = old.get(id);
    const grants = newGrants(had, policies, defaults);
    return grants.length === 0 ? [] : [{ taskId: id, asUsual: !had && saysNothing(policies), grants }];
  });
}
