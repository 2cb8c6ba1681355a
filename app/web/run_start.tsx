/** `GET /tasks/:id/run` asks whether to run and with which parameters; `POST` starts the run, once for each question. */
import type { Context, Hono } from "hono";
import { Toast } from "../../templates/parts.tsx";
import { RunForm } from "../../templates/run_form.tsx";
import type { StartAnswer } from "../carillon.ts";
import { text } from "../locale/locale.ts";
import type { ParamProblem } from "../task/params.ts";
import type { Task } from "../task/registry.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, isFragmentRequest } from "./document.tsx";
import { expectStarting, taskOf, taskView } from "./views.ts";

/** Parameters stand in the form under their name behind this, so that none can be taken for a field of ours. */
const PREFIX = "param.";
/** Questions that were answered, remembered so that a double click starts one run. */
const MAX_ANSWERED = 1_000;

export function serveRunStart(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  const answered = new Map<string, Promise<StartAnswer>>();

  app.get("/tasks/:id/run", async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    return await ask(context, task, {}, []);
  });

  app.post("/tasks/:id/run", async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    expectStarting(carillon);
    const form = await context.req.formData();
    const given = [...form].flatMap(([name, value]): [string, string][] =>
      name.startsWith(PREFIX) && typeof value === "string" ? [[name.slice(PREFIX.length), value]] : []
    );
    const answer = await once(
      String(form.get("question") ?? crypto.randomUUID()),
      () => carillon.request(task, given, { cause: "manual" }),
    );
    if (!answer.ok) return await ask(context, task, Object.fromEntries(given), answer.problems);
    const address = `/runs/${answer.run.id}`;
    if (!isFragmentRequest(context)) return context.redirect(address, 303);
    const { viewer } = frameOf(context, parts);
    context.header("hx-trigger", "carillon:changed");
    const { locale } = viewer;
    const message = text(locale, "run.was_started", { task: taskView(carillon, task, locale).title });
    return await context.html(<Toast message={message} address={address} link={text(locale, "run.look")} />);
  });

  async function ask(
    context: Context,
    task: Task,
    values: Readonly<Record<string, string>>,
    problems: readonly ParamProblem[],
  ): Promise<Response> {
    const frame = frameOf(context, parts);
    const { locale } = frame.viewer;
    const view = taskView(carillon, task, locale);
    const { fields } = await carillon.checker.params(task);
    const content = (
      <RunForm
        locale={locale}
        task={view}
        fields={fields}
        values={values}
        problems={problems}
        question={crypto.randomUUID()}
        prefix={PREFIX}
        inDialog={isFragmentRequest(context)}
      />
    );
    const status = problems.length > 0 ? 422 : 200;
    return await answerPage(context, frame, {
      status,
      title: text(locale, "run.title", { task: view.title }),
      content,
    });
  }

  /** The answer to a question: the one that was given before, where there is one. */
  function once(question: string, start: () => Promise<StartAnswer>): Promise<StartAnswer> {
    const before = answered.get(question);
    if (before) return before;
    const [oldest] = answered.keys();
    if (answered.size >= MAX_ANSWERED && oldest !== undefined) answered.delete(oldest);
    const answer = start();
    answered.set(question, answer);
    return answer;
  }
}
