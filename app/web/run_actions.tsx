/** `/runs/:id/cancel` ends a run that is queued or running; `/runs/:id/retry` runs it again with the same parameters. */
import type { Hono } from "hono";
import type { StartAnswer } from "../carillon.ts";
import { paramText } from "../locale/format.ts";
import { text } from "../locale/locale.ts";
import { problemText } from "../task/params.ts";
import type { WebParts } from "./app.ts";
import { Once } from "./once.ts";
import { RequestProblem } from "./problem.ts";
import { serveAction } from "./question.tsx";
import { expectStarting, runOf, taskOf, titleOf } from "./views.ts";

export function serveRunActions(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  const retried = new Once<Promise<StartAnswer>>();

  serveAction(app, parts, {
    path: "/runs/:id/cancel",
    ask: (context, locale) => ({
      title: text(locale, "run.cancel_title"),
      sentence: text(locale, "run.cancel_question"),
      confirm: text(locale, "run.cancel_run"),
      back: `/runs/${runOf(carillon, context.req.param("id") ?? "").id}`,
    }),
    act(context, locale) {
      const { id } = runOf(carillon, context.req.param("id") ?? "");
      const cancelled = carillon.runner.cancel(id);
      return {
        message: text(locale, cancelled ? "run.is_cancelled" : "run.was_over"),
        address: `/runs/${id}`,
        link: text(locale, "run.look"),
      };
    },
  });

  serveAction(app, parts, {
    path: "/runs/:id/retry",
    ask(context, locale) {
      const run = runOf(carillon, context.req.param("id") ?? "");
      const task = taskOf(carillon, run.taskId);
      return {
        title: text(locale, "run.title", { task: titleOf(task, locale) }),
        sentence: text(locale, "run.retry_question"),
        confirm: text(locale, "run.confirm"),
        back: `/runs/${run.id}`,
        facts: Object.entries(run.params).map(([name, value]) => ({ name, value: paramText(value) })),
      };
    },
    async act(context, locale, question) {
      const run = runOf(carillon, context.req.param("id") ?? "");
      const task = taskOf(carillon, run.taskId);
      expectStarting(carillon);
      const answer = await retried.do(question, () => carillon.again(task, run));
      if (!answer.ok) {
        throw new RequestProblem(422, "problem.params", { reason: problemText(answer.problems) });
      }
      return {
        message: text(locale, "run.was_started", { task: titleOf(task, locale) }),
        address: `/runs/${answer.run.id}`,
        link: text(locale, "run.look"),
      };
    },
  });
}
