/** Roles: what each may do, and who has it by the settings. */
import { suggestion } from "../base/suggestion.ts";
import { ConfigError } from "../config/config_error.ts";
import type { NamedSection, SectionEntry } from "../config/named_sections.ts";
import { Access, type Grant, type Right, RIGHTS, TASK_RIGHTS } from "../model/access.ts";
import { readTaskRules } from "./task_rules.ts";

/** What the roles that are always there may do. */
export const BUILT_IN = {
  viewer: ["view", "parameters"],
  operator: [
    "view",
    "parameters",
    "source",
    "run",
    "cancel",
    "pause",
    "acknowledge",
    "system",
    "metrics",
    "databases",
    "notify",
    "reload",
  ],
  admin: RIGHTS,
} as const satisfies Readonly<Record<string, readonly Right[]>>;

const KEYS = ["tasks", "rights", "users", "groups"];

interface Role extends Grant {
  readonly name: string;
  /** Who has it by name, as {@link personName} writes it, or by a group. */
  readonly users: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** Names of people are compared without regard to case and to how their letters are put together. */
export function personName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

export class Roles {
  readonly #roles: ReadonlyMap<string, Role>;
  /** The same roles lead to the same access. */
  readonly #made = new Map<string, Access>();

  /** @param sections those of `[role:…]` @throws ConfigError */
  constructor(sections: readonly NamedSection[]) {
    const builtIn = Object.entries(BUILT_IN).map(([name, rights]): Role => ({
      name,
      rights: new Set(rights),
      tasks: "all",
      users: new Set(),
      groups: new Set(),
    }));
    const own = sections.filter(({ kind }) => kind === "role").map(roleOf);
    this.#roles = new Map([...builtIn, ...own].map((role) => [role.name, role]));
  }

  get names(): readonly string[] {
    return [...this.#roles.keys()];
  }

  /** Names of the roles that somebody has by the settings. */
  of(person: string, groups: readonly string[] = []): readonly string[] {
    const name = personName(person);
    return [...this.#roles.values()].filter((role) =>
      role.users.has(name) || groups.some((group) => role.groups.has(group))
    ).map((role) => role.name);
  }

  /** What these roles may do together. A name that is no role any more gives nothing. */
  access(names: readonly string[]): Access {
    const key = [...new Set(names)].toSorted().join(",");
    const made = this.#made.get(key) ??
      new Access(key.split(",").flatMap((name) => this.#roles.get(name) ?? []));
    this.#made.set(key, made);
    return made;
  }

  /** True where the settings make somebody an administrator. */
  get hasAdmin(): boolean {
    return [...this.#roles.values()].some(({ rights, tasks, users, groups }) =>
      tasks === "all" && rights.has("users") && users.size + groups.size > 0
    );
  }
}

function roleOf({ name, place, entries }: NamedSection): Role {
  for (const [key, entry] of entries) {
    if (!KEYS.includes(key)) throw new ConfigError(`${entry.place}: unknown key; ${suggestion(key, KEYS)}`);
  }
  const tasks = entries.get("tasks");
  const rights = entries.get("rights");
  const own = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name as keyof typeof BUILT_IN] : undefined;
  if (!rights && !own) {
    throw new ConfigError(
      `${place}: "rights" is missing, such as rights = view, run; there are ${RIGHTS.join(", ")}, or all`,
    );
  }
  return {
    name,
    tasks: tasks ? read(tasks, readTaskRules) : "all",
    rights: new Set(
      rights
        ? read(rights, (text) => readRights(text, tasks !== undefined))
        : rightsFor(own ?? [], tasks !== undefined),
    ),
    users: new Set(list(entries.get("users")).map(personName)),
    groups: new Set(list(entries.get("groups"))),
  };
}

/**
 * Reads a list with commas; `all` is all of them.
 *
 * @param isLimited true where they hold for some tasks only
 * @throws RangeError
 */
export function readRights(text: string, isLimited: boolean): readonly Right[] {
  const words = text.split(",").map((each) => each.trim()).filter((each) => each !== "");
  if (words.length === 0) throw new RangeError(`no right is named; there are ${RIGHTS.join(", ")}, or all`);
  const rights = words.flatMap((word): readonly Right[] => {
    if (word === "all") return rightsFor(RIGHTS, isLimited);
    const right = RIGHTS.find((each) => each === word);
    if (right) return [right];
    throw new RangeError(`"${word}" is no right; ${suggestion(word, [...RIGHTS, "all"])}`);
  });
  const whole = rights.find((right) => isLimited && !isOfTasks(right));
  if (whole === undefined) return rights;
  throw new RangeError(
    `the right "${whole}" is one of Carillon as a whole and cannot be given for some tasks only`,
  );
}

function rightsFor(rights: readonly Right[], isLimited: boolean): readonly Right[] {
  return isLimited ? rights.filter(isOfTasks) : rights;
}

function isOfTasks(right: Right): boolean {
  return TASK_RIGHTS.some((each) => each === right);
}

function read<T>({ value, place }: SectionEntry, reader: (text: string) => T): T {
  try {
    return reader(value);
  } catch (cause) {
    if (cause instanceof RangeError) throw new ConfigError(`${place}: ${cause.message}`, { cause });
    throw cause;
  }
}

function list(entry: SectionEntry | undefined): readonly string[] {
  return (entry?.value ?? "").split(",").map((each) => each.trim()).filter((each) => each !== "");
}
