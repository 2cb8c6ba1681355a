/** Runs that wait for the word of another person, for whoever looks at Today: those that they may decide about first. */
import type { Actor } from "../model/actor.ts";
import { whyCannotDecide } from "../service/asked_run.ts";
import type { Queries } from "../service/queries.ts";
import type { AwaitingProps } from "../../templates/components/awaiting.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { path, withQuery } from "./paths.ts";

/** Runs that are listed; the others are a link. */
const MAX_AWAITING = 5;
/** Characters of a note. */
const MAX_NOTE = 200;

export function awaitingView(
  { runs, tasks }: Queries,
  { locale, may }: ViewerView,
  actor: Actor,
): Omit<AwaitingProps, "viewer"> {
  const all = runs.awaiting();
  const each = all.map(({ id, taskId, approval, note }) => ({
    title: tasks.titleOf(taskId, locale),
    address: path.run(id),
    askedBy: approval.askedBy,
    role: approval.role,
    note: note?.slice(0, MAX_NOTE),
    expiresAt: approval.expiresAt,
    isYours: whyCannotDecide(actor, approval) === undefined && may("approve", taskId),
  }));
  const awaiting = each.toSorted((a, b) => Number(b.isYours) - Number(a.isYours) || a.expiresAt - b.expiresAt)
    .slice(0, MAX_AWAITING);
  return { awaiting, awaitingCount: all.length, awaitingAll: withQuery(path.runs, { status: "awaiting" }) };
}
