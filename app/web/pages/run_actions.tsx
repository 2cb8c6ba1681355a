/**
 * `/runs/:id/cancel` ends a run that waits or is running; `/runs/:id/retry` runs it again with the same parameters;
 * `/runs/:id/approve` and `/decline` decide about one that another person has asked for.
 */
import type { Context, Hono } from "hono";
import { paramText } from "../../locale/format.ts";
import { text } from "../../locale/locale.ts";
import type { Run } from "../../model/run.ts";
import { Refusal } from "../../service/refusal.ts";
import { problemText } from "../../task/params.ts";
import { askedFields, askedRun, startedKey } from "../asked_form.tsx";
import { serveAction } from "../confirmed_action.tsx";
import { actorOf, type WebContext } from "../context.ts";
import { path } from "../paths.ts";
import { RequestProblem } from "../request_problem.ts";

export function serveRunActions(app: Hono, web: WebContext): void {
  const { operations, queries } = web;
  const runOf = (context: Context): Promise<Run> => queries.runs.get(context.req.param("id") ?? "");

  serveAction(app, web, {
    path: "/runs/:id/cancel",
    ask: async (context, locale) => ({
      title: text(locale, "run.cancel_title"),
      sentence: text(locale, "run.cancel_question"),
      confirm: text(locale, "run.cancel_run"),
      back: path.run((await runOf(context)).id),
      danger: true,
    }),
    async act(context, locale) {
      const { id } = await runOf(context);
      return {
        message: text(locale, await wasCancelled(context, id) ? "run.is_cancelled" : "run.was_over"),
        address: path.run(id),
        link: text(locale, "run.look"),
      };
    },
  });

  serveAction(app, web, {
    path: "/runs/:id/retry",
    async ask(context, locale, typed) {
      const run = await runOf(context);
      const { task } = queries.tasks.get(run.taskId);
      return {
        title: text(locale, "run.title", { task: queries.tasks.titleOf(task.id, locale) }),
        sentence: text(locale, "run.retry_question"),
        confirm: text(locale, "run.confirm"),
        back: path.run(run.id),
        facts: factsOf(run),
        fields: askedFields(task, locale, typed && askedRun(typed)),
      };
    },
    async act(context, locale, question, form) {
      const { id, taskId } = await runOf(context);
      const answer = await operations.rerun(actorOf(context, "page"), id, question, askedRun(form));
      if (!answer.ok) {
        throw new RequestProblem(422, "problem.params", { reason: problemText(answer.problems) });
      }
      return {
        message: text(locale, startedKey(answer.run), { task: queries.tasks.titleOf(taskId, locale) }),
        address: path.run(answer.run.id),
        link: text(locale, "run.look"),
      };
    },
  });

  for (
    const [word, done] of [["approve", "approval.was_approved"], [
      "decline",
      "approval.was_declined",
    ]] as const
  ) {
    serveAction(app, web, {
      path: `/runs/:id/${word}`,
      async ask(context, locale) {
        const run = await runOf(context);
        return {
          title: text(locale, `approval.${word}_title`),
          sentence: text(locale, `approval.${word}_question`),
          confirm: text(locale, `approval.${word}_confirm`),
          back: path.run(run.id),
          danger: word === "decline",
          facts: factsOf(run),
          note: text(locale, "approval.note"),
          possible: run.status === "awaiting_approval",
        };
      },
      async act(context, locale, _question, form) {
        const { id } = await runOf(context);
        await operations[word](actorOf(context, "page"), id, askedRun(form).note);
        return { message: text(locale, done), address: path.run(id), link: text(locale, "run.look") };
      },
    });
  }

  function factsOf(run: Run) {
    return Object.entries(run.params).map(([name, value]) => ({ name, value: paramText(value) }));
  }

  /** False where the run was over before; for whoever wanted it to end that is no mistake. */
  async function wasCancelled(context: Context, id: string): Promise<boolean> {
    try {
      await operations.cancel(actorOf(context, "page"), id);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.kind === "conflict") return false;
      throw error;
    }
  }
}
