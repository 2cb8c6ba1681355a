/** All policies there are. A new one is a file with its options, its reader, its decisions and its words, and a line here. */
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import { access } from "./access.ts";
import { approval } from "./approval.ts";
import { blackout } from "./blackout.ts";
import { calendar } from "./calendar.ts";
import { confirm } from "./confirm.ts";
import { executor } from "./executor.ts";
import { files } from "./files.ts";
import { follow } from "./follow.ts";
import { hook } from "./hook.ts";
import { interrupted } from "./interrupted.ts";
import { jitter } from "./jitter.ts";
import { limits } from "./limits.ts";
import { misfire } from "./misfire.ts";
import { notify } from "./notify.ts";
import { overlap } from "./overlap.ts";
import { pauseAfter } from "./pause_after.ts";
import { permissions } from "./permissions.ts";
import { ping } from "./ping.ts";
import type { Definition, Policy, Reading } from "./policy.ts";
import { priority } from "./priority.ts";
import { promise } from "./promise.ts";
import { retention } from "./retention.ts";
import { retry } from "./retry.ts";
import { window } from "./window.ts";

/** In the order in which a task's page shows them. */
const POLICIES = {
  limits,
  retry,
  interrupted,
  overlap,
  misfire,
  window,
  jitter,
  priority,
  blackout,
  calendar,
  follow,
  files,
  hook,
  pauseAfter,
  promise,
  confirm,
  approval,
  notify,
  ping,
  executor,
  permissions,
  access,
  retention,
};

type Table = typeof POLICIES;
type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends
  (all: infer All) => void ? All : never;
type OptionsOf<P> = P extends Policy<infer Options, infer _Plain> ? Options : never;
type PlainOf<P> = P extends Policy<infer _Options, infer Plain> ? Plain : never;

/** What an author may write about how a task is run. */
export type PolicyOptions = Intersection<OptionsOf<Table[keyof Table]>>;
/** How a task is run, as plain data that survives JSON. */
export type TaskPolicies = Intersection<PlainOf<Table[keyof Table]>>;

/** Each sees its own part of the whole. */
const ALL = Object.values(POLICIES) as unknown as readonly Policy<PolicyOptions, TaskPolicies>[];

/** The keys of a definition that are read here. */
export const POLICY_KEYS: readonly string[] = ALL.flatMap(({ keys }) => Object.keys(keys));

/** Rejects with a TypeError that names the key, what it is, and what is allowed. */
export async function readPolicies(given: Definition, reading: Reading): Promise<TaskPolicies> {
  const read = {};
  for (const policy of ALL) Object.assign(read, await policy.read(given, reading));
  return read as TaskPolicies;
}

/** How a task is run, in words: only what is not as usual. */
export function wordsOf(
  policies: TaskPolicies,
  locale: Locale,
): { readonly name: string; readonly value: string }[] {
  return ALL.flatMap((policy) => {
    const words: Readonly<Record<string, string | undefined>> = policy.wordsOf(policies, locale);
    return Object.entries(policy.keys).flatMap(([key, name]) => {
      const value = words[key];
      return value === undefined ? [] : [{ name: text(locale, name), value }];
    });
  });
}
