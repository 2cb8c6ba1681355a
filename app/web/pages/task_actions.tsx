/** What is done to several tasks at once: run, run again what failed, cancel, acknowledge. */
import type { Context, Hono } from "hono";
import { paramText } from "../../locale/format.ts";
import { text } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";
import { isBad, type Run, type RunCause } from "../../model/run.ts";
import { Refusal } from "../../service/refusal.ts";
import { chosenField, chosenTasks, missingTasks, offeredTasks } from "../chosen.ts";
import { askedRun, startedKey } from "../asked_form.tsx";
import { serveAction } from "../confirmed_action.tsx";
import { actorOf, type WebContext } from "../context.ts";
import { wordOf } from "../form_words.ts";
import { path, withQuery } from "../paths.ts";
import { RequestProblem } from "../request_problem.ts";
import { eachOf, runOf, saidOf, type Several, togetherOrEach } from "../several.ts";
import { planOf } from "./task_pause.tsx";

const MAX_NOTE = 200;

export function serveTaskActions(app: Hono, web: WebContext): void {
  const { operations, queries } = web;

  serveAction(app, web, {
    path: "/selected/run",
    async ask(context, locale) {
      const tasks = await offeredTasks(queries, context, "run");
      const n = tasks.length;
      return {
        title: text(locale, "tasks.run_title", { n }),
        sentence: text(locale, "tasks.run_question"),
        confirm: text(locale, "tasks.run_n", { n }),
        back: path.tasks,
        possible: n > 0,
        hidden: [chosenField(tasks)],
        plan: planOf(tasks, locale),
      };
    },
    async act(context, locale, question, form) {
      const tasks = await chosenTasks(queries, context, form);
      const ids = [...tasks.map(({ task }) => task.id), ...missingTasks(form, tasks)];
      const actor = actorOf(context, "page");
      const said = askedRun(form);
      const name = (id: string) => queries.tasks.titleOf(id, locale);
      const start = async (id: string) =>
        runOf(await operations.run(actor, queries.tasks.get(id).task.id, [], question, said));
      return outcomeOf(await eachOf(ids, locale, name, start), "manual", locale);
    },
  });

  serveAction(app, web, {
    path: "/selected/rerun",
    async ask(context, locale) {
      const runs = await runsToRepeat(context);
      const n = runs.length;
      return {
        title: text(locale, n === 1 ? "run.title" : "tasks.rerun_title", {
          n,
          task: titleOf(runs[0], locale),
        }),
        sentence: text(
          locale,
          n === 0 ? "tasks.none_failed" : n === 1 ? "run.retry_question" : "tasks.rerun_question",
        ),
        confirm: text(locale, n === 1 ? "run.confirm" : "tasks.rerun_n", { n }),
        back: path.today,
        possible: n > 0,
        hidden: [["runs", runs.map(({ id }) => id).join(",")]],
        plan: runs.map((run) => ({
          label: titleOf(run, locale),
          note: Object.entries(run.params).map(([name, value]) => `${name} ${paramText(value)}`).join(", "),
          address: path.run(run.id),
        })),
      };
    },
    async act(context, locale, question, form) {
      const named = runIdsOf(form);
      const ids = named.length > 0 ? named : (await runsToRepeat(context)).map(({ id }) => id);
      const actor = actorOf(context, "page");
      const said = askedRun(form);
      const start = async (id: string) =>
        runOf(await operations.rerun(actor, (await queries.runs.get(id)).id, question, said));
      return outcomeOf(await eachOf(ids, locale, await namesOf(ids, locale), start), "retry", locale);
    },
  });

  serveAction(app, web, {
    path: "/selected/cancel",
    async ask(context, locale) {
      const tasks = (await offeredTasks(queries, context, "cancel"))
        .filter(({ activity }) => activity.active.length > 0);
      const n = tasks.reduce((sum, { activity }) => sum + activity.active.length, 0);
      return {
        title: text(locale, "tasks.cancel_title", { n }),
        sentence: text(locale, n === 0 ? "tasks.none_running" : "run.cancel_question"),
        confirm: text(locale, "tasks.cancel_n", { n }),
        back: path.tasks,
        danger: true,
        possible: n > 0,
        hidden: [["runs", tasks.flatMap(({ activity }) => activity.active.map(({ id }) => id)).join(",")]],
        plan: planOf(tasks, locale),
      };
    },
    async act(context, locale, _question, form) {
      const ids = runIdsOf(form);
      const ended = await eachOf(ids, locale, await namesOf(ids, locale), (id) => wasCancelled(context, id));
      const n = ended.done.filter(Boolean).length;
      const message = n === 0
        ? text(locale, "tasks.were_over")
        : text(locale, n === 1 ? "tasks.were_cancelled.1" : "tasks.were_cancelled", { n });
      return {
        message: saidOf(message, ended, locale, "tasks.not_done"),
        address: path.runs,
        link: text(locale, "page.runs"),
      };
    },
  });

  serveAction(app, web, {
    path: "/selected/acknowledge",
    async ask(context, locale) {
      const tasks = await offeredTasks(queries, context, "acknowledge");
      const cause = context.req.query("cause") ?? "";
      return {
        title: text(locale, "acknowledge.title"),
        sentence: text(locale, "acknowledge.question"),
        confirm: text(locale, "acknowledge.confirm"),
        back: path.today,
        note: text(locale, "acknowledge.note"),
        possible: tasks.length > 0,
        hidden: [chosenField(tasks), ["cause", cause]],
        plan: planOf(tasks, locale),
      };
    },
    async act(context, locale, _question, form) {
      const tasks = await chosenTasks(queries, context, form);
      const cause = form.get("cause") ?? context.req.query("cause");
      if (typeof cause !== "string" || cause === "") {
        throw new RequestProblem(400, "problem.request", { reason: "cause: it is missing" });
      }
      const words = wordOf(form, "note").slice(0, MAX_NOTE);
      const actor = actorOf(context, "page");
      const ids = [...tasks.map(({ task }) => task.id), ...missingTasks(form, tasks)];
      const noted = await togetherOrEach(
        ids,
        locale,
        (id) => queries.tasks.titleOf(id, locale),
        (some) =>
          operations.acknowledge(actor, cause, some.map((id) => queries.tasks.get(id).task.id), words),
      );
      return {
        message: saidOf(text(locale, "acknowledge.done"), noted, locale, "tasks.not_done"),
        address: path.today,
        link: text(locale, "page.today"),
      };
    },
  });

  /** The runs that are named, as far as there are some; else the newest run of each task, where it failed. */
  async function runsToRepeat(context: Context): Promise<readonly Run[]> {
    const ids = new URL(context.req.url).searchParams.getAll("run");
    if (ids.length > 0) {
      const found = (await Promise.all(ids.map((id) => queries.runs.find(id)))).filter((run) =>
        run !== undefined
      );
      return found.length > 0 ? found : [await queries.runs.get(ids[0] ?? "")];
    }
    const tasks = await offeredTasks(queries, context, "run");
    return tasks.flatMap(({ activity: { verdict } }) => verdict && isBad(verdict.status) ? [verdict] : []);
  }

  function titleOf(run: Run | undefined, locale: Locale): string {
    return run ? queries.tasks.titleOf(run.taskId, locale) : "";
  }

  /** What runs are called: by their task; one that is gone by nothing, as the sentence about it has its id. */
  async function namesOf(ids: readonly string[], locale: Locale): Promise<(id: string) => string> {
    const runs = await Promise.all(ids.map((id) => queries.runs.find(id)));
    const names = new Map(ids.map((id, i) => [id, titleOf(runs[i], locale)]));
    return (id) => names.get(id) ?? "";
  }

  /** False for a run that has ended meanwhile, which is what was wanted. */
  async function wasCancelled(context: Context, id: string): Promise<boolean> {
    try {
      await operations.cancel(actorOf(context, "page"), id);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.kind === "conflict") return false;
      throw error;
    }
  }

  /** How many were started; where some could not be, which and why. */
  function outcomeOf(several: Several<Run>, cause: RunCause, locale: Locale) {
    const [only, ...more] = several.done;
    const isOne = only !== undefined && more.length === 0;
    const message = isOne
      ? text(locale, startedKey(only), { task: queries.tasks.titleOf(only.taskId, locale) })
      : text(locale, "tasks.were_started", { n: several.done.length });
    return {
      message: saidOf(message, several, locale, "tasks.refused"),
      address: isOne ? path.run(only.id) : withQuery(path.runs, { cause }),
      link: text(locale, isOne ? "run.look" : "page.runs"),
    };
  }
}

/** Ids of the runs that the question was about. */
function runIdsOf(form: FormData): readonly string[] {
  return wordOf(form, "runs").split(",").filter((id) => id !== "");
}
