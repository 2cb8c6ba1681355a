/** What a run by hand needs besides its parameters: a note, the task's id typed, and the word of another person. */
import type { EpochMs } from "../base/time.ts";
import type { Actor } from "../model/actor.ts";
import type { Approval } from "../model/run.ts";
import { type ApprovalPlain, MAX_AWAITING, whyNotDecide } from "../policy/approval.ts";
import { isConfirmed } from "../policy/confirm.ts";
import type { HeldRun } from "../run/approvals.ts";
import type { Task } from "../task/task.ts";
import { Refusal } from "./refusal.ts";

/** What somebody says when they ask for a run. */
export interface AskedRun {
  /** Why they ask for it. */
  readonly note?: string | undefined;
  /** The task's id, where its `confirm` asks for it. */
  readonly confirm?: string | undefined;
}

/** Longest note, in characters. */
export const MAX_NOTE = 1_000;

/** Characters that nobody sees, and those that turn the direction of a text: what a note says is what is read. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** A note as it is kept; undefined for an empty one. @throws Refusal `invalid` for one that is too long */
export function readNote(given: string | undefined): string | undefined {
  const note =
    given?.replace(/\r\n?/g, "\n").replace(UNSEEN, (each) => /[\n\t]/.test(each) ? each : "").trim() ?? "";
  if (note.length > MAX_NOTE) {
    throw new Refusal("invalid", "problem.note", { n: note.length, most: MAX_NOTE });
  }
  return note === "" ? undefined : note;
}

/** The note of a run that is asked for. @throws Refusal `invalid` where the task's id is not typed as it has to be */
export function expectConfirmed({ id, description }: Task, { note, confirm }: AskedRun): string | undefined {
  if (!isConfirmed(id, description.policies.confirm, confirm)) {
    throw new Refusal("invalid", "problem.confirm", { task: id });
  }
  return readNote(note);
}

/**
 * On what terms a run waits for the word of another person.
 *
 * @param awaiting runs of the task that wait already
 * @throws Refusal `conflict` where they are too many, or nobody could be asked
 */
export function termsOf(
  { by, expiresMs }: NonNullable<ApprovalPlain["approval"]>,
  { id, version }: Task,
  actor: Actor,
  awaiting: number,
  now: EpochMs,
): Approval {
  if (awaiting >= MAX_AWAITING) {
    throw new Refusal("conflict", "problem.too_many_awaiting", { task: id, n: awaiting });
  }
  const askedBy = actor.name ?? actor.token ?? actor.channel;
  return { role: by, askedBy, expiresAt: now + expiresMs, version };
}

/** The name of a person who is signed in: a program has a token, and a name that nobody signed in with is not to be trusted. */
function personOf({ name, token, roles }: Actor): string | undefined {
  return token === undefined && roles !== undefined ? name : undefined;
}

/** Why somebody cannot decide about a run; undefined where they can. */
export function whyCannotDecide(actor: Actor, approval: Approval): ReturnType<typeof whyNotDecide> {
  return whyNotDecide(approval, { user: personOf(actor), roles: actor.roles ?? [] });
}

/** Who decides about a run. @throws Refusal `forbidden` for whoever may not */
export function deciderOf(actor: Actor, { id, approval }: HeldRun): string {
  const user = personOf(actor);
  const why = whyCannotDecide(actor, approval);
  if (user !== undefined && why === undefined) return user;
  throw new Refusal("forbidden", `problem.decide_${why ?? "no_person"}`, { id, role: approval.role });
}
