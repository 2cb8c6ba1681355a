/** What is done to several tasks at once: run, run again what failed, cancel, acknowledge. */
import type { Context, Hono } from "hono";
import { paramText } from "../../locale/format.ts";
import { text } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";
import { isBad, type Run } from "../../model/run.ts";
import type { StartAnswer } from "../../service/operations.ts";
import { Refusal } from "../../service/refusal.ts";
import { problemText } from "../../task/params.ts";
import { chosenField, chosenTasks, offeredTasks } from "../chosen.ts";
import { askedRun } from "../asked_form.tsx";
import { serveAction } from "../confirmed_action.tsx";
import { actorOf, type WebContext } from "../context.ts";
import { path, withQuery } from "../paths.ts";
import { RequestProblem } from "../request_problem.ts";
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
      const actor = actorOf(context, "page");
      const said = askedRun(form);
      const answers = await Promise.all(
        tasks.map(({ task }) => answered(operations.run(actor, task.id, [], question, said), locale)),
      );
      return outcomeOf(answers, tasks.map(({ task }) => task.id), locale);
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
      const named = form.get("runs");
      const runs = typeof named === "string" && named !== ""
        ? await Promise.all(named.split(",").map((id) => queries.runs.get(id)))
        : await runsToRepeat(context);
      const actor = actorOf(context, "page");
      const said = askedRun(form);
      const answers = await Promise.all(
        runs.map(({ id }) => answered(operations.rerun(actor, id, question, said), locale)),
      );
      return outcomeOf(answers, runs.map(({ taskId }) => taskId), locale);
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
      const named = form.get("runs");
      const ids = typeof named === "string" ? named.split(",").filter((id) => id !== "") : [];
      for (const id of ids) await cancel(context, id);
      return {
        message: text(locale, "tasks.were_cancelled", { n: ids.length }),
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
      const [cause, note] = [form.get("cause") ?? context.req.query("cause"), form.get("note")];
      if (typeof cause !== "string" || cause === "") {
        throw new RequestProblem(400, "problem.request", { reason: "cause: it is missing" });
      }
      const words = typeof note === "string" ? note.trim().slice(0, MAX_NOTE) : "";
      operations.acknowledge(actorOf(context, "page"), cause, tasks.map(({ task }) => task.id), words);
      return {
        message: text(locale, "acknowledge.done"),
        address: path.today,
        link: text(locale, "page.today"),
      };
    },
  });

  /** The runs that are named; else the newest run of each task, where it failed. */
  async function runsToRepeat(context: Context): Promise<readonly Run[]> {
    const ids = new URL(context.req.url).searchParams.getAll("run");
    if (ids.length > 0) return await Promise.all(ids.map((id) => queries.runs.get(id)));
    const tasks = await offeredTasks(queries, context, "run");
    return tasks.flatMap(({ activity: { verdict } }) => verdict && isBad(verdict.status) ? [verdict] : []);
  }

  function titleOf(run: Run | undefined, locale: Locale): string {
    return run ? queries.tasks.titleOf(run.taskId, locale) : "";
  }

  /** A run that has ended meanwhile is what was wanted. */
  async function cancel(context: Context, id: string): Promise<void> {
    try {
      await operations.cancel(actorOf(context, "page"), id);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== "conflict") throw error;
    }
  }

  /** What is refused for one of several keeps the others from nothing. */
  async function answered(start: Promise<StartAnswer>, locale: Locale): Promise<StartAnswer> {
    try {
      return await start;
    } catch (error) {
      if (!(error instanceof Refusal) || (error.kind !== "invalid" && error.kind !== "conflict")) throw error;
      return { ok: false, problems: [{ name: "", message: text(locale, error.key, error.values) }] };
    }
  }

  /** How many were started; where some could not be, which and why. */
  function outcomeOf(answers: readonly StartAnswer[], ids: readonly string[], locale: Locale) {
    const started = answers.flatMap((answer) => answer.ok ? [answer.run] : []);
    const refused = answers.flatMap((answer, i) =>
      answer.ok ? [] : [`${queries.tasks.titleOf(ids[i] ?? "", locale)}: ${problemText(answer.problems)}`]
    );
    if (started.length === 0 && refused.length > 0) {
      throw new RequestProblem(422, "problem.params", { reason: refused.join("; ") });
    }
    const [only] = started;
    const message = started.length === 1 && only
      ? text(locale, "run.was_started", { task: queries.tasks.titleOf(only.taskId, locale) })
      : text(locale, "tasks.were_started", { n: started.length });
    return {
      message: refused.length === 0
        ? message
        : `${message} ${text(locale, "tasks.refused", { reason: refused.join("; ") })}`,
      address: started.length === 1 && only ? path.run(only.id) : withQuery(path.runs, { cause: "retry" }),
      link: text(locale, started.length === 1 ? "run.look" : "page.runs"),
    };
  }
}
