/** Questions about people who sign in and about the tokens of programs, as the page of administrators asks them. */
import { existsSync } from "node:fs";
import type { Auth } from "../../auth/auth.ts";
import type { Mode } from "../../auth/mode.ts";
import type { Session } from "../../auth/sessions.ts";
import type { Token } from "../../auth/tokens.ts";
import type { EpochMs } from "../../base/time.ts";
import { Refusal } from "../refusal.ts";

/** Somebody who signs in, or has. */
export interface SeenPerson {
  readonly name: string;
  /** Those that were given here. */
  readonly roles: readonly string[];
  /** Those that the settings give, by name or by the groups of a session. */
  readonly settingsRoles: readonly string[];
  /** False for somebody who has not chosen one yet. Where passwords are kept elsewhere it is true. */
  readonly hasPassword: boolean;
  readonly lastSignIn: EpochMs | undefined;
  /** Those that go on, the newest use first; without what a cookie is compared with. */
  readonly sessions: readonly Pick<Session, "createdAt" | "seenAt" | "address" | "agent">[];
}

export class PeopleQueries {
  constructor(readonly parts: Auth) {}

  /** How it is found out who somebody is. */
  mode(): Mode {
    return this.parts.mode;
  }

  /** Names of the roles that there are. */
  roles(): readonly string[] {
    return this.parts.roles.names;
  }

  /**
   * Users of this Carillon; where a provider knows the people, those that are signed in; where a proxy does, nobody is known.
   *
   * @throws UserFileError
   */
  all(): readonly SeenPerson[] {
    const { mode, users, sessions } = this.parts;
    if (mode === "password") return users.all().map((user) => this.#seen(user.name, user));
    return mode === "oidc" ? sessions.names("oidc").map((name) => this.#seen(name)) : [];
  }

  /** @throws Refusal `unknown` */
  get(name: string): SeenPerson {
    const found = this.all().find((each) => each.name === name);
    if (found) return found;
    throw new Refusal("unknown", "problem.no_user", { name: name.slice(0, 100) });
  }

  /** @throws UserFileError */
  tokens(): readonly Token[] {
    const { mode, file, tokens } = this.parts;
    // Where nobody signs in there need not be a file, and a question makes none.
    return mode === "none" && !existsSync(file.path) ? [] : tokens.all();
  }

  #seen(name: string, user?: Pick<SeenPerson, "roles" | "hasPassword">): SeenPerson {
    const { roles, sessions } = this.parts;
    const own = sessions.of(name);
    return {
      name,
      roles: user?.roles ?? [],
      settingsRoles: roles.of(name, own.flatMap(({ groups }) => groups)),
      hasPassword: user?.hasPassword ?? true,
      lastSignIn: sessions.lastSignIn(name),
      sessions: own.map(({ createdAt, seenAt, address, agent }) => ({ createdAt, seenAt, address, agent })),
    };
  }
}
