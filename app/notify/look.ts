/** One look at a Carillon elsewhere: a question with a new nonce, and whether the answer is its own. */
import { firstBytes } from "../base/first_bytes.ts";
import { TimeLimit } from "../base/time_limit.ts";
import { ASKED_HEADER, isSame, readHeartbeat, signAnswer, SIGNED_HEADER, signQuestion } from "./heartbeat.ts";
import { ANSWER_MS, type Look } from "./watcher.ts";

const MAX_BYTES = 262_144;

/**
 * Never rejects: whatever goes wrong is a look too.
 *
 * @param base address of the Carillon
 * @param answerMs how long the answer may take
 */
export async function lookAt(
  base: string,
  secret: string,
  signal: AbortSignal,
  answerMs: number = ANSWER_MS,
): Promise<Look> {
  const nonce = crypto.randomUUID();
  using limit = new TimeLimit(answerMs, signal);
  const begin = performance.now();
  try {
    const response = await fetch(`${base.replace(/\/$/, "")}/heartbeat?nonce=${nonce}`, {
      headers: { [ASKED_HEADER]: signQuestion(secret, nonce) },
      redirect: "manual",
      signal: limit.signal,
    });
    const body = await firstBytes(response, MAX_BYTES);
    const tookMs = performance.now() - begin;
    if (response.status !== 200) return none(`it answers with HTTP ${response.status}`);
    if (!isSame(response.headers.get(SIGNED_HEADER), signAnswer(secret, nonce, body))) {
      return none("the answer is not signed with the secret of [watch]");
    }
    const heartbeat = readHeartbeat(body);
    return heartbeat ? { kind: "answer", heartbeat, tookMs } : none("the answer is of another version");
  } catch (error) {
    return none(limit.reason(error));
  }
}

function none(why: string): Look {
  return { kind: "none", why };
}
