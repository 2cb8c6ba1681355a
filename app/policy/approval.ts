/** `approval`: a run that somebody asks for waits until another person has approved it. What is due is not held. */
import { sentence } from "../locale/sentence.ts";
import type { DurationLike } from "../base/duration.ts";
import { shown } from "../base/shown.ts";
import { duration } from "../locale/format.ts";
import { text } from "../locale/locale.ts";
import type { Approval } from "../model/run.ts";
import { objectOf, positiveDurationOf, refuse } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface ApprovalKeys {
  /**
   * A run that somebody asks for waits until another person has approved it; scheduled runs are not held. Needs
   * `[auth] mode`: without sign-in nobody can tell one person from another.
   */
  readonly approval?: ApprovalRule;
}

export interface ApprovalRule {
  /** Role of those who may approve or decline; `"admin"` when left out. */
  readonly by?: string;
  /** How long a run waits before it is cancelled; one day when left out. */
  readonly expires?: DurationLike;
}

export interface ApprovalPlain {
  readonly approval?: { readonly by: string; readonly expiresMs: number } | undefined;
}

const DAY_MS = 86_400_000;
/** A run that nobody has approved for so long was forgotten. */
const MAX_EXPIRES_MS = 30 * DAY_MS;
const ROLE = /^[a-z][a-z\d_-]{0,39}$/i;

/** Runs of one task that may wait for their approval at one time. */
export const MAX_AWAITING = 100;

export const approval: Policy<ApprovalKeys, ApprovalPlain> = {
  keys: { approval: "policy.approval" },
  read: ({ approval }) => ({ approval: approval === undefined ? undefined : readRule(approval) }),
  wordsOf: ({ approval }, locale) => ({
    approval: approval &&
      text(locale, "approval.words", { role: approval.by, expires: duration(approval.expiresMs, locale) }),
  }),
};

function readRule(value: unknown): NonNullable<ApprovalPlain["approval"]> {
  const { by = "admin", expires } = objectOf("approval", value, ["by", "expires"]);
  if (typeof by !== "string" || !ROLE.test(by)) {
    refuse("approval.by", sentence("mistake.approval.role", { value: shown(by) }));
  }
  const expiresMs = expires === undefined ? DAY_MS : positiveDurationOf("approval.expires", expires);
  if (expiresMs > MAX_EXPIRES_MS) {
    refuse("approval.expires", sentence("mistake.approval.expires", { value: shown(expires) }));
  }
  return { by, expiresMs };
}

/** Who wants to decide about a run. */
export interface Decider {
  /** The name they signed in with; undefined for whoever is not signed in. */
  readonly user: string | undefined;
  readonly roles: readonly string[];
}

/** The role that may decide about everything. */
const ADMIN = "admin";

/** Why somebody may not decide about a run; undefined where they may. */
export function whyNotDecide(
  { role, askedBy }: Pick<Approval, "role" | "askedBy">,
  { user, roles }: Decider,
): "no_person" | "own" | "role" | undefined {
  if (user === undefined) return "no_person";
  if (sameName(user, askedBy)) return "own";
  return roles.includes(role) || roles.includes(ADMIN) ? undefined : "role";
}

/** Names of people are the same whatever their case, and however their letters are composed. */
function sameName(a: string, b: string): boolean {
  const plain = (name: string) => name.normalize("NFKC").trim().toLowerCase();
  return plain(a) === plain(b);
}
