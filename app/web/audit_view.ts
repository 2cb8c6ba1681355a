/** Which lines of the audit are wanted, read from the address, and what is shown of each. */
import { AUDIT_OUTCOMES } from "../model/audit.ts";
import type { Queries } from "../service/queries.ts";
import { readRange } from "../service/range.ts";
import { text } from "../locale/locale.ts";
import type { AuditEntryView, AuditPageProps } from "../../templates/pages/audit.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { path, type QueryValues, withQuery } from "./paths.ts";
import { oneOfIn, wordIn } from "./query_words.ts";
import { RequestProblem } from "./request_problem.ts";

type AuditPage = Awaited<ReturnType<Queries["audit"]["find"]>>;
type AuditQuery = Parameters<Queries["audit"]["find"]>[0];

/** What stands before the full stop of actions; each is a choice of the filter. */
const GROUPS = [
  "run",
  "task",
  "tasks",
  "backfill",
  "sign_in",
  "user",
  "token",
  "notify",
  "database",
  "carillon",
  "audit",
] as const;

/** Longest word of a filter. */
const MAX_WORD = 200;
const AHEAD_MS = 86_400_000;

export interface AuditFilter {
  readonly query: AuditQuery;
  /** As it stands in the address. */
  readonly words: Readonly<Record<"q" | "who" | "target" | "action" | "outcome" | "from" | "to", string>>;
  readonly before: string;
}

export function readAuditFilter(params: URLSearchParams, { zone, now }: ViewerView): AuditFilter {
  const word = (name: string) => wordIn(params, name).slice(0, MAX_WORD);
  const words = {
    q: word("q"),
    who: word("who"),
    target: word("target"),
    action: word("action"),
    outcome: oneOfIn(params, "outcome", AUDIT_OUTCOMES),
    from: word("from"),
    to: word("to"),
  };
  const before = word("before");
  if (!/^\d{0,15}$/.test(before)) {
    throw new RequestProblem(400, "problem.request", {
      reason: `before: "${before}" is not the number of a line`,
    });
  }
  const { from, to } = words;
  const range = from === "" && to === ""
    ? undefined
    : readRange({ from: from || undefined, to: to || undefined }, zone, { from: 0, to: now + AHEAD_MS });
  const query: AuditQuery = {
    text: words.q || undefined,
    who: words.who || undefined,
    target: words.target || undefined,
    action: words.action || undefined,
    outcome: words.outcome || undefined,
    from: range?.from,
    to: range?.to,
    before: before === "" ? undefined : Number(before),
  };
  return { query, words, before };
}

export function auditView(
  { words, before }: AuditFilter,
  { lines, older }: AuditPage,
  trouble: string | undefined,
  viewer: ViewerView,
): AuditPageProps {
  const { locale } = viewer;
  const asked: QueryValues = words;
  return {
    viewer,
    address: withQuery(path.audit, { ...asked, before }),
    exportAddress: withQuery(path.auditExport, asked),
    older: older === undefined ? undefined : withQuery(path.audit, { ...asked, before: String(older) }),
    newest: before === "" ? undefined : withQuery(path.audit, asked),
    trouble,
    entries: lines.map((line) => entryView(line, viewer)),
    form: {
      ...words,
      actions: GROUPS.map((value) => ({ value, label: text(locale, `audit.group.${value}`) })),
      outcomes: AUDIT_OUTCOMES.map((value) => ({ value, label: text(locale, `audit.outcome.${value}`) })),
    },
  };
}

function entryView(line: AuditPage["lines"][number], { locale }: ViewerView): AuditEntryView {
  const { n, at, action, outcome, who, by, token, from, target, message, params, hash } = line;
  const channel = text(locale, `audit.by.${by}`);
  return {
    n,
    at: Date.parse(at),
    action,
    outcome,
    who: who ?? "",
    way: [channel, token && text(locale, "audit.token", { name: token }), from].filter(Boolean).join(" · "),
    target: target === undefined ? undefined : { words: target, address: addressOf(target) },
    message,
    params: params && JSON.stringify(params, null, 2),
    hash,
  };
}

/** Where what was done something to can be seen; what is not there any more is not found there. */
function addressOf(target: string): string | undefined {
  const [, kind, id] = /^(task|run)\/(.+)$/s.exec(target) ?? [];
  if (id === undefined) return undefined;
  return kind === "task" ? path.task(id) : path.run(id);
}
