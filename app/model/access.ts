/** What somebody may do: rights, and the tasks that they hold for. */

/** Rights that can be given for some tasks only. What one may not `view` is not there: not in lists, counts or searches. */
export const TASK_RIGHTS = [
  "view",
  "parameters",
  "source",
  "run",
  "cancel",
  "pause",
  "acknowledge",
  "approve",
] as const;

/** Rights of Carillon as a whole. */
export const WHOLE_RIGHTS = [
  "system",
  "metrics",
  "databases",
  "notify",
  "reload",
  "audit",
  "users",
] as const;

export const RIGHTS = [...TASK_RIGHTS, ...WHOLE_RIGHTS] as const;

export type Right = (typeof RIGHTS)[number];

/** What rules look at of a task. */
export interface Subject {
  readonly id: string;
  /** Path of its file below the tasks folder. */
  readonly path: string;
  readonly tags: readonly string[];
}

/** Which tasks a rule means. */
export interface TaskRule {
  /** As it was written, such as `finance/*` or `tag:ledger`. */
  readonly text: string;
  readonly matches: (task: Subject) => boolean;
}

/** Some rights, for all tasks or for those that one of the rules means. */
export interface Grant {
  readonly rights: ReadonlySet<Right>;
  readonly tasks: "all" | readonly TaskRule[];
}

export class Access {
  /** The same for all that may do the same: what was made for one can be shown to the other. */
  readonly key: string;

  constructor(readonly grants: readonly Grant[]) {
    this.key = grants.map(keyOf).toSorted().join("; ");
  }

  /**
   * True where one may do this to a task, or to Carillon as a whole.
   *
   * @param task left out for Carillon as a whole, and for a task that is not there any more: that takes a right for all tasks
   */
  may(right: Right, task?: Subject): boolean {
    return this.grants.some(({ rights, tasks }) =>
      rights.has(right) &&
      (tasks === "all" || (task !== undefined && tasks.some((rule) => rule.matches(task))))
    );
  }

  /** True where one may do this to one task at least, or to those that a rule may mean one day. */
  mayAny(right: Right): boolean {
    return this.grants.some(({ rights }) => rights.has(right));
  }

  /** True where one may do everything. */
  get isUnlimited(): boolean {
    return RIGHTS.every((right) => this.may(right));
  }
}

function keyOf({ rights, tasks }: Grant): string {
  const rules = tasks === "all" ? "all" : tasks.map(({ text }) => text).toSorted().join(", ");
  return `${[...rights].toSorted().join(", ")} on ${rules}`;
}

/** Everything: the program itself, and everybody where there is no sign-in. */
export const EVERYTHING = new Access([{ rights: new Set(RIGHTS), tasks: "all" }]);

export const NOTHING = new Access([]);
