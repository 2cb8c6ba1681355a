/** What most channels' answers have in common. */
import type { Answer, Verdict } from "./channel.ts";

/** A sender that asks for more patience than this is asked again nevertheless. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
const MAX_QUOTED = 200;

export function ok(): Verdict {
  return { kind: "ok" };
}

export function retry(why: string, afterMs?: number): Verdict {
  return { kind: "retry", why, afterMs };
}

export function permanent(why: string): Verdict {
  return { kind: "permanent", why };
}

/** Judges by the HTTP status alone: 2xx is taken, 408, 425, 429 and 5xx are worth another try, the rest is not. */
export function judgeStatus(answer: Answer): Verdict {
  if (answer.kind === "none") return retry(answer.why);
  if (answer.kind === "mail") return permanent("an answer to a mail");
  const { status, body } = answer;
  if (status >= 200 && status < 300) return ok();
  const why = `HTTP ${status}${body === "" ? "" : `: ${quoted(body)}`}`;
  if (status >= 300 && status < 400) {
    return permanent(
      `${why}; it redirects to ${answer.headers.location ?? "nowhere"}, which is not followed`,
    );
  }
  return status === 408 || status === 425 || status === 429 || status >= 500
    ? retry(why, retryAfterMs(answer.headers["retry-after"]))
    : permanent(why);
}

/** `Retry-After` in seconds (RFC 9110, 10.2.3); its other form, a date, is not used by the senders we know. */
export function retryAfterMs(header: string | undefined): number | undefined {
  const seconds = Number(header ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0
    ? Math.min(Math.ceil(seconds * 1_000), LONGEST_RETRY_AFTER_MS)
    : undefined;
}

/** The JSON object in a body; undefined where it is none: a proxy's page, or half an answer. */
export function jsonOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
      ? parsed as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/** How an answer judges itself whose body has a code in it. */
export interface CodeRule {
  /** Fields the code may be in, the first that is there counts. */
  readonly fields: readonly string[];
  readonly message: string;
  /** Codes that are worth another try, with the wait in milliseconds. */
  readonly retry: ReadonlyMap<number, number>;
}

/** Judges by a code in the body: 0 is taken, whatever HTTP says. An answer without a code was not given by the service. */
export function judgeCode(answer: Answer, { fields, message, retry: again }: CodeRule): Verdict {
  if (answer.kind !== "http") return judgeStatus(answer);
  const body = jsonOf(answer.body);
  const code = fields.map((field) => body?.[field]).find((each) => typeof each === "number");
  if (code === undefined) {
    const byStatus = judgeStatus(answer);
    return byStatus.kind === "ok"
      ? retry(`HTTP ${answer.status} without a code: ${quoted(answer.body)}`)
      : byStatus;
  }
  if (code === 0) return ok();
  const why = `${code}: ${quoted(String(body?.[message] ?? ""))}`;
  const afterMs = again.get(Number(code));
  if (afterMs !== undefined) return retry(why, afterMs);
  return answer.status === 429 || answer.status >= 500 ? judgeStatus(answer) : permanent(why);
}

/** A piece of an answer, in one line. */
export function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line;
}
