/** What is known of the module `carillon` and of what a run is given: the names that may stand behind a dot. */
import * as sdk from "../../sdk/carillon.ts";
import type { RunContext, RunFacts, RunLog } from "../../task/define.ts";

/** A value whose members are known. */
export interface Known {
  /** As a sentence calls it: `log`. */
  readonly what: string;
  /** Members, and what is known of each. */
  readonly members: Readonly<Record<string, Known | undefined>>;
}

/** Each key has to be there, and no other: a new one is added to the type and here. */
type Members<T> = Record<keyof T, Known | undefined>;

export const LOG: Known = {
  what: "log",
  members: { debug: undefined, info: undefined, warn: undefined, error: undefined } satisfies Members<RunLog>,
};

const FACTS: Known = {
  what: "run",
  members: {
    id: undefined,
    taskId: undefined,
    cause: undefined,
    scheduledAt: undefined,
    attempt: undefined,
  } satisfies Members<RunFacts>,
};

/** What `run` is given. @param params names of the task's parameters, where they are known */
export function contextOf(params: readonly string[] | undefined): Known {
  return {
    what: "what run is given",
    members: {
      params: params && {
        what: "params",
        members: Object.fromEntries(params.map((name) => [name, undefined])),
      },
      signal: undefined,
      log: LOG,
      progress: undefined,
      run: FACTS,
      window: undefined,
      cause: undefined,
    } satisfies Members<RunContext>,
  };
}

/** All of the module, as `import * as carillon` gives it. */
export const MODULE: Known = {
  what: "carillon",
  members: { ...Object.fromEntries(Object.keys(sdk).map((name) => [name, undefined])), log: LOG },
};

/** Functions whose first argument is the name of a database. */
export const BY_DATABASE = ["query", "execute", "stream", "transaction", "insertMany"];
/** Functions that take objects with the key `database`. */
export const WITH_DATABASE = ["copyRows", "sqlScript"];

/** Names that are there without being declared. */
export function globalNames(): ReadonlySet<string> {
  const names = new Set(["undefined"]);
  for (let each: unknown = globalThis; each; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  }
  return names;
}

/** What every object has. */
export const OBJECT_MEMBERS: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));
