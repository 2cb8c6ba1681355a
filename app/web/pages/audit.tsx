/** `GET /audit`: who did what, by a filter; `/audit.ndjson` all of it that passes, as it is written. */
import type { Hono } from "hono";
import { AuditPage } from "../../../templates/pages/audit.tsx";
import { text } from "../../locale/locale.ts";
import { auditView, readAuditFilter } from "../audit_view.ts";
import type { WebContext } from "../context.ts";
import { answerPage, frameOf, isFragmentRequest, viewerViewOf } from "../document.tsx";
import { path } from "../paths.ts";

/** Lines of a page. */
const SHOWN = 100;

export function serveAudit(app: Hono, web: WebContext): void {
  const { queries } = web;

  app.get(path.audit, async (context) => {
    const frame = frameOf(context, web);
    const filter = readAuditFilter(new URL(context.req.url).searchParams, frame.viewer);
    const found = await queries.audit.find(filter.query, SHOWN);
    const props = auditView(filter, found, queries.audit.trouble(), frame.viewer);
    if (isFragmentRequest(context)) context.header("hx-replace-url", props.address);
    const title = text(frame.viewer.locale, "page.audit");
    return await answerPage(context, frame, { title, content: <AuditPage {...props} /> });
  });

  app.get(path.auditExport, (context) => {
    const { query } = readAuditFilter(new URL(context.req.url).searchParams, viewerViewOf(context, web));
    const lines = queries.audit.export(query);
    return context.body(ReadableStream.from(bytesOf(lines)), 200, {
      "content-type": "application/x-ndjson; charset=utf-8",
      "content-disposition": 'attachment; filename="carillon-audit.ndjson"',
      "cache-control": "no-store",
    });
  });
}

async function* bytesOf(lines: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const line of lines) yield encoder.encode(`${line}\n`);
}
