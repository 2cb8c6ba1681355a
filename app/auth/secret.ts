/** Secrets that Carillon makes: 32 random bytes as text; what is kept of one is its hash. */
import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const SECRET_BYTES = 32;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** What is kept of a secret. It is random, so that one round of SHA-256 is enough. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

export function signature(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** Compares in a time that says nothing of where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  const [left, right] = [a, b].map((each) => createHash("sha256").update(each).digest());
  return timingSafeEqual(left ?? Buffer.alloc(1), right ?? Buffer.alloc(2));
}
