/** `GET /tasks/:id/run` asks whether to run and with which parameters; `POST` starts the run, once for each question. */
import type { Context, Hono } from "hono";
import { Toast } from "../../templates/parts.tsx";
import { OFF_PREFIX, RunForm } from "../../templates/run_form.tsx";
import type { StartAnswer } from "../carillon.ts";
import { Once } from "./once.ts";
import { RequestProblem } from "./problem.ts";
import { paramText } from "../locale/format.ts";
import { text } from "../locale/locale.ts";
import type { ParamProblem } from "../task/params.ts";
import type { Task } from "../task/registry.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, isFragmentRequest } from "./document.tsx";
import { expectStarting, taskOf, taskView } from "./views.ts";

/** Parameters stand in the form under their name behind this, so that none can be taken for a field of ours. */
const PREFIX = "param.";

export function serveRunStart(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  const answered = new Once<Promise<StartAnswer>>();

  app.get("/tasks/:id/run", async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    const as = context.req.query("as");
    if (as === undefined) return await ask(context, task, {}, []);
    const run = carillon.history.get(as);
    if (run?.taskId !== task.id) throw new RequestProblem(404, "problem.no_run", { id: as });
    const values = Object.entries(run.params).map(([name, value]) => [name, paramText(value)]);
    return await ask(context, task, Object.fromEntries(values), []);
  });

  app.post("/tasks/:id/run", async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    expectStarting(carillon);
    const form = await context.req.formData();
    const given = [...form].flatMap(([name, value]): [string, string][] =>
      name.startsWith(PREFIX) && typeof value === "string" ? [[name.slice(PREFIX.length), value]] : []
    );
    for (const [name, value] of form) {
      const param = name.startsWith(OFF_PREFIX) ? name.slice(OFF_PREFIX.length) : undefined;
      if (param === undefined || typeof value !== "string") continue;
      if (!given.some(([each]) => each === param)) given.push([param, value]);
    }
    const answer = await answered.do(
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
    const last = carillon.history.recent(task.id).find(({ params }) => Object.keys(params).length > 0);
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
        {...(last && fields.length > 0 ? { last: last.id } : {})}
      />
    );
    const status = problems.length > 0 ? 422 : 200;
    return await answerPage(context, frame, {
      status,
      title: text(locale, "run.title", { task: view.title }),
      content,
    });
  }
}
