/** What a watcher outside is told of Carillon, signed both ways with a secret that the two share. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** Moments are milliseconds since 1970. */
const heartbeat = z.object({
  version: z.literal(1),
  now: z.number(),
  startedAt: z.number(),
  /** Since the clock ticked last; null where it does not run. */
  tickAgeMs: z.number().nullable(),
  /** By how much the oldest due instant is overdue. */
  overdueMs: z.number(),
  /** Why Carillon is not ready, in sentences. */
  notReady: z.array(z.string()),
  /** Tasks that promise to be done by a time of day. */
  promises: z.array(z.object({ task: z.string(), lastSuccess: z.number().nullable(), undone: z.boolean() })),
});

export type Heartbeat = z.infer<typeof heartbeat>;

/** Header of the question: that it comes from a watcher. */
export const ASKED_HEADER = "carillon-watch";
/** Header of the answer: that it comes from Carillon, and answers this question and no other. */
export const SIGNED_HEADER = "carillon-signature";
export const NONCE = /^[\w-]{16,64}$/;

/** The signature of a question. @param nonce another one each time */
export function signQuestion(secret: string, nonce: string): string {
  return sign(secret, `question.${nonce}`);
}

export function signAnswer(secret: string, nonce: string, body: string): string {
  return sign(secret, `answer.${nonce}.${body}`);
}

/** Compares two signatures in a time that does not depend on them. */
export function isSame(given: string | null | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Reads a body whose signature is good; undefined for one that is no heartbeat of this version. */
export function readHeartbeat(body: string): Heartbeat | undefined {
  try {
    return heartbeat.safeParse(JSON.parse(body)).data;
  } catch {
    // No JSON: not an answer of Carillon, and the watcher says so.
    return undefined;
  }
}

function sign(secret: string, text: string): string {
  return `v1,${createHmac("sha256", secret).update(text).digest("base64")}`;
}
