/** `POST /runs/:id/cancel`: ends a run that is queued or running. */
import type { Hono } from "hono";
import { Toast } from "../../templates/parts.tsx";
import { text } from "../locale/locale.ts";
import type { WebParts } from "./app.ts";
import { isFragmentRequest } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { viewerOf } from "./viewer.ts";

export function serveRunCancel(app: Hono, { carillon }: WebParts): void {
  app.post("/runs/:id/cancel", async (context) => {
    const id = context.req.param("id");
    if (!carillon.history.get(id)) throw new RequestProblem(404, "problem.no_run", { id });
    const cancelled = carillon.runner.cancel(id);
    const address = `/runs/${encodeURIComponent(id)}`;
    if (!isFragmentRequest(context)) return context.redirect(address, 303);
    const { locale } = viewerOf(context);
    context.header("hx-trigger", "carillon:changed");
    const message = text(locale, cancelled ? "run.is_cancelled" : "run.was_over");
    return await context.html(<Toast message={message} address={address} link={text(locale, "run.look")} />);
  });
}
