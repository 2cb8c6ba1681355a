/** `GET /tasks/:id/backfill` asks for a range and shows what it would do, `POST` starts it; `/backfills` and `/backfills/:id` how far they are. */
import type { Context, Hono } from "hono";
import { BackfillForm, type BackfillPreviewView } from "../../../templates/pages/backfill_form.tsx";
import { Backfill, Backfills } from "../../../templates/pages/backfills.tsx";
import { taskCrumbs } from "../../../templates/components/crumbs.tsx";
import type { ViewerView } from "../../../templates/views.ts";
import { localDateTime } from "../../base/time_zone.ts";
import { text } from "../../locale/locale.ts";
import { shortDuration } from "../../locale/moments.ts";
import type { ParamProblem } from "../../model/order.ts";
import type { BackfillAnswer } from "../../service/operations.ts";
import type { BackfillPreview, BackfillRequest } from "../../service/queries/backfills.ts";
import { Refusal } from "../../service/refusal.ts";
import { backfillView } from "../backfill_view.ts";
import { askedRun, type RefusedForm, refusedForm } from "../asked_form.tsx";
import { serveAction } from "../confirmed_action.tsx";
import { actorOf, type WebContext } from "../context.ts";
import { addressOf, answerPage, frameOf } from "../document.tsx";
import { givenParams, PARAM_PREFIX } from "../given_params.ts";
import { path } from "../paths.ts";
import { wordIn } from "../query_words.ts";
import { folderOf } from "../task_filter.ts";
import { viewerOf } from "../viewer.ts";

/** What was typed into the form before, and why nothing came of it. */
interface TypedBackfill {
  readonly values?: Readonly<Record<string, string>>;
  readonly confirm?: string | undefined;
  readonly problems?: readonly ParamProblem[];
  readonly refused?: RefusedForm;
}

/** Instants that are named, from the beginning and from the end. */
const SHOWN = 5;

export function serveBackfills(app: Hono, web: WebContext): void {
  const { operations, queries } = web;

  app.get("/tasks/:id/backfill", async (context) => await ask(context));

  app.post("/tasks/:id/backfill", async (context) => {
    const form = await context.req.formData();
    const given = givenParams(form);
    const { confirm } = askedRun(form);
    const { task: { id } } = queries.tasks.get(context.req.param("id"));
    const typed = { values: Object.fromEntries(given), confirm };
    let answer: BackfillAnswer;
    try {
      answer = await operations.backfill(actorOf(context, "page"), id, requestOf(context), given, {
        confirm,
      });
    } catch (error) {
      return await ask(context, { ...typed, refused: refusedForm(error, viewerOf(context).locale) });
    }
    if (!answer.ok) return await ask(context, { ...typed, problems: answer.problems });
    return context.redirect(path.backfill(answer.progress.plan.id), 303);
  });

  app.get(path.backfills, async (context) => {
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const all = queries.backfills.all().map((each) => backfillView(queries, each, viewer));
    const content = <Backfills viewer={viewer} backfills={all} address={addressOf(context.req.url)} />;
    return await answerPage(context, frame, {
      title: text(viewer.locale, "backfill.page"),
      content,
      live: true,
    });
  });

  app.get("/backfills/:id", async (context) => {
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const backfill = backfillView(queries, queries.backfills.get(context.req.param("id")), viewer);
    const title = text(viewer.locale, "backfill.title", { task: backfill.title });
    const content = <Backfill viewer={viewer} backfill={backfill} />;
    return await answerPage(context, frame, { title, content, live: true });
  });

  serveAction(app, web, {
    path: "/backfills/:id/cancel",
    ask(context, locale) {
      const { plan } = queries.backfills.get(context.req.param("id") ?? "");
      return {
        title: text(locale, "backfill.title", { task: queries.tasks.titleOf(plan.taskId, locale) }),
        sentence: text(locale, "backfill.cancel_question"),
        confirm: text(locale, "backfill.cancel"),
        back: path.backfill(plan.id),
        danger: true,
      };
    },
    act(context, locale) {
      const id = context.req.param("id") ?? "";
      operations.cancelBackfill(actorOf(context, "page"), id);
      return {
        message: text(locale, "backfill.was_cancelled"),
        address: path.backfill(id),
        link: text(locale, "backfill.look"),
      };
    },
  });

  async function ask(
    context: Context,
    { values = {}, confirm, problems = [], refused }: TypedBackfill = {},
  ): Promise<Response> {
    const facts = queries.tasks.get(context.req.param("id") ?? "");
    const { id, description: { policies } } = facts.task;
    const frame = frameOf(context, web);
    const { viewer } = frame;
    const { locale } = viewer;
    const title = queries.tasks.titleOf(id, locale);
    const request = requestOf(context);
    const found = await previewOf(id, request, viewer);
    const impossible = policies.approval && text(locale, "problem.backfill_approval", { task: id });
    const content = (
      <BackfillForm
        locale={locale}
        title={title}
        crumbs={[...taskCrumbs({ folder: folderOf(facts.task) }, locale), {
          label: title,
          address: path.task(id),
        }, { label: text(locale, "backfill.page"), address: path.backfills }]}
        action={`${path.task(id)}/backfill`}
        here={addressOf(context.req.url)}
        zone={facts.timezone}
        from={request.from ?? ""}
        to={request.to ?? ""}
        atOnce={String(request.atOnce ?? 1)}
        fields={(await queries.tasks.params(id)).fields}
        values={values}
        problems={problems}
        prefix={PARAM_PREFIX}
        taskId={id}
        typed={policies.confirm !== undefined}
        confirm={confirm}
        refused={refused?.problem ?? impossible}
        possible={impossible === undefined}
        {...found}
      />
    );
    const status = refused?.status ?? (problems.length > 0 || found.refusal !== undefined ? 422 : 200);
    return await answerPage(context, frame, {
      status,
      title: text(locale, "backfill.title", { task: title }),
      content,
    });
  }

  /** Nothing where no range was given yet. */
  async function previewOf(
    taskId: string,
    request: BackfillRequest,
    viewer: ViewerView,
  ): Promise<{ preview?: BackfillPreviewView; refusal?: string }> {
    if (request.from === undefined && request.to === undefined) return {};
    try {
      return { preview: viewOf(await queries.backfills.preview(taskId, request), viewer) };
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== "invalid") throw error;
      return { refusal: text(viewer.locale, error.key, error.values) };
    }
  }
}

/** What the address asks for. */
function requestOf(context: Context): BackfillRequest {
  const params = new URL(context.req.url).searchParams;
  const [from, to, atOnce] = [wordIn(params, "from"), wordIn(params, "to"), wordIn(params, "at_once")];
  return {
    from: from === "" ? undefined : from,
    to: to === "" ? undefined : to,
    atOnce: atOnce === "" ? undefined : Number(atOnce),
  };
}

function viewOf(
  { instants, timezone, atOnce, closed, aboutMs }: BackfillPreview,
  { locale }: ViewerView,
): BackfillPreviewView {
  const words = (at: number) => localDateTime(at, timezone);
  const isShort = instants.length <= 2 * SHOWN;
  return {
    total: instants.length,
    atOnce,
    closed,
    about: aboutMs === undefined
      ? ""
      : text(locale, "backfill.about", { took: shortDuration(aboutMs, locale) }),
    first: (isShort ? instants : instants.slice(0, SHOWN)).map(words),
    between: isShort ? 0 : instants.length - 2 * SHOWN,
    last: isShort ? [] : instants.slice(-SHOWN).map(words),
  };
}
