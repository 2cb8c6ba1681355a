/** Whether a request to a hook comes from who knows the secret, and which delivery it is. Pure, and in constant time. */
import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { EpochMs } from "../base/time.ts";
import type { HookPolicy } from "./hook.ts";

/** A request as it came: the body byte for byte, the header by lower-case names. */
export interface HookRequest {
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

export type Verified =
  /** `delivery` is alike for a request that comes again; undefined where the sender gives none. */
  | { readonly ok: true; readonly delivery: string | undefined }
  /** `why` is for the operator's log: the sender is not told. */
  | { readonly ok: false; readonly why: string };

/** How far the clocks of sender and receiver may be apart, as Standard Webhooks proposes, in milliseconds. */
export const TOLERANCE_MS = 300_000;
/** Signatures in one header, for senders that change their secret. */
const MAX_SIGNATURES = 10;
/** A delivery's id is kept with its run: longer or odd ones are kept as their hash. */
const PLAIN_ID = /^[\w.:-]{1,100}$/;

/** @param secret what `[secrets]` has under the hook's name */
export function verifyHook(
  { verify }: Pick<HookPolicy, "verify">,
  secret: string,
  request: HookRequest,
  now: EpochMs,
): Verified {
  switch (verify) {
    case "github":
      return github(secret, request);
    case "standard":
      return standard(secret, request, now);
    case "token":
      return token(secret, request);
  }
}

/** The key of Standard Webhooks: base64, mostly behind `whsec_`; undefined where it is no base64. */
export function standardKey(secret: string): Buffer | undefined {
  const text = secret.replace(/^whsec_/, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}

/** docs.github.com, "Validating webhook deliveries": `sha256=` and the HMAC of the body in hexadecimal digits. */
function github(secret: string, { header, body }: HookRequest): Verified {
  const given = header("x-hub-signature-256");
  if (given === undefined) return refused("it has no X-Hub-Signature-256");
  const wanted = createHmac("sha256", secret).update(body).digest();
  const [, digits] = /^sha256=([\da-f]{64})$/i.exec(given) ?? [];
  if (digits === undefined || !timingSafeEqual(Buffer.from(digits, "hex"), wanted)) return WRONG;
  // GitHub's signature says nothing of the id; without one the same body is the same delivery.
  return accepted(header("x-github-delivery") ?? `sha256.${digits.toLowerCase()}`);
}

/** standardwebhooks.com: `v1,` and the HMAC of `id.timestamp.body` in base64, several with blanks between them. */
function standard(secret: string, { header, body }: HookRequest, now: EpochMs): Verified {
  const [id, at, signatures] = [
    header("webhook-id"),
    header("webhook-timestamp"),
    header("webhook-signature"),
  ];
  if (!id || !at || !signatures) {
    return refused("webhook-id, webhook-timestamp or webhook-signature is missing");
  }
  const key = standardKey(secret);
  if (!key) return refused("the secret is not base64, as Standard Webhooks wants it");
  const wanted = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest();
  const given = signatures.split(" ").slice(0, MAX_SIGNATURES).flatMap((each) => {
    const [, text] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(each) ?? [];
    return text === undefined ? [] : [Buffer.from(text, "base64")];
  });
  // Each is compared, whichever fits.
  const fitting = given.filter((each) => timingSafeEqual(each, wanted)).length;
  if (fitting === 0) return WRONG;
  const seconds = /^\d{1,12}$/.test(at) ? Number(at) : NaN;
  if (!(Math.abs(now - seconds * 1_000) <= TOLERANCE_MS)) {
    return refused(
      `its timestamp is more than ${TOLERANCE_MS / 60_000} minutes away from this machine's clock`,
    );
  }
  return accepted(id);
}

/** The secret itself. Hashes are compared, which have one length. */
function token(secret: string, { header }: HookRequest): Verified {
  const [, bearer] = /^bearer +(.+)$/i.exec(header("authorization") ?? "") ?? [];
  const given = bearer ?? header("x-gitlab-token");
  if (given === undefined) return refused("it has neither Authorization: Bearer nor X-Gitlab-Token");
  if (!timingSafeEqual(hashOf(given), hashOf(secret))) return WRONG;
  const id = header("idempotency-key") ?? header("x-gitlab-event-uuid");
  return id === undefined ? { ok: true, delivery: undefined } : accepted(id);
}

const WRONG: Verified = { ok: false, why: "its signature is not made with the secret" };

function refused(why: string): Verified {
  return { ok: false, why };
}

function accepted(id: string): Verified {
  return { ok: true, delivery: PLAIN_ID.test(id) ? id : `sha256.${hashOf(id).toString("hex")}` };
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
