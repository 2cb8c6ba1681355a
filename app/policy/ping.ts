/** `ping`: an address that is told of each run, of a service that alarms when it hears nothing. */
import { sentence } from "../locale/sentence.ts";
import { text } from "../locale/locale.ts";
import { objectOf, refuse, secretNameOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface PingKeys {
  /**
   * Address that is told when a run begins (`…/start`), succeeds, and fails (`…/fail`, with the end of its log), as
   * Healthchecks and services like it have it. An address is as good as a password there: `{ secret: "name" }` takes it from
   * `[secrets]`.
   */
  readonly ping?: string | { readonly secret: string };
}

/** An address, or the name of the entry of `[secrets]` that holds it. */
export type PingPolicy = { readonly url: string } | { readonly secret: string };

const MAX_ADDRESS = 1_000;

/** True for what can be asked as a ping. */
export function isPingAddress(url: string): boolean {
  return url.length <= MAX_ADDRESS && /^https?:\/\//.test(url) && URL.canParse(url);
}

export const ping: Policy<PingKeys, { readonly ping?: PingPolicy | undefined }> = {
  keys: { ping: "policy.ping" },
  read: ({ ping }) => ({ ping: ping === undefined ? undefined : readPing(ping) }),
  wordsOf: ({ ping }, locale) => ({
    // Of an address its host only: the rest is as good as a password.
    ping: ping &&
      ("url" in ping ? new URL(ping.url).host : text(locale, "ping.secret", { secret: ping.secret })),
  }),
};

function readPing(given: unknown): PingPolicy {
  if (typeof given === "string") {
    // Not quoted: it may be the secret itself.
    return isPingAddress(given) ? { url: given } : refuse("ping", sentence("mistake.ping"));
  }
  const { secret } = objectOf("ping", given, ["secret"]);
  return { secret: secretNameOf("ping.secret", secret, "address") };
}
