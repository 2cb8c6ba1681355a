/** The one-time link by which the first administrator is made, where people sign in with passwords and there is nobody yet. */
import { isSameSecret, newSecret } from "./secret.ts";
import type { Users } from "./users.ts";

export class SetupLink {
  /** Another one each time that Carillon starts; it is in the log and nowhere else. */
  readonly #secret = newSecret();
  #used = false;

  constructor(readonly users: Users) {}

  /** The secret part of the link, while it leads anywhere. */
  get secret(): string | undefined {
    return this.#used || this.users.areThere ? undefined : this.#secret;
  }

  isRight(given: string): boolean {
    const secret = this.secret;
    return secret !== undefined && isSameSecret(given, secret);
  }

  /** Makes the first user; false where somebody was faster. Whoever comes later finds no link. */
  use(name: string, password: string, now: number): boolean {
    this.#used = this.users.addFirst(name, password, ["admin"], now);
    return this.#used;
  }
}
