/** Links by which somebody chooses a password of their own: each is good once, for some days, and ends with another password. */
import { Buffer } from "node:buffer";
import type { EpochMs } from "../base/time.ts";
import type { Clock } from "../contracts.ts";
import { isSameSecret, signature } from "./secret.ts";
import type { UserFile } from "./user_file.ts";
import type { Users } from "./users.ts";

export const LINK_DAYS = 3;
const DAY_MS = 86_400_000;

/** What stands in the address; nothing of it is kept, for it is signed together with the password that it replaces. */
export interface PasswordLink {
  readonly secret: string;
  readonly until: EpochMs;
}

export class PasswordLinks {
  constructor(readonly file: UserFile, readonly users: Users, readonly clock: Pick<Clock, "now">) {}

  /** A link for somebody there is. */
  make(name: string): PasswordLink {
    const until = this.clock.now() + LINK_DAYS * DAY_MS;
    const person = Buffer.from(name).toString("base64url");
    const ends = until.toString(36);
    return { secret: `${person}.${ends}.${this.#sign(name, ends)}`, until };
  }

  /** Whose link it is; undefined for one that is good for nothing, or not any more. */
  nameOf(secret: string): string | undefined {
    const [person = "", ends = "", signed = ""] = secret.split(".");
    const name = Buffer.from(person, "base64url").toString();
    const until = parseInt(ends, 36);
    const isTrue = this.users.get(name) !== undefined && isSameSecret(signed, this.#sign(name, ends));
    return isTrue && until > this.clock.now() ? name : undefined;
  }

  /** Whoever chooses a password, or is given another link, makes those before worthless. */
  #sign(name: string, ends: string): string {
    const kept = this.users.passwordOf(name) ?? "";
    return signature(this.file.key, JSON.stringify(["password", name, ends, kept]));
  }
}
