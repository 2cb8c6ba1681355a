/** Passwords: which are good, and how they are kept. scrypt as RFC 7914 has it, with the parameters that OWASP gives for 32 MB. */
import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { TextKey, TextValues } from "../locale/locale.ts";
import { newSecret } from "./secret.ts";

/** N is 2 to the power of it, and so is what a hash takes in time and memory. */
const COST = 15;
const BLOCK = 8;
const PARALLEL = 3;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
const MAX_MEMORY = 64 * 1024 * 1024;

const LEAST = 12;
const MOST = 200;
/** Who waits longer is sent away: each takes about a fifth of a second of one core. */
const MAX_WAITING = 16;

/** A sentence without its language. */
export interface PasswordProblem {
  readonly key: TextKey;
  readonly values: TextValues;
}

/** Too many passwords are being checked at the moment. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

/** What is wrong with a password; undefined for one that is good. */
export function passwordProblem(password: string, name: string): PasswordProblem | undefined {
  const letters = [...password.normalize("NFKC")];
  if (letters.length < LEAST) return { key: "password.short", values: { least: LEAST } };
  if (letters.length > MOST) return { key: "password.long", values: { most: MOST } };
  if (new Set(letters).size < 5) return { key: "password.simple", values: {} };
  const plain = password.normalize("NFKC").toLowerCase();
  if (name !== "" && plain.replaceAll(name, "").length < LEAST / 2) {
    return { key: "password.name", values: {} };
  }
  return undefined;
}

const NO_PASSWORD = "none$";

/** What is kept in place of a password's hash where there is none yet, another one each time: nothing is right for it. */
export function noPassword(): string {
  return NO_PASSWORD + newSecret();
}

export function isNoPassword(kept: string): boolean {
  return kept.startsWith(NO_PASSWORD);
}

/** Hashes and compares, one after another, so that no crowd of requests takes the machine. */
export class Passwords {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** What a password is compared with where there is no such name, or no password yet. */
  readonly #nobody: string;

  /** @param cost of new hashes, and of names that there are not: N is 2 to the power of it */
  constructor(readonly cost: number = COST) {
    this.#nobody = textOf(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  }

  /** How a password is kept. @throws BusyError */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const { cost } = this;
    const derived = await this.#inTurn(() => derive(password, salt, cost, BLOCK, PARALLEL, HASH_BYTES));
    return textOf(cost, salt, derived);
  }

  /**
   * Whether it is the password; it takes as long where there is no such name.
   *
   * @param kept undefined for a name that there is not
   * @throws BusyError
   */
  async isRight(password: string, kept: string | undefined): Promise<boolean> {
    const own = kept === undefined || isNoPassword(kept) ? undefined : kept;
    const { cost, block, parallel, salt, hash } = partsOf(own ?? this.#nobody);
    const derived = await this.#inTurn(() => derive(password, salt, cost, block, parallel, hash.length));
    return timingSafeEqual(derived, hash) && own !== undefined;
  }

  async #inTurn(work: () => Promise<Buffer>): Promise<Buffer> {
    if (this.#waiting >= MAX_WAITING) throw new BusyError("too many passwords are being checked");
    this.#waiting++;
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }
}

function textOf(cost: number, salt: Buffer, hash: Buffer): string {
  return ["scrypt", cost, BLOCK, PARALLEL, salt.toString("base64"), hash.toString("base64")].join("$");
}

function partsOf(text: string) {
  const [, cost, block, parallel, salt = "", hash = ""] =
    /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([^$]+)\$([^$]+)$/.exec(text) ?? [];
  if (hash === "") throw new Error("the hash of a password cannot be read");
  return {
    cost: Number(cost),
    block: Number(block),
    parallel: Number(parallel),
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

function derive(
  password: string,
  salt: Buffer,
  cost: number,
  block: number,
  parallel: number,
  bytes: number,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options = { N: 2 ** cost, r: block, p: parallel, maxmem: MAX_MEMORY };
  scrypt(password.normalize("NFKC").slice(0, 10 * MOST), salt, bytes, options, (error, key) => {
    if (error) reject(error);
    else resolve(key);
  });
  return promise;
}
