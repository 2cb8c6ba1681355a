/** Asking an address that counts on being asked: a service such as Healthchecks alarms when it does not hear of us. */
import { TimeLimit } from "../../base/time_limit.ts";

/** How often the address of `[watch]` is asked. */
export const PING_MS = 60_000;
const ANSWER_MS = 10_000;

export type PingKind = "start" | "success" | "fail";

/**
 * Asks once. Never rejects.
 *
 * @param run its id, by which the service knows which end belongs to which beginning
 * @returns why it was not taken, without the address; undefined where it was
 */
export async function sendPing(
  url: string,
  kind: PingKind,
  run: string | undefined,
  body: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  using limit = new TimeLimit(ANSWER_MS, signal);
  try {
    const response = await fetch(pingAddress(url, kind, run), {
      method: "POST",
      headers: { "content-type": "text/plain; charset=utf-8" },
      body,
      redirect: "manual",
      signal: limit.signal,
    });
    await response.body?.cancel();
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    return limit.reason(error);
  }
}

/** `…/start` and `…/fail` before the query, with `rid`, as Healthchecks and those that follow it have it. */
export function pingAddress(url: string, kind: PingKind, run?: string): string {
  const address = new URL(url);
  if (kind !== "success") address.pathname = `${address.pathname.replace(/\/$/, "")}/${kind}`;
  if (run !== undefined) address.searchParams.set("rid", run);
  return address.href;
}
