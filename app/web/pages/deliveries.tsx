/**
 * `GET /deliveries`: targets of notifications, trouble that goes on, and what was sent; its buttons try a target, silence it
 * or a subject for a while, take care of trouble, and send a message again. `GET /deliveries/preview`: what would be sent.
 */
import type { Context, Hono } from "hono";
import { Deliveries, type DeliveriesView, type DeliveryView } from "../../../templates/pages/deliveries.tsx";
import { MessagePreviews } from "../../../templates/pages/message_previews.tsx";
import { localDateTime } from "../../base/time_zone.ts";
import { text } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";
import { actorOf, type WebContext } from "../context.ts";
import { BAD_STATUSES } from "../../model/run.ts";
import { answerPage, frameOf, viewerViewOf } from "../document.tsx";
import { pauseFields, readPause } from "../pause_terms.ts";
import { path, withQuery } from "../paths.ts";

const SHOWN = 100;

export function serveDeliveries(app: Hono, web: WebContext): void {
  const { operations, queries } = web;

  app.get("/deliveries", (context) => answer(context));

  app.post("/deliveries/targets/:name/test", async (context) => {
    const name = context.req.param("name");
    const { locale } = viewerViewOf(context, web);
    const verdict = await operations.notify.test(actorOf(context, "page"), name);
    return await answer(context, {
      good: verdict.kind === "ok",
      text: verdict.kind === "ok"
        ? text(locale, "deliveries.test_ok", { name })
        : text(locale, "deliveries.test_failed", { name, why: verdict.why }),
    });
  });

  app.post("/deliveries/targets/:name/mute", async (context) => {
    const name = context.req.param("name");
    return await mute(
      context,
      name,
      (until) => operations.notify.mute(actorOf(context, "page"), name, until),
    );
  });

  app.post("/deliveries/subjects/mute", async (context) => {
    const form = await context.req.formData();
    const task = form.get("task");
    const subject = typeof task === "string" ? `task/${task.trim()}` : String(form.get("subject") ?? "");
    return await mute(
      context,
      subject.replace(/^task\//, ""),
      (until) => operations.notify.muteSubject(actorOf(context, "page"), subject, until),
    );
  });

  app.post("/deliveries/subjects/acknowledge", async (context) => {
    const subject = String((await context.req.formData()).get("subject") ?? "");
    const { locale } = viewerViewOf(context, web);
    operations.notify.acknowledge(actorOf(context, "page"), subject);
    const name = subject.replace(/^task\//, "");
    return await answer(context, { good: true, text: text(locale, "deliveries.is_acknowledged", { name }) });
  });

  app.get("/deliveries/preview", async (context) => {
    // Asked first: whoever may not see the targets is refused also where there is nothing to show.
    const hasTargets = queries.notify.targets().length > 0;
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const asked = context.req.query("run");
    const [newest] = asked === undefined
      ? await queries.runs.search({ statuses: BAD_STATUSES, limit: 1 })
      : [await queries.runs.get(asked)];
    const title = text(locale, "deliveries.preview");
    const content = (
      <MessagePreviews
        viewer={frame.viewer}
        run={newest && { id: newest.id, task: queries.tasks.titleOf(newest.taskId, locale) }}
        previews={newest && hasTargets ? await queries.notify.preview(newest) : []}
      />
    );
    return await answerPage(context, frame, { title, content, before: <h1>{title}</h1> });
  });

  /** Until the moment that the form names; where it names none the silence ends. */
  async function mute(context: Context, name: string, set: (until: number | undefined) => void) {
    const { locale, zone } = viewerViewOf(context, web);
    const { until } = readPause(await context.req.formData(), zone);
    set(until);
    return await answer(context, {
      good: true,
      text: until === undefined
        ? text(locale, "deliveries.is_unmuted", { name })
        : text(locale, "deliveries.is_muted", { name, until: `${localDateTime(until, zone)} ${zone}` }),
    });
  }

  app.post("/deliveries/:id/again", async (context) => {
    const { locale } = viewerViewOf(context, web);
    operations.notify.again(actorOf(context, "page"), context.req.param("id"));
    return await answer(context, { good: true, text: text(locale, "deliveries.sent_again") });
  });

  async function answer(context: Context, notice?: DeliveriesView["notice"]): Promise<Response> {
    const frame = frameOf(context, web);
    const { locale } = frame.viewer;
    const title = text(locale, "page.deliveries");
    const before = Number(context.req.query("before") ?? NaN);
    const deliveries = queries.notify.deliveries(SHOWN, Number.isSafeInteger(before) ? before : undefined);
    const last = deliveries.length === SHOWN ? deliveries.at(-1) : undefined;
    const view: DeliveriesView = {
      targets: queries.notify.targets(),
      muteChoices: pauseFields(frame.viewer).choices,
      trouble: queries.notify.trouble().slice(0, SHOWN).map((
        { subject, since, count, acknowledged, last },
      ) => ({
        subject,
        title: queries.notify.lineOf(last, locale),
        address: last.task === undefined ? undefined : path.task(last.task),
        since,
        count,
        acknowledged,
      })),
      mutedSubjects: queries.notify.mutedSubjects().map(([subject, until]) => ({ subject, until })),
      deliveries: deliveries.map((each) => viewOf(each, locale)),
      older: last && withQuery("/deliveries", { before: String(last.at) }),
      notice,
      timezone: queries.system.settings.timezone,
    };
    const content = <Deliveries viewer={frame.viewer} view={view} />;
    return await answerPage(context, frame, { title, content, before: <h1>{title}</h1> });
  }

  function viewOf(
    delivery: ReturnType<typeof queries.notify.deliveries>[number],
    locale: Locale,
  ): DeliveryView {
    const { id, at, target, state, heldBy, notBefore, tries, answer, into } = delivery;
    const lost = state === "undelivered" && into === undefined;
    return {
      id,
      at,
      target,
      title: queries.notify.titleOf(delivery, locale),
      state,
      heldBy,
      notBefore,
      tries,
      answer: answer === "ok" ? undefined : answer,
      passedTo: state === "undelivered" && into !== undefined && into !== "again" ? into : undefined,
      lost,
    };
  }
}
