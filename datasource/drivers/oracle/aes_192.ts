/**
 * AES with keys of 192 bits, block chained to block (NIST SP 800-38A, 6.2), from a start of zeros: the cipher of Oracle's
 * login with a password of the 11g kind. The runtime has it for single blocks alone.
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";

const BLOCK = 16;
const SINGLE = "aes-192-ecb";

/** @param bytes whole blocks */
export function encrypted192(key: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv(SINGLE, key, null).setAutoPadding(false);
  const sent: Buffer[] = [];
  let before: Uint8Array = new Uint8Array(BLOCK);
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = Buffer.from(cipher.update(mixed(bytes.subarray(at, at + BLOCK), before)));
    sent.push(block);
    before = block;
  }
  // Nothing is left of it, and the runtime lets go of it.
  cipher.final();
  return Buffer.concat(sent);
}

/** @param bytes whole blocks */
export function decrypted192(key: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createDecipheriv(SINGLE, key, null).setAutoPadding(false);
  const plain = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.from(plain.map((each, i) => each ^ (i < BLOCK ? 0 : bytes[i - BLOCK] ?? 0)));
}

function mixed(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((each, i) => each ^ (other[i] ?? 0));
}
