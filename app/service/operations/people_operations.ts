/** What administrators do about people who sign in here, and about the tokens of programs. */
import type { Auth } from "../../auth/auth.ts";
import type { PasswordLink } from "../../auth/password_link.ts";
import { noPassword } from "../../auth/passwords.ts";
import { personName, readRights } from "../../auth/roles.ts";
import { readTaskRules } from "../../auth/task_rules.ts";
import { isTokenName, type NewToken } from "../../auth/tokens.ts";
import { isPersonName, type User } from "../../auth/users.ts";
import type { Actor } from "../../model/actor.ts";
import { Refusal } from "../refusal.ts";

export class PeopleOperations {
  constructor(readonly auth: Auth) {}

  /**
   * Adds somebody, who chooses a password by the link that this answers with.
   *
   * @throws Refusal `invalid` for what is no name or no role, `conflict` where the name is taken
   */
  addUser(_actor: Actor, name: string, roles: readonly string[]): PasswordLink {
    const { users, links } = this.#passwords();
    const person = personName(name);
    if (!isPersonName(person)) throw new Refusal("invalid", "password.bad_name");
    const wanted = this.#roles(roles);
    this.auth.file.batch(() => {
      if (users.get(person)) throw new Refusal("conflict", "problem.user_taken", { name: person });
      users.add(person, noPassword(), wanted, this.auth.clock.now());
    });
    return links.make(person);
  }

  /** Gives somebody these roles and none of those from before. @throws Refusal also where no administrator would be left */
  setRoles(_actor: Actor, name: string, roles: readonly string[]): void {
    const { users } = this.#passwords();
    const wanted = this.#roles(roles);
    this.#keepAdministrator(() => users.setRoles(this.#user(name).name, wanted, this.auth.clock.now()));
  }

  /**
   * Ends somebody's password and sessions; another password is chosen by the link that this answers with.
   *
   * @throws Refusal also for one's own, and where no administrator would be left
   */
  renewPassword(actor: Actor, name: string): PasswordLink {
    const { users, links } = this.#passwords();
    const { name: person } = this.#user(name);
    if (actor.name !== undefined && actor.token === undefined && personName(actor.name) === person) {
      throw new Refusal("conflict", "problem.own_password");
    }
    this.#keepAdministrator(() => users.setPassword(person, noPassword(), this.auth.clock.now()));
    return links.make(person);
  }

  /** Ends all sessions of somebody. @returns how many there were */
  signOutUser(_actor: Actor, name: string): number {
    const { mode, sessions } = this.auth;
    if (mode !== "oidc") return sessions.endAll(this.#user(name).name);
    if (sessions.of(name).length === 0) throw new Refusal("unknown", "problem.no_user", { name });
    return sessions.endAll(name);
  }

  /** With all sessions. @throws Refusal also where no administrator would be left */
  removeUser(_actor: Actor, name: string): void {
    const { users } = this.#passwords();
    this.#keepAdministrator(() => users.remove(this.#user(name).name));
  }

  /**
   * Makes a token for a program.
   *
   * @returns it; nobody sees it again
   * @throws Refusal `invalid` for a name, right or rule that means nothing, `conflict` where the name is taken
   */
  createToken(_actor: Actor, wanted: NewToken): string {
    this.#expectSignIn();
    const { tokens, file, clock } = this.auth;
    const { name, rights, tasks, expiresAt } = wanted;
    if (!isTokenName(name)) throw new Refusal("invalid", "problem.token_name");
    if (expiresAt !== undefined && expiresAt <= clock.now()) {
      throw new Refusal("invalid", "problem.token_over");
    }
    try {
      readRights(rights, tasks !== undefined);
      if (tasks !== undefined) readTaskRules(tasks);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Refusal("invalid", "problem.token_grant", { reason: error.message });
    }
    const made = { secret: "" };
    file.batch(() => {
      if (tokens.all().some((each) => each.name === name)) {
        throw new Refusal("conflict", "problem.token_taken", { name });
      }
      made.secret = tokens.create(wanted);
    });
    return made.secret;
  }

  /** From now on it is good for nothing. @throws Refusal */
  revokeToken(_actor: Actor, name: string): void {
    this.#expectSignIn();
    const { tokens, file } = this.auth;
    file.batch(() => {
      if (!tokens.all().some((each) => each.name === name)) {
        throw new Refusal("unknown", "problem.no_token_of", { name });
      }
      tokens.revoke(name);
    });
  }

  /** Where nobody signs in whoever passes by would keep what they make here. */
  #expectSignIn(): void {
    if (this.auth.mode === "none") throw new Refusal("conflict", "problem.nobody_signs_in");
  }

  #passwords(): Auth {
    this.#expectSignIn();
    const { mode } = this.auth;
    if (mode !== "password") throw new Refusal("conflict", "problem.users_elsewhere", { mode });
    return this.auth;
  }

  #user(name: string): User {
    const user = this.#passwords().users.get(name);
    if (user) return user;
    throw new Refusal("unknown", "problem.no_user", { name: name.slice(0, 100) });
  }

  #roles(given: readonly string[]): readonly string[] {
    const { names } = this.auth.roles;
    const roles = [...new Set(given)];
    const unknown = roles.find((role) => !names.includes(role));
    if (unknown !== undefined) {
      throw new Refusal("invalid", "problem.no_role", {
        role: unknown.slice(0, 100),
        known: names.join(", "),
      });
    }
    if (roles.length === 0) throw new Refusal("invalid", "problem.role_missing");
    return roles;
  }

  /** What is changed stands only where somebody is left who can sign in and change it back. */
  #keepAdministrator(change: () => void): void {
    this.auth.file.batch(() => {
      const before = this.#hasAdministrator();
      change();
      if (before && !this.#hasAdministrator()) throw new Refusal("conflict", "problem.last_administrator");
    });
  }

  #hasAdministrator(): boolean {
    const { users, roles } = this.auth;
    return users.all().some(({ name, hasPassword, roles: own }) =>
      hasPassword && roles.access([...own, ...roles.of(name)]).may("users")
    );
  }
}
