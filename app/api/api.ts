/** The whole of `/api`: its routes, its document, and what all its answers have in common. */
import type { Hono } from "hono";
import type { WebContext } from "../web/context.ts";
import { serveOpenApi } from "./openapi/serve.ts";
import { serveRoutes } from "./serve.ts";
import { ROUTES } from "./v1/routes.ts";

export function serveApi(app: Hono, web: WebContext): void {
  serveRoutes(app, web, ROUTES);
  serveOpenApi(app, web.version);
}
