/** `permissions`: what a task's code may reach. */
import { sentence, wrongWith } from "../locale/sentence.ts";
import { whyNotGranted } from "../base/granted.ts";
import { shown } from "../base/shown.ts";
import { text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import { PERMISSION_KINDS, type Permissions, SYSTEM_FACTS, type SystemFact } from "../model/order.ts";
import { objectOf, oneOf, refuse, textsOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface PermissionKeys {
  /** What its code may reach; all else is refused. Left out, it may what `[permissions]` of carillon.ini allows. */
  readonly permissions?: PermissionOptions;
}

/** Each is `true` for all, `false` for nothing, or a list of what is allowed. What is left out is nothing. */
export interface PermissionOptions {
  /** Hosts, such as `"api.example.com"` or `"db.local:5432"`. */
  readonly net?: boolean | readonly string[];
  /** Files and folders, relative to the folder that Carillon was started in. */
  readonly read?: boolean | readonly string[];
  readonly write?: boolean | readonly string[];
  /** Names of environment variables. */
  readonly env?: boolean | readonly string[];
  /** Programs. */
  readonly run?: boolean | readonly string[];
  /** What it may ask of the system, by Deno's names: `"hostname"`, `"osRelease"`, `"networkInterfaces"`. Its processors are no secret. */
  readonly sys?: boolean | readonly SystemFact[];
}

/** Executors in which one run shares its process with those of other tasks. */
const SHARING = ["shared", "inline"];

export const permissions: Policy<PermissionKeys, { readonly permissions?: Permissions | undefined }> = {
  keys: { permissions: "policy.permissions" },
  read({ permissions, executor }) {
    if (permissions === undefined) return { permissions: undefined };
    const sharing = SHARING.find((each) => each === executor);
    if (sharing !== undefined) {
      refuse("permissions", sentence("mistake.permissions.shared", { executor: sharing }));
    }
    return { permissions: readPermissions(permissions) };
  },
  wordsOf: ({ permissions }, locale) => ({ permissions: permissions && permissionText(permissions, locale) }),
};

function readPermissions(permissions: unknown): Permissions {
  const given = objectOf("permissions", permissions, PERMISSION_KINDS);
  const entries = PERMISSION_KINDS.map((kind) => {
    const value = given[kind] ?? false;
    return [kind, typeof value === "boolean" ? value : entriesOf(kind, value)];
  });
  const read = Object.fromEntries(entries) as Permissions;
  // The runtime refuses to start a sandbox with a name that it does not know.
  if (typeof read.sys !== "boolean") {
    for (const fact of read.sys) oneOf("permissions.sys", fact, SYSTEM_FACTS);
  }
  return read;
}

function entriesOf(kind: string, value: unknown): readonly string[] {
  const key = `permissions.${kind}`;
  const entries = textsOf(key, value);
  for (const entry of entries) {
    const why = whyNotGranted(kind, entry);
    if (why !== undefined) {
      refuse(key, wrongWith(shown(entry), sentence(`mistake.granted.${why}`, { entry })));
    }
  }
  return entries;
}

function permissionText(permissions: Permissions, locale: Locale): string {
  const granted = Object.entries(permissions).flatMap(([kind, allowed]) => {
    if (allowed === true) return [kind];
    return allowed === false || allowed.length === 0 ? [] : [`${kind}: ${allowed.join(" ")}`];
  });
  return granted.length === 0 ? text(locale, "permissions.none") : granted.join("; ");
}
