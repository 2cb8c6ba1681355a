/** What an answer means: done, log in again, or an error, by HTTP's status and by what PyScheduler's APIs say inside. */
import { ApiError } from "./api_error.ts";
import { decoded, type NumberReading, parseJson } from "./body.ts";
import type { Answer } from "./request.ts";
import { isForNow, retryAfter } from "./retry.ts";

export type Outcome =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "login" }
  | {
    readonly kind: "failed";
    readonly error: ApiError;
    /** It may go well another time. */
    readonly forNow: boolean;
    /** Milliseconds that the API asks to wait. */
    readonly after?: number | undefined;
  };

const MEANING: Readonly<Record<number, string>> = {
  400: "the API does not understand the request",
  403: "the API does not allow it",
  404: "the API knows nothing there",
  409: "it contradicts what the API has",
  422: "the API does not accept the values",
  429: "too many requests",
};
/** Answers that have no body, whatever the method: HTTP says so (RFC 9110, 15). */
const EMPTY: readonly number[] = [204, 205, 304];

/** @param what the request, such as `GET /orders` */
export function outcomeOf(
  answer: Answer | ApiError,
  what: string,
  { numbers, now, isHead }: {
    readonly numbers: NumberReading;
    readonly now: number;
    readonly isHead: boolean;
  },
): Outcome {
  if (answer instanceof ApiError) {
    return { kind: "failed", error: answer, forNow: answer.status === undefined };
  }
  const { status, headers } = answer;
  if (EMPTY.includes(status) || (isHead && answer.ok)) return { kind: "done", value: undefined };
  const text = decoded(answer.bytes, headers.get("content-type"));
  const { value, isJson } = readJson(text, numbers);
  const inside = typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  const code = answer.ok && inside.code !== undefined ? Number(inside.code) : status;
  if (code === 401) return { kind: "login" };
  const wrong = !answer.ok || code === 403 || code === 404 || (code >= 500 && code < 600) ||
    inside.errorResult === true;
  if (!wrong) {
    if (isJson) return { kind: "done", value };
    return { kind: "failed", error: new ApiError(`${what}: the answer is not JSON`, status), forNow: false };
  }
  const said = typeof inside.message === "string" && inside.message !== "" ? inside.message : MEANING[code];
  const told = answer.ok && inside.code === undefined ? undefined : code;
  return {
    kind: "failed",
    error: new ApiError(
      `${what}: ${said ?? "the API failed"}${told === undefined ? "" : ` (${told})`}`,
      told,
    ),
    forNow: !answer.ok && isForNow(status),
    after: retryAfter(headers.get("retry-after"), now),
  };
}

function readJson(
  text: string,
  numbers: NumberReading,
): { readonly value: unknown; readonly isJson: boolean } {
  if (text.trim() === "") return { value: undefined, isJson: true };
  try {
    return { value: parseJson(text.replace(/^\uFEFF/, ""), numbers), isJson: true };
  } catch (error) {
    if (error instanceof SyntaxError) return { value: undefined, isJson: false };
    throw error;
  }
}
