/** Who somebody is and what they may do: by password and session, by what a proxy or a provider says, by token. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AddressList } from "../base/addresses.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { Access } from "../model/access.ts";
import type { Actor } from "../model/actor.ts";
import { Attempts } from "./attempts.ts";
import { checkMode, type Mode, modeOf } from "./mode.ts";
import { OidcProvider } from "./oidc.ts";
import { PasswordLinks } from "./password_link.ts";
import { BusyError, type PasswordProblem, passwordProblem, Passwords } from "./passwords.ts";
import { personName, Roles } from "./roles.ts";
import { isSameSecret, secretHash, signature } from "./secret.ts";
import { type Session, Sessions } from "./sessions.ts";
import { SetupLink } from "./setup_link.ts";
import { type TokenCheck, Tokens } from "./tokens.ts";
import { UserFile, UserFileError } from "./user_file.ts";
import { isPersonName, Users } from "./users.ts";

/** Somebody who is known. */
export interface Person {
  readonly name: string;
  readonly roles: readonly string[];
  readonly access: Access;
  /** What a form must hold to be one that was made for this person, in this session. */
  readonly formKey: string;
  readonly session?: Session | undefined;
}

/** What a browser says of itself when it signs in. */
export interface From {
  readonly address?: string | undefined;
  readonly agent?: string | undefined;
}

/** `secret` is what the cookie of the session holds. */
export type SignIn =
  | { readonly kind: "in"; readonly secret: string }
  | { readonly kind: "wrong" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "busy" }
  | { readonly kind: "no_role"; readonly name: string };

/** The file of users in a data folder. */
export function userFilePath(data: string): string {
  return join(data, "users.db");
}

export class Auth implements Disposable {
  readonly mode: Mode;
  readonly roles: Roles;
  readonly file: UserFile;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  /** Only where people sign in with passwords. */
  readonly setup: SetupLink | undefined;
  readonly links: PasswordLinks;
  readonly provider: OidcProvider | undefined;
  readonly #attempts: Attempts;

  constructor(
    readonly config: Config,
    readonly clock: Clock,
    readonly events: EventBus,
    readonly passwords: Passwords = new Passwords(),
  ) {
    checkMode(config);
    const { auth, scheduler } = config;
    this.mode = modeOf(config);
    this.roles = new Roles(config.named);
    this.file = new UserFile(userFilePath(scheduler.data));
    this.users = new Users(this.file);
    this.sessions = new Sessions(this.file, clock, { idleMs: auth.session_idle, maxMs: auth.session_max });
    this.tokens = new Tokens(this.file, clock);
    this.links = new PasswordLinks(this.file, this.users, clock);
    this.setup = this.mode === "password" ? new SetupLink(this.users) : undefined;
    this.provider = this.mode === "oidc" ? new OidcProvider(config, clock) : undefined;
    this.#attempts = new Attempts(clock);
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  /** Why nobody gets in; undefined where people do. */
  get trouble(): string | undefined {
    if (this.mode === "none") return undefined;
    try {
      this.file.open();
      return undefined;
    } catch (error) {
      if (error instanceof UserFileError) return error.message;
      throw error;
    }
  }

  /** Addresses that may start tasks the way PyScheduler's scripts do, without a token. */
  get openTrigger(): AddressList {
    return this.config.auth.open_trigger;
  }

  /** Whose session it is. @throws UserFileError */
  bySession(secret: string): Person | undefined {
    if (this.mode !== "password" && this.mode !== "oidc") return undefined;
    const session = this.sessions.use(secret);
    if (!session || session.kind !== this.mode) return undefined;
    const { name, groups } = session;
    const user = this.mode === "password" ? this.users.get(name) : undefined;
    if (this.mode === "password" && !user) return undefined;
    const roles = [...user?.roles ?? [], ...this.roles.of(name, groups)];
    return { ...this.#person(name, roles, `session ${session.hash}`), session };
  }

  /** Who a proxy says it is; whether it may say so is for the caller to know. @throws UserFileError */
  byProxy(name: string, groups: readonly string[]): Person {
    return this.#person(name, this.roles.of(name, groups), `proxy ${name}`);
  }

  /** What a token is good for. @throws UserFileError */
  byToken(secret: string, address: string | undefined): TokenCheck {
    // Where nobody signs in there need not be a file.
    if (this.mode === "none" && !existsSync(this.file.path)) return { kind: "unknown" };
    return this.tokens.check(secret, address);
  }

  /** @throws UserFileError */
  async signIn(name: string, password: string, from: From): Promise<SignIn> {
    const person = name.slice(0, 200);
    const address = from.address ?? "";
    // However a name is written, it is one person's, and what is guessed counts against that person.
    const known = personName(person);
    const ms = this.#attempts.wait(known, address);
    if (ms > 0) {
      this.#say("sign_in", person, "refused", from, "too many wrong passwords before");
      return { kind: "wait", ms };
    }
    const kept = this.users.passwordOf(person);
    this.#attempts.begin(known, address);
    try {
      if (!await this.passwords.isRight(password, kept)) {
        this.#say("sign_in", person, "refused", from, "the name or the password is wrong");
        return { kind: "wrong" };
      }
    } catch (error) {
      if (error instanceof BusyError) return { kind: "busy" };
      throw error;
    }
    const user = this.users.get(person);
    // The password may have been changed, or the user removed, while it was being compared.
    if (!user || this.users.passwordOf(person) !== kept) return { kind: "wrong" };
    this.#attempts.succeed(known, address);
    return this.#begin("password", user.name, [], from);
  }

  /** After a provider has said who it is. @throws UserFileError */
  signInAs(name: string, groups: readonly string[], from: From): SignIn {
    if (this.roles.of(name, groups).length === 0) {
      this.#say("sign_in", name, "refused", from, "no role is given to this name or its groups");
      return { kind: "no_role", name };
    }
    return this.#begin("oidc", name, groups, from);
  }

  /**
   * Makes the first administrator.
   *
   * @returns what is wrong with what was given, or the session
   * @throws UserFileError
   */
  async setUp(
    link: string,
    name: string,
    password: string,
    from: From,
  ): Promise<SignIn | { readonly kind: "problem"; readonly problem: PasswordProblem }> {
    if (!this.setup?.isRight(link)) return { kind: "wrong" };
    const person = personName(name);
    const problem = isPersonName(person)
      ? passwordProblem(password, person)
      : { key: "password.bad_name", values: {} } as const;
    if (problem !== undefined) return { kind: "problem", problem };
    const hash = await this.#hash(password);
    if (hash === undefined) return { kind: "busy" };
    if (!this.setup.use(person, hash, this.clock.now())) return { kind: "wrong" };
    this.#say("user.add", person, "done", from, "the first administrator, by the link in the log");
    return this.#begin("password", person, [], from);
  }

  /**
   * Gives somebody another password, which ends all sessions but a new one.
   *
   * @returns what is wrong with the new one, or the session
   */
  async changePassword(
    person: Person,
    old: string,
    password: string,
    from: From,
  ): Promise<SignIn | { readonly kind: "problem"; readonly problem: PasswordProblem }> {
    const checked = await this.signIn(person.name, old, from);
    if (checked.kind !== "in") return checked;
    const problem = passwordProblem(password, person.name);
    if (problem !== undefined) {
      this.sessions.end(secretHash(checked.secret));
      return { kind: "problem", problem };
    }
    const hash = await this.#hash(password);
    if (hash === undefined) return { kind: "busy" };
    this.users.setPassword(person.name, hash, this.clock.now());
    this.#say("user.passwd", person.name, "done", from);
    return this.#begin("password", person.name, [], from);
  }

  /** Whose password is chosen by a link; undefined for a link that is good for nothing. @throws UserFileError */
  nameOfLink(link: string): string | undefined {
    return this.mode === "password" ? this.links.nameOf(link) : undefined;
  }

  /**
   * Gives the person of a link a password, and begins a session. The link is good for nothing from then on.
   *
   * @returns what is wrong with what was given, or the session
   * @throws UserFileError
   */
  async choosePassword(
    link: string,
    password: string,
    from: From,
  ): Promise<SignIn | { readonly kind: "problem"; readonly problem: PasswordProblem }> {
    const name = this.nameOfLink(link);
    if (name === undefined) return { kind: "wrong" };
    const problem = passwordProblem(password, name);
    if (problem !== undefined) return { kind: "problem", problem };
    const hash = await this.#hash(password);
    if (hash === undefined) return { kind: "busy" };
    // Somebody may have been faster, or the person removed, while it was being hashed.
    if (this.nameOfLink(link) !== name) return { kind: "wrong" };
    this.users.setPassword(name, hash, this.clock.now());
    this.#say("user.passwd", name, "done", from, "chosen by a link");
    return this.#begin("password", name, [], from);
  }

  signOut({ name, session }: Person, from: From): void {
    if (session) this.sessions.end(session.hash);
    this.#say("sign_out", name, "done", from);
  }

  signOutEverywhere({ name }: Person, from: From): void {
    const ended = this.sessions.endAll(name);
    this.#say("sign_out_everywhere", name, "done", from, `${ended} sessions ended`);
  }

  /** Whether a form was made for this person, in this session. */
  isOwnForm({ formKey }: Person, given: string): boolean {
    return isSameSecret(formKey, given);
  }

  async #hash(password: string): Promise<string | undefined> {
    try {
      return await this.passwords.hash(password);
    } catch (error) {
      if (error instanceof BusyError) return undefined;
      throw error;
    }
  }

  #person(name: string, roles: readonly string[], source: string): Person {
    const access = this.roles.access(roles);
    return { name, roles, access, formKey: signature(this.file.key, `form ${source}`) };
  }

  #begin(kind: Session["kind"], name: string, groups: readonly string[], from: From): SignIn {
    const secret = this.sessions.begin({ kind, name, groups, ...from });
    this.#say("sign_in", name, "done", from);
    return { kind: "in", secret };
  }

  #say(
    action: string,
    name: string,
    outcome: "done" | "refused",
    { address }: From,
    message?: string,
  ): void {
    const actor: Actor = { channel: "page", name, address };
    this.events.emit("auth.happened", { action, actor, target: `user/${name}`, outcome, message });
  }
}
