/** What a task may reach that it could not reach before: permissions, secrets, databases. Pure. */
import { PERMISSION_KINDS, type Permissions } from "../../model/order.ts";
import type { TaskPolicies } from "../../policy/policies.ts";

const KINDS = [...PERMISSION_KINDS, "secrets", "databases"] as const;
export type AccessKind = (typeof KINDS)[number];

/** All, nothing, or what is listed: what a task may reach that says nothing itself. */
export type AccessDefaults = Readonly<Record<AccessKind, boolean | readonly string[]>>;

type Access = Partial<Pick<TaskPolicies, "permissions" | "secrets" | "databases">>;

/** Something of one kind that is new; `what` is undefined for all of it. */
export interface Grant {
  readonly kind: AccessKind;
  readonly what?: string | undefined;
}

/** @param before undefined for a task that is new */
export function newGrants(before: Access | undefined, after: Access, defaults: AccessDefaults): Grant[] {
  return KINDS.flatMap((kind): Grant[] => {
    const had = before ? reachOf(before, kind, defaults) : false;
    const has = reachOf(after, kind, defaults);
    if (had === true || has === false) return [];
    if (has === true) return [{ kind }];
    const known: readonly string[] = had === false ? [] : had;
    return has.filter((what) => !known.includes(what)).map((what) => ({ kind, what }));
  });
}

/** True for a task that declares nothing: it may reach what the operator's settings allow. */
export function saysNothing({ permissions, secrets, databases }: Access): boolean {
  return permissions === undefined && secrets === undefined && databases === undefined;
}

function reachOf(access: Access, kind: AccessKind, defaults: AccessDefaults): boolean | readonly string[] {
  if (kind === "secrets" || kind === "databases") return access[kind] ?? defaults[kind];
  const permissions: Permissions | undefined = access.permissions;
  return permissions?.[kind] ?? defaults[kind];
}
