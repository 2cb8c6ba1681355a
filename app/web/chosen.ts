/** Which tasks an action is about: those that are named, else those that pass the filter of its address. */
import type { Context } from "hono";
import type { Right } from "../model/access.ts";
import type { Queries } from "../service/queries.ts";
import { asker } from "./asker.ts";
import { givenWord } from "./form_words.ts";
import { mayOf } from "./may.ts";
import { type ListedTask, passesFilter, readTaskFilter } from "./task_filter.ts";

/** Field that holds the ids that were asked about, so that what was shown is what is acted on. */
export const CHOSEN_FIELD = "chosen";

/** Those of the tasks that the address means to which whoever asks may do this: no more is offered. */
export async function offeredTasks(
  queries: Queries,
  context: Context,
  right: Right,
): Promise<readonly ListedTask[]> {
  const { may } = mayOf(asker().access, queries);
  return (await askedTasks(queries, context)).filter(({ task }) => may(right, task.id));
}

/** The tasks that the address means, in their order; also where none of them exists any more, which is then nobody. */
async function askedTasks(queries: Queries, context: Context): Promise<readonly ListedTask[]> {
  await queries.activity.ready();
  const params = new URL(context.req.url).searchParams;
  return listedTasks(queries, params.getAll("task"), params);
}

/** The tasks that a form names as those it has asked about; without such a field, those of the address. */
export async function chosenTasks(
  queries: Queries,
  context: Context,
  form: FormData,
): Promise<readonly ListedTask[]> {
  const chosen = givenWord(form, CHOSEN_FIELD);
  if (chosen === undefined) return await askedTasks(queries, context);
  await queries.activity.ready();
  return listedTasks(queries, chosen.split(","), new URLSearchParams());
}

/** Ids that a form names and that are no tasks, or none any more: whoever asked is told so. */
export function missingTasks(form: FormData, found: readonly ListedTask[]): readonly string[] {
  const known = new Set(found.map(({ task }) => task.id));
  return (givenWord(form, CHOSEN_FIELD) ?? "").split(",").filter((id) => id !== "" && !known.has(id));
}

export function chosenField(tasks: readonly ListedTask[]): readonly [string, string] {
  return [CHOSEN_FIELD, tasks.map(({ task }) => task.id).join(",")];
}

function listedTasks(
  queries: Queries,
  ids: readonly string[],
  params: URLSearchParams,
): readonly ListedTask[] {
  const named = new Set(ids);
  const filter = readTaskFilter(params);
  return [...queries.tasks.briefs()].map((brief) => ({
    ...brief,
    activity: queries.activity.of(brief.task.id),
  }))
    .filter((each) => named.size > 0 ? named.has(each.task.id) : passesFilter(each, filter));
}
