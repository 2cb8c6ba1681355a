/** People who sign in with a password. */
import { OperatorError } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import { isNoPassword } from "./passwords.ts";
import { personName } from "./roles.ts";
import type { Row, UserFile } from "./user_file.ts";

export interface User {
  readonly name: string;
  readonly roles: readonly string[];
  readonly createdAt: EpochMs;
  /** False until the person has chosen one by a link. */
  readonly hasPassword: boolean;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,99}$/u;

/** @param name as {@link personName} writes it */
export function isPersonName(name: string): boolean {
  return NAME.test(name);
}

/** The name as it is kept. @throws OperatorError for what is no name */
export function readPersonName(text: string): string {
  const name = personName(text);
  if (isPersonName(name)) return name;
  throw new OperatorError(
    `"${
      text.slice(0, 100)
    }" is no name for a user; use letters, digits and . _ @ + -, beginning with a letter or a digit`,
  );
}

export class Users {
  constructor(readonly file: UserFile) {}

  all(): readonly User[] {
    return this.file.all("SELECT * FROM users ORDER BY name").map(userOf);
  }

  get(name: string): User | undefined {
    const row = this.file.one("SELECT * FROM users WHERE name = ?", personName(name));
    return row && userOf(row);
  }

  /** The hash of a password; undefined for a name that there is not. */
  passwordOf(name: string): string | undefined {
    const hash = this.file.one("SELECT password FROM users WHERE name = ?", personName(name))?.password;
    return typeof hash === "string" ? hash : undefined;
  }

  get areThere(): boolean {
    return this.file.one("SELECT 1 FROM users LIMIT 1") !== undefined;
  }

  /** @throws OperatorError where the name is taken */
  add(name: string, password: string, roles: readonly string[], now: EpochMs): void {
    const added = this.file.run(
      "INSERT INTO users VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      name,
      password,
      roles.join(","),
      now,
      now,
    );
    if (added === 0) throw new OperatorError(`there is a user "${name}" already`);
  }

  /** Adds the first one; false where somebody was faster. */
  addFirst(name: string, password: string, roles: readonly string[], now: EpochMs): boolean {
    const sql = "INSERT INTO users SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM users)";
    return this.file.run(sql, name, password, roles.join(","), now, now) > 0;
  }

  /** A new password ends all sessions. @throws OperatorError where there is no such user */
  setPassword(name: string, password: string, now: EpochMs): void {
    this.file.batch(() => {
      const sql = "UPDATE users SET password = ?, changed_at = ? WHERE name = ?";
      this.#expect(this.file.run(sql, password, now, name), name);
      this.file.run("DELETE FROM sessions WHERE name = ?", name);
    });
  }

  /** @throws OperatorError where there is no such user */
  setRoles(name: string, roles: readonly string[], now: EpochMs): void {
    const sql = "UPDATE users SET roles = ?, changed_at = ? WHERE name = ?";
    this.#expect(this.file.run(sql, roles.join(","), now, name), name);
  }

  /** With all sessions. @throws OperatorError where there is no such user */
  remove(name: string): void {
    this.file.batch(() => {
      this.#expect(this.file.run("DELETE FROM users WHERE name = ?", name), name);
      this.file.run("DELETE FROM sessions WHERE name = ?", name);
      this.file.run("DELETE FROM sign_ins WHERE name = ?", name);
    });
  }

  #expect(changed: number, name: string): void {
    if (changed === 0) throw new OperatorError(`there is no user "${name}"; "carillon user list" lists them`);
  }
}

function userOf({ name, password, roles, created_at: createdAt }: Row): User {
  return {
    name: String(name),
    roles: String(roles).split(",").filter((role) => role !== ""),
    createdAt: Number(createdAt),
    hasPassword: !isNoPassword(String(password)),
  };
}
