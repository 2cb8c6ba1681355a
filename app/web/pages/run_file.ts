/** `GET /runs/:id/files/:file`: a file that a run has left, to be saved. */
import type { Hono } from "hono";
import { stream } from "hono/streaming";
import type { WebContext } from "../context.ts";
import { BYTES, downloadHeaders } from "../download.ts";

export function serveRunFile(app: Hono, { queries }: WebContext): void {
  app.get("/runs/:id/files/:file", async (context) => {
    const { id, file } = context.req.param();
    const { artifact, bytes } = await queries.runs.artifact(id, file);
    context.header("content-type", BYTES);
    for (const [name, value] of Object.entries(downloadHeaders(artifact))) context.header(name, value);
    context.header("cache-control", "private, no-store");
    return stream(context, async (answer) => {
      for await (const piece of bytes) await answer.write(piece);
    });
  });
}
