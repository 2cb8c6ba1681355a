/** All routes: pages, PyScheduler's addresses, health, assets; and what every answer has in common. */
import { Hono } from "hono";
import { compress } from "hono/compress";
import { secureHeaders } from "hono/secure-headers";
import type { Carillon } from "../carillon.ts";
import { serveApi } from "./api.ts";
import { serveAssets } from "./assets.ts";
import { answerError, answerNotFound } from "./errors.tsx";
import { crossSiteCheck, hostCheck } from "./origin.ts";
import { serveChoices } from "./choices.ts";
import { servePyScheduler } from "./pyscheduler.ts";
import { serveRunActions } from "./run_actions.tsx";
import { serveRunPage } from "./run_page.tsx";
import { serveRunStart } from "./run_start.tsx";
import { serveSourcePage } from "./source_page.tsx";
import { serveSystem } from "./system.tsx";
import { serveTimeline } from "./timeline.tsx";
import { serveNews } from "./news.tsx";
import { serveYearPage } from "./year_page.tsx";
import { serveTaskList } from "./task_list.tsx";
import { serveTaskPause } from "./task_pause.tsx";
import { serveTaskPage } from "./task_page.tsx";

/** What the handlers work with. */
export interface WebParts {
  readonly carillon: Carillon;
  readonly version: string;
}

export function createWebApp(parts: WebParts): Hono {
  const app = new Hono();
  const { base_url: baseUrl } = parts.carillon.config.server;
  app.use(secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    referrerPolicy: "same-origin",
    // Said by whoever ends TLS: this server speaks plain HTTP.
    strictTransportSecurity: false,
  }));
  app.use(compress());
  app.use(hostCheck({ baseUrl, machine: Deno.hostname() }));
  app.use(crossSiteCheck({ baseUrl }));
  serveAssets(app);
  serveTaskList(app, parts);
  serveTaskPage(app, parts);
  serveTaskPause(app, parts);
  serveRunStart(app, parts);
  serveRunPage(app, parts);
  serveRunActions(app, parts);
  serveSourcePage(app, parts);
  serveTimeline(app, parts);
  serveYearPage(app, parts);
  serveSystem(app, parts);
  serveNews(app, parts);
  serveApi(app, parts);
  serveChoices(app);
  servePyScheduler(app, parts);
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", (context) => {
    const ready = parts.carillon.isRunning;
    return context.text(ready ? "ready\n" : "not ready: the scheduler is not running\n", ready ? 200 : 503);
  });
  app.notFound((context) => answerNotFound(context, parts));
  app.onError((error, context) => answerError(error, context, parts));
  return app;
}
