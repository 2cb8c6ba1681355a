/** What machines ask: `/healthz`, `/readyz`, `/metrics`, and a watcher `/heartbeat`. */
import type { Hono } from "hono";
import { CONTENT_TYPE } from "../../metrics/exposition.ts";
import { ASKED_HEADER, SIGNED_HEADER } from "../../notify/heartbeat.ts";
import type { WebContext } from "../context.ts";

export function serveObservation(app: Hono, { queries, version }: WebContext): void {
  app.get("/healthz", (context) => context.text("ok\n"));

  app.get("/readyz", (context) => {
    const notReady = queries.system.notReady();
    if (notReady.length === 0) return context.text("ready\n");
    // Reasons are for those who may see how Carillon is.
    const lines = notReady.map(({ why }) => why === "" ? "not ready\n" : `not ready: ${why}\n`);
    return context.text([...new Set(lines)].join(""), 503);
  });

  app.get("/metrics", (context) => {
    return context.body(queries.metrics.text(version), 200, { "content-type": CONTENT_TYPE });
  });

  // Signed both ways: without the secret nobody learns anything, and nobody else can answer.
  app.get("/heartbeat", async (context) => {
    if (!queries.heartbeat.isOpen) return context.notFound();
    const nonce = context.req.query("nonce") ?? "";
    const answer = await queries.heartbeat.answer(nonce, context.req.header(ASKED_HEADER));
    if (!answer) return context.text("the question is not signed with the secret of [watch]\n", 401);
    context.header(SIGNED_HEADER, answer.signature);
    context.header("cache-control", "no-store");
    return context.body(answer.body, 200, { "content-type": "application/json" });
  });
}
