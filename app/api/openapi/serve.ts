/** `GET /api/openapi.json`: the document of the API. */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { ROUTES } from "../v1/routes.ts";
import { openApiOf } from "./document.ts";

export const OPENAPI_PATH = "/api/openapi.json";

export function serveOpenApi(app: Hono, version: string): void {
  let made: { readonly text: string; readonly tag: string } | undefined;
  const document = () => {
    if (made) return made;
    const text = JSON.stringify(openApiOf(ROUTES, version, "en"));
    return made = { text, tag: `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
  };
  app.get(OPENAPI_PATH, (context) => {
    const { text, tag } = document();
    const headers = { "etag": tag, "cache-control": "private, no-cache" };
    if (context.req.header("if-none-match") === tag) return context.body(null, 304, headers);
    return context.body(text, 200, { ...headers, "content-type": "application/json" });
  });
}
