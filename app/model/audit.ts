/** What the audit keeps: who did what to what, and what came of it. */
import type { Actor } from "./actor.ts";

/** `refused`: it was not allowed, or could not be done as things were. `failed`: it was begun and went wrong. */
export const AUDIT_OUTCOMES = ["done", "refused", "failed"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Something that somebody did, or tried to do. */
export interface AuditEntry {
  readonly actor: Actor;
  /** What it was, such as `run.start`, `sign_in` or `token.create`. */
  readonly action: string;
  /** What it was done to, such as `task/sync_orders`, `run/0195b3c1-…` or `user/anna`. */
  readonly target?: string | undefined;
  /** With what. Secrets are taken out of it, and what is long is cut. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly outcome: AuditOutcome;
  /** A sentence in English: why it was refused or failed, or what came of it. */
  readonly message?: string | undefined;
}
