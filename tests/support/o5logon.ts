/**
 * The server's side of Oracle's login (O5LOGON): neither side sends the password, each proves to the other that it knows it.
 *
 * Of the password and a salt both make a key. Under it each sends half of a session key; of the two halves both make the key
 * under which the client sends the password and the server a fixed text.
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from "node:crypto";
import { decrypted192, encrypted192 } from "../../datasource/drivers/oracle/aes_192.ts";

/** How the server keeps a password, by the number that it tells the client. */
export const VERIFIERS = { "11g": 0x1b25, "12c": 0x4815, "10g": 0x939 } as const;
export type Verifier = keyof typeof VERIFIERS;

const NO_START = Buffer.alloc(16);
const VGEN_COUNT = 4_096;
const SDER_COUNT = 3;
/** What a server that knows the session's key says. */
const PROOF = "SERVER_TO_CLIENT";

function cipher(key: Buffer): string {
  return `aes-${key.length * 8}-cbc`;
}

function encrypted(key: Buffer, bytes: Buffer): Buffer {
  if (key.length === 24) return encrypted192(key, bytes);
  const with16 = createCipheriv(cipher(key), key, NO_START).setAutoPadding(false);
  return Buffer.concat([with16.update(bytes), with16.final()]);
}

function decrypted(key: Buffer, bytes: Buffer): Buffer {
  if (key.length === 24) return decrypted192(key, bytes);
  const with16 = createDecipheriv(cipher(key), key, NO_START).setAutoPadding(false);
  return Buffer.concat([with16.update(bytes), with16.final()]);
}

function hash(kind: string, ...parts: readonly (Buffer | string)[]): Buffer {
  return parts.reduce((sum, each) => sum.update(each), createHash(kind)).digest();
}

export interface Challenge {
  readonly pairs: readonly (readonly [name: string, value: string, flag?: number])[];
}

/** One login: the challenge that is sent, and what the client's answer to it says. */
export class O5Logon {
  readonly #salt = randomBytes(16);
  readonly #mixing = randomBytes(16);
  readonly #own: Buffer;
  readonly #passwordKey: Buffer;

  constructor(readonly verifier: Verifier, readonly password: string) {
    const is12c = verifier === "12c";
    this.#own = randomBytes(is12c ? 32 : 48);
    this.#passwordKey = is12c
      ? hash(
        "sha512",
        pbkdf2Sync(
          password,
          Buffer.concat([this.#salt, Buffer.from("AUTH_PBKDF2_SPEEDY_KEY")]),
          VGEN_COUNT,
          64,
          "sha512",
        ),
        this.#salt,
      ).subarray(0, 32)
      : Buffer.concat([hash("sha1", password, this.#salt), Buffer.alloc(4)]);
  }

  get challenge(): Challenge {
    const hex = (bytes: Buffer) => bytes.toString("hex").toUpperCase();
    return {
      pairs: [
        ["AUTH_SESSKEY", hex(encrypted(this.#passwordKey, this.#own))],
        ["AUTH_VFR_DATA", hex(this.#salt), VERIFIERS[this.verifier]],
        ["AUTH_PBKDF2_CSK_SALT", hex(this.#mixing)],
        ["AUTH_PBKDF2_VGEN_COUNT", String(VGEN_COUNT)],
        ["AUTH_PBKDF2_SDER_COUNT", String(SDER_COUNT)],
      ],
    };
  }

  /** The proof that the client waits for; undefined where the client does not know the password. */
  answerTo(answer: ReadonlyMap<string, string>): string | undefined {
    const bytes = (name: string) => Buffer.from(answer.get(name) ?? "", "hex");
    const theirs = decrypted(this.#passwordKey, bytes("AUTH_SESSKEY"));
    const key = this.#sessionKey(theirs);
    const sent = decrypted(key, bytes("AUTH_PASSWORD"));
    // Sixteen bytes at random, the password, and so many bytes of one value that the block is full.
    const password = sent.subarray(16, sent.length - (sent.at(-1) ?? 0)).toString("utf8");
    if (password !== this.password) return undefined;
    const proof = Buffer.concat([randomBytes(16), Buffer.from(PROOF), Buffer.alloc(16, 16)]);
    return encrypted(key, proof).toString("hex").toUpperCase();
  }

  #sessionKey(theirs: Buffer): Buffer {
    if (this.verifier === "12c") {
      const both = Buffer.concat([theirs.subarray(0, 32), this.#own.subarray(0, 32)]).toString("hex")
        .toUpperCase();
      return pbkdf2Sync(both, this.#mixing, SDER_COUNT, 32, "sha512");
    }
    const mixed = Buffer.from(this.#own.subarray(16, 40).map((each, i) => each ^ (theirs[16 + i] ?? 0)));
    return Buffer.concat([hash("md5", mixed.subarray(0, 16)), hash("md5", mixed.subarray(16))]).subarray(
      0,
      24,
    );
  }
}
