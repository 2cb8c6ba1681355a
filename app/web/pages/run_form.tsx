/** `GET /tasks/:id/run` asks whether to run and with which parameters; `POST` starts the run, once for each question. */
import type { Context, Hono } from "hono";
import { Toast } from "../../../templates/components/dialog_parts.tsx";
import { fieldText, RunForm } from "../../../templates/pages/run_form.tsx";
import { text } from "../../locale/locale.ts";
import { shortDuration, shortMoment } from "../../locale/moments.ts";
import type { ParamProblem } from "../../model/order.ts";
import type { AskedRun } from "../../service/asked_run.ts";
import type { Queries } from "../../service/queries.ts";
import type { ViewerView } from "../../../templates/views.ts";
import type { TaskFacts } from "../../service/queries/tasks.ts";
import type { StartAnswer } from "../../service/operations.ts";
import { Refusal } from "../../service/refusal.ts";
import { askedFields, askedRun, type RefusedForm, refusedForm, startedKey } from "../asked_form.tsx";
import { actorOf, type WebContext } from "../context.ts";
import { answerPage, frameOf, isFragmentRequest } from "../document.tsx";
import { givenWord } from "../form_words.ts";
import { givenParams, PARAM_PREFIX } from "../given_params.ts";
import { path } from "../paths.ts";
import { viewerOf } from "../viewer.ts";
import { taskView } from "../views.ts";

export function serveRunForm(app: Hono, web: WebContext): void {
  const { operations, queries } = web;

  app.get("/tasks/:id/run", async (context) => {
    const facts = queries.tasks.get(context.req.param("id"));
    const as = context.req.query("as");
    if (as === undefined) return await ask(context, facts, {}, []);
    const run = await queries.runs.get(as);
    if (run.taskId !== facts.task.id) throw new Refusal("unknown", "problem.no_run", { id: as });
    const values = Object.entries(run.params).map(([name, value]) => [name, fieldText(value)]);
    return await ask(context, facts, Object.fromEntries(values), []);
  });

  app.post("/tasks/:id/run", async (context) => {
    const facts = queries.tasks.get(context.req.param("id"));
    const { id } = facts.task;
    const form = await context.req.formData();
    const given = givenParams(form);
    const key = givenWord(form, "question");
    const said = askedRun(form);
    const values = Object.fromEntries(given);
    let answer: StartAnswer;
    try {
      answer = await operations.run(actorOf(context, "page"), id, given, key, said);
    } catch (error) {
      const refused = refusedForm(error, viewerOf(context).locale);
      return await ask(context, facts, values, [], { ...said, ...refused });
    }
    if (!answer.ok) return await ask(context, facts, values, answer.problems, said);
    const address = path.run(answer.run.id);
    if (!isFragmentRequest(context)) return context.redirect(address, 303);
    context.header("hx-trigger", "carillon:changed");
    const { locale } = viewerOf(context);
    const message = text(locale, startedKey(answer.run), { task: queries.tasks.titleOf(id, locale) });
    return await context.html(<Toast message={message} address={address} link={text(locale, "run.look")} />);
  });

  async function ask(
    context: Context,
    facts: TaskFacts,
    values: Readonly<Record<string, string>>,
    problems: readonly ParamProblem[],
    said: AskedRun & Partial<RefusedForm> = {},
  ): Promise<Response> {
    await queries.activity.ready();
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const { id } = facts.task;
    const view = taskView(queries, facts, frame.viewer);
    const recent = await queries.runs.recent(id);
    const last = recent.find(({ params }) => Object.keys(params).length > 0);
    const { fields } = await queries.tasks.params(id);
    const content = (
      <RunForm
        locale={locale}
        task={view}
        fields={fields}
        values={values}
        problems={problems}
        question={crypto.randomUUID()}
        prefix={PARAM_PREFIX}
        inDialog={isFragmentRequest(context)}
        last={fields.length > 0 ? last?.id : undefined}
        note={whatFollows(queries, facts, frame.viewer)}
        asked={askedFields(facts.task, locale, said)}
      />
    );
    const status = said.status ?? (problems.length > 0 ? 422 : 200);
    return await answerPage(context, frame, {
      status,
      title: text(locale, "run.title", { task: view.title }),
      content,
    });
  }
}

/** How long it will take, and that the trigger goes on. */
function whatFollows(queries: Queries, { task, next, paused }: TaskFacts, viewer: ViewerView): string {
  const { locale, now, zone } = viewer;
  const { usualMs } = queries.activity.of(task.id);
  const takes = usualMs === undefined
    ? ""
    : text(locale, "run.takes", { usual: shortDuration(usualMs, locale) });
  const stays = next === null || paused
    ? ""
    : text(locale, "run.next_stays", { time: shortMoment(next, now, zone, locale) });
  return [takes, stays].filter((each) => each !== "").join(locale === "zh" ? "" : " ");
}
