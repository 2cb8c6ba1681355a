/** `POST /hooks/<id>`: signed requests of other programs start a task. */
import type { Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Hooks } from "../service/hooks.ts";
import { problemText } from "../task/params.ts";
import { path } from "../web/paths.ts";

/** Longest body. */
const MAX_BODY_BYTES = 1024 * 1024;

/** @param baseUrl `[server] base_url`, or empty */
export function serveHooks(app: Hono, hooks: Hooks, baseUrl: string): void {
  app.post("/hooks/:id", async (context) => {
    const { req } = context;
    const body = new Uint8Array(await req.arrayBuffer());
    if (body.length > MAX_BODY_BYTES) {
      return problem(context, 413, `the body has more than ${MAX_BODY_BYTES / 1024} KB`);
    }
    const answer = await hooks.receive(req.param("id"), { header: (name) => req.header(name), body });
    switch (answer.kind) {
      case "started":
        return started(context, answer.runId, 202, "the run was started");
      case "repeated":
        return started(context, answer.runId, 200, "this delivery came before; it has started this run");
      case "ping":
        return context.json({ status: "success", message: "the hook is well; a ping starts nothing" });
      case "unknown":
        return problem(context, 404, "there is no such hook");
      case "refused":
        return problem(context, 403, "the signature is not right; the log of the receiver says why");
      case "unsupported":
        return problem(context, 415, `the body is neither JSON nor a form but ${answer.type}`);
      case "malformed":
        return problem(context, 400, answer.reason);
      case "invalid":
        return problem(context, 422, problemText(answer.problems));
    }
  });
  app.all("/hooks/:id", (context) => {
    context.header("allow", "POST");
    return problem(context, 405, "a hook is called by POST");
  });

  function started(context: Context, runId: string, status: ContentfulStatusCode, message: string): Response {
    const address = baseUrl.replace(/\/$/, "") + path.run(runId);
    context.header("location", address);
    return context.json({ status: "success", message, run_id: runId, url: address }, status);
  }
}

function problem(context: Context, status: ContentfulStatusCode, message: string): Response {
  return context.json({ status: "error", message }, status);
}
