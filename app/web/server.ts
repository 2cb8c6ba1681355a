/** All routes: pages, PyScheduler's addresses, health, assets; and what every answer has in common. */
import { Hono } from "hono";
import { compress } from "hono/compress";
import { secureHeaders } from "hono/secure-headers";
import { auditedOperations } from "../service/audited_operations.ts";
import type { WebContext } from "./context.ts";
import { serveApi } from "../api/api.ts";
import { allowOrigins } from "../api/cors.ts";
import { serveHooks } from "../api/hooks.ts";
import { askersQueries, inNameOfAsker } from "./asker.ts";
import { serveAssets } from "./assets.ts";
import { Door } from "../service/door.ts";
import { answerError, answerNotFound } from "./errors.tsx";
import { crossSiteCheck } from "./middleware/cross_site_check.ts";
import { formCheck } from "./middleware/form_check.ts";
import { signInCheck } from "./middleware/sign_in_check.ts";
import { BrowserCookie } from "./session_cookie.ts";
import { identify } from "./middleware/identify.ts";
import { measure } from "./middleware/measure.ts";
import { hostCheck } from "./middleware/host_check.ts";
import { inTurn } from "./middleware/in_turn.ts";
import { recogniseClient } from "./middleware/client.ts";
import { notStored } from "./middleware/not_stored.ts";
import { sandboxCheck } from "./middleware/sandbox_check.ts";
import { openerPolicy } from "./middleware/opener_policy.ts";
import { strictTransport } from "./middleware/strict_transport.ts";
import { wrongRequest } from "./middleware/wrong_request.ts";
import { serveBackfills } from "./pages/backfills.tsx";
import { serveApiPage } from "./pages/api.tsx";
import { serveAudit } from "./pages/audit.tsx";
import { serveDeliveries } from "./pages/deliveries.tsx";
import { serveObservation } from "./pages/observation.ts";
import { serveAccount } from "./pages/account.tsx";
import { serveSignIn } from "./pages/sign_in.tsx";
import { servePreferences } from "./pages/preferences.ts";
import { servePyScheduler } from "../api/pyscheduler.ts";
import { serveRunActions } from "./pages/run_actions.tsx";
import { serveReport } from "./pages/report.tsx";
import { serveRun } from "./pages/run.tsx";
import { serveRunFile } from "./pages/run_file.ts";
import { serveRunForm } from "./pages/run_form.tsx";
import { serveSource } from "./pages/source.tsx";
import { serveSystem } from "./pages/system.tsx";
import { serveTimeline } from "./pages/timeline.tsx";
import { serveNews } from "./pages/news.tsx";
import { serveYear } from "./pages/year.tsx";
import { KeptPages } from "./kept_pages.ts";
import { serveRuns } from "./pages/runs.tsx";
import { serveSearch } from "./pages/search.tsx";
import { serveTaskActions } from "./pages/task_actions.tsx";
import { serveTasks } from "./pages/tasks.tsx";
import { serveToday } from "./pages/today.tsx";
import { TaskLists } from "./task_list.tsx";
import { Turns } from "./turns.ts";
import { serveTaskPause } from "./pages/task_pause.tsx";
import { serveTask } from "./pages/task.tsx";
import { serveUsers } from "./pages/users.tsx";

/**
 * Routes that are open to everybody because each has a check of its own. They stand before the checks of browsers and of
 * who asks: a program that signs its request has no page, no cookie and no name here, and may call us by another host.
 */
function serveOpenRoutes(app: Hono, { hooks, queries }: WebContext): void {
  if (hooks) serveHooks(app, hooks, queries.system.settings.baseUrl);
}

/**
 * @param own operations and queries of the program itself; what comes in by a request goes through the guards of the door,
 *     and leaves a line in the audit, refused or not
 */
export function createWebApp(own: WebContext): Hono {
  const app = new Hono();
  const door = new Door(own.operations, own.queries);
  const web: WebContext = {
    ...own,
    operations: auditedOperations(door.operations, own.operations.audit),
    queries: askersQueries(door),
  };
  const { baseUrl, trustedProxies, hsts, apiOrigins } = own.queries.system.settings;
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
    // An address is told to this server alone. "no-referrer" would take the origin from forms, which are then refused.
    referrerPolicy: "same-origin",
    // See below: only where the request came by TLS, and only where another site sent it.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
  }));
  app.use(openerPolicy());
  app.use(measure((...request) => own.queries.metrics.onRequest(...request)));
  app.use(compress());
  app.use(inNameOfAsker());
  app.use(notStored());
  app.use(strictTransport(hsts));
  app.use(recogniseClient(trustedProxies));
  app.use(wrongRequest());
  app.use(inTurn(new Turns()));
  // Where one signs in, a task has no more rights than the token that it may have been given.
  if (own.auth.mode === "none") app.use(sandboxCheck((peer) => own.queries.system.isSandboxed(peer)));
  serveOpenRoutes(app, own);
  app.use(hostCheck({ baseUrl, machine: Deno.hostname() }));
  app.use("/api/*", allowOrigins(apiOrigins));
  app.use(crossSiteCheck({ baseUrl, apiOrigins }));
  const cookie = new BrowserCookie("carillon_session", baseUrl);
  app.use(identify(own.auth, cookie));
  app.use(signInCheck(own.auth));
  app.use(formCheck(own.auth));
  serveAssets(app);
  const lists = new TaskLists(web);
  const kept = new KeptPages();
  serveToday(app, web, lists, kept);
  serveTasks(app, web, lists, kept);
  serveTaskActions(app, web);
  serveTask(app, web);
  serveTaskPause(app, web);
  serveRunForm(app, web);
  serveRuns(app, web);
  serveRun(app, web);
  serveRunFile(app, web);
  serveRunActions(app, web);
  serveSource(app, web);
  serveTimeline(app, web);
  serveYear(app, web);
  serveBackfills(app, web);
  serveReport(app, web);
  serveSystem(app, web);
  serveUsers(app, web);
  serveDeliveries(app, web);
  serveAudit(app, web);
  serveSearch(app, web);
  serveNews(app, web);
  serveApi(app, web);
  serveApiPage(app, web);
  serveSignIn(app, web, cookie);
  serveAccount(app, web, cookie);
  servePreferences(app);
  servePyScheduler(app, web);
  serveObservation(app, web);
  app.notFound((context) => answerNotFound(context, web));
  app.onError((error, context) => answerError(error, context, web));
  return app;
}
