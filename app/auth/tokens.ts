/** API tokens: shown once, kept as a hash, good for some rights and some tasks, until they expire or are revoked. */
import { OperatorError } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import type { Clock } from "../contracts.ts";
import { Access, type Right } from "../model/access.ts";
import { readRights } from "./roles.ts";
import { newSecret, secretHash } from "./secret.ts";
import { readTaskRules } from "./task_rules.ts";
import type { Row, UserFile } from "./user_file.ts";

/** By it a token is known for what it is, also by programs that look for secrets in files. */
export const TOKEN_PREFIX = "car_";
const TOKEN = /^car_[\w-]{43}$/;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,63}$/u;
/** That one was used is written no more often. */
const USED_EVERY_MS = 60_000;

export interface Token {
  readonly name: string;
  readonly rights: readonly Right[];
  /** As it was written; `*` for all tasks. */
  readonly tasks: string;
  readonly createdAt: EpochMs;
  readonly expiresAt?: EpochMs | undefined;
  readonly usedAt?: EpochMs | undefined;
  readonly usedFrom?: string | undefined;
}

export function isTokenName(name: string): boolean {
  return NAME.test(name);
}

export interface NewToken {
  readonly name: string;
  /** Such as `view, run`. */
  readonly rights: string;
  /** Such as `finance/*`; left out for all tasks and Carillon as a whole. */
  readonly tasks?: string | undefined;
  readonly expiresAt?: EpochMs | undefined;
}

export type TokenCheck =
  | { readonly kind: "good"; readonly token: Token; readonly access: Access }
  | { readonly kind: "unknown" }
  | { readonly kind: "expired"; readonly name: string };

export class Tokens {
  constructor(readonly file: UserFile, readonly clock: Pick<Clock, "now">) {}

  /**
   * Makes a token.
   *
   * @returns it; nobody sees it again
   * @throws OperatorError for a name that is taken, a right that there is not, a rule that means nothing
   */
  create({ name, rights, tasks, expiresAt = undefined }: NewToken): string {
    if (!isTokenName(name)) {
      throw new OperatorError(
        `"${
          name.slice(0, 100)
        }" is no name for a token; use letters, digits, spaces and . _ -, 64 at the most`,
      );
    }
    const now = this.clock.now();
    if (expiresAt !== undefined && expiresAt <= now) {
      throw new OperatorError("the token would have expired already");
    }
    const read = readGrant(rights, tasks);
    const secret = TOKEN_PREFIX + newSecret();
    const added = this.file.run(
      "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL, NULL) ON CONFLICT (name) DO NOTHING",
      name,
      secretHash(secret),
      read.rights.join(","),
      tasks ?? "",
      now,
      expiresAt ?? null,
    );
    if (added === 0) {
      throw new OperatorError(`there is a token "${name}" already; revoke it, or take another name`);
    }
    return secret;
  }

  all(): readonly Token[] {
    return this.file.all("SELECT * FROM tokens ORDER BY name").map(tokenOf);
  }

  /** From now on it is good for nothing. @throws OperatorError where there is none of that name */
  revoke(name: string): void {
    if (this.file.run("DELETE FROM tokens WHERE name = ?", name) > 0) return;
    throw new OperatorError(`there is no token "${name}"; "carillon token list" lists them`);
  }

  /** What a text that was sent as a token is good for. @param address where it comes from */
  check(secret: string, address: string | undefined): TokenCheck {
    const row = TOKEN.test(secret)
      ? this.file.one("SELECT * FROM tokens WHERE hash = ?", secretHash(secret))
      : undefined;
    if (!row) return { kind: "unknown" };
    const token = tokenOf(row);
    const now = this.clock.now();
    if (token.expiresAt !== undefined && token.expiresAt <= now) return { kind: "expired", name: token.name };
    if (Math.abs(now - (token.usedAt ?? -Infinity)) >= USED_EVERY_MS || token.usedFrom !== address) {
      this.file.run(
        "UPDATE tokens SET used_at = ?, used_from = ? WHERE name = ?",
        now,
        address ?? null,
        token.name,
      );
    }
    const { rights, tasks } = readGrant(token.rights.join(","), token.tasks === "" ? undefined : token.tasks);
    return { kind: "good", token, access: new Access([{ rights: new Set(rights), tasks }]) };
  }
}

function readGrant(rights: string, tasks: string | undefined) {
  try {
    return {
      rights: readRights(rights, tasks !== undefined),
      tasks: tasks === undefined ? "all" as const : readTaskRules(tasks),
    };
  } catch (cause) {
    if (cause instanceof RangeError) throw new OperatorError(cause.message, { cause });
    throw cause;
  }
}

function tokenOf(row: Row): Token {
  const moment = (value: unknown) => typeof value === "number" ? value : undefined;
  return {
    name: String(row.name),
    rights: String(row.rights).split(",") as Right[],
    tasks: String(row.tasks),
    createdAt: Number(row.created_at),
    expiresAt: moment(row.expires_at),
    usedAt: moment(row.used_at),
    usedFrom: typeof row.used_from === "string" ? row.used_from : undefined,
  };
}
