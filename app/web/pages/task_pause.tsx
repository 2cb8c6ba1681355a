/** Pausing, also until a moment, and resuming, one task or those that are shown: a trigger is stopped and goes on; runs by hand are not affected. */
import type { Context, Hono } from "hono";
import { PauseFields, pauseWords } from "../../../templates/components/pause.tsx";
import type { ViewerView } from "../../../templates/views.ts";
import { text } from "../../locale/locale.ts";
import type { PauseTerms } from "../../model/pause.ts";
import { Refusal } from "../../service/refusal.ts";
import { CHOSEN_FIELD, chosenField, chosenTasks, missingTasks, offeredTasks } from "../chosen.ts";
import { serveAction } from "../confirmed_action.tsx";
import { actorOf, type WebContext } from "../context.ts";
import { viewerViewOf } from "../document.tsx";
import { pauseFields, readPause } from "../pause_terms.ts";
import { path, withQuery } from "../paths.ts";
import { saidOf, togetherOrEach } from "../several.ts";
import { type ListedTask, titleOf } from "../task_filter.ts";

/** Tasks that a question names. */
const MAX_NAMED = 12;

export function serveTaskPause(app: Hono, web: WebContext): void {
  const { operations, queries } = web;

  /** The id of the task of the address, which has a trigger. */
  function triggeredTask(context: Context): string {
    const { task: { id }, trigger } = queries.tasks.get(context.req.param("id") ?? "");
    if (!trigger) throw new Refusal("conflict", "problem.no_trigger", { id });
    return id;
  }

  const fieldsOf = (context: Context, before?: PauseTerms, typed?: FormData) => (
    <PauseFields {...pauseFields(viewerViewOf(context, web), before, typed)} />
  );

  /** Until when it is paused already, or where it is. */
  const noteOf = ({ task: { id, path: file } }: ListedTask, viewer: ViewerView) => {
    const { pause } = queries.tasks.get(id);
    return pause ? pauseWords(pause, viewer) : file;
  };

  /** Pauses as the form says, or resumes. */
  const act = async (context: Context, paused: boolean, ids: readonly string[], form: FormData) => {
    const actor = actorOf(context, "page");
    return paused
      ? await operations.pause(actor, ids, readPause(form, viewerViewOf(context, web).zone))
      : await operations.resume(actor, ids);
  };

  for (const [word, paused] of [["pause", true], ["resume", false]] as const) {
    serveAction(app, web, {
      path: `/tasks/:id/${word}`,
      ask(context, locale, typed) {
        const id = triggeredTask(context);
        const { pause } = queries.tasks.get(id);
        const verb = paused && pause ? "repause" : word;
        return {
          title: text(locale, `task.${verb}_title`, { task: queries.tasks.titleOf(id, locale) }),
          sentence: text(locale, `task.${word}_question`),
          confirm: text(locale, `task.${verb}`),
          back: path.task(id),
          fields: paused ? fieldsOf(context, pause, typed) : undefined,
        };
      },
      async act(context, locale, _question, form) {
        const id = triggeredTask(context);
        await act(context, paused, [id], form);
        const task = queries.tasks.titleOf(id, locale);
        return {
          message: text(locale, paused ? "task.was_paused" : "task.was_resumed", { task }),
          address: path.task(id),
          link: text(locale, "task.look"),
        };
      },
    });

    /** Those with a trigger that is not yet as it is wanted; ticked by hand, a pause that there is gets other terms. */
    const concerned = (tasks: readonly ListedTask[], isByHand: boolean) =>
      tasks.filter((each) => each.hasTrigger && (each.paused !== paused || (paused && isByHand)));

    serveAction(app, web, {
      path: `/${word}`,
      async ask(context, locale, typed) {
        const isByHand = context.req.query("task") !== undefined;
        const tasks = concerned(await offeredTasks(queries, context, "pause"), isByHand);
        const n = tasks.length;
        const viewer = viewerViewOf(context, web);
        return {
          title: text(locale, n === 1 ? `tasks.${word}_all_title.1` : `tasks.${word}_all_title`, { n }),
          sentence: text(locale, n === 0 ? `tasks.none_to_${word}` : `tasks.${word}_all_question`),
          confirm: text(locale, n === 1 ? `task.${word}` : `tasks.${word}_n`, { n }),
          back: path.tasks,
          possible: n > 0,
          fields: paused ? fieldsOf(context, undefined, typed) : undefined,
          hidden: [chosenField(tasks)],
          plan: planOf(tasks, locale, (each) => noteOf(each, viewer)),
        };
      },
      async act(context, locale, _question, form) {
        const isByHand = context.req.query("task") !== undefined;
        const chosen = await chosenTasks(queries, context, form);
        const ids = [
          ...concerned(chosen, isByHand).map(({ task }) => task.id),
          // Of a task that has no trigger any more, or is no more, it is said so.
          ...chosen.filter(({ hasTrigger }) => !hasTrigger && form.has(CHOSEN_FIELD)).map(({ task }) =>
            task.id
          ),
          ...missingTasks(form, chosen),
        ];
        let n = 0;
        const several = await togetherOrEach(
          ids,
          locale,
          (id) => queries.tasks.titleOf(id, locale),
          async (some) => {
            n += await act(context, paused, some.map((id) => queries.tasks.get(id).task.id), form);
          },
        );
        const message = text(locale, paused ? "tasks.were_paused" : "tasks.were_resumed", { n });
        return {
          message: saidOf(message, several, locale, "tasks.not_done"),
          address: paused ? withQuery(path.tasks, { status: "paused" }) : path.tasks,
          link: text(locale, "page.tasks"),
        };
      },
    });
  }
}

/** Names of the tasks, so that nobody has to guess which they are. */
export function planOf(
  tasks: readonly ListedTask[],
  locale: Parameters<typeof titleOf>[1],
  note: (task: ListedTask) => string = ({ task }) => task.path,
) {
  const named = tasks.slice(0, MAX_NAMED).map((each) => ({
    label: titleOf(each.task, locale),
    note: note(each),
    address: path.task(each.task.id),
  }));
  const rest = tasks.length - named.length;
  return rest === 0 ? named : [...named, { label: text(locale, "tasks.and_more", { n: rest }), note: "" }];
}
