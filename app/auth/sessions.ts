/** Sessions of browsers: a random id in a cookie, of which only the hash is kept; each ends when it is not used, and at last. */
import type { EpochMs } from "../base/time.ts";
import type { Clock } from "../contracts.ts";
import { newSecret, secretHash } from "./secret.ts";
import type { Row, UserFile } from "./user_file.ts";

/** Who vouched for the person: this Carillon's own file, or a provider. */
export type SessionKind = "password" | "oidc";

export interface Session {
  readonly hash: string;
  readonly kind: SessionKind;
  readonly name: string;
  /** As the provider has said. */
  readonly groups: readonly string[];
  readonly createdAt: EpochMs;
  readonly seenAt: EpochMs;
  readonly address?: string | undefined;
  readonly agent?: string | undefined;
}

export interface SessionTimes {
  /** Milliseconds without a request. */
  readonly idleMs: number;
  /** Milliseconds in all. */
  readonly maxMs: number;
}

/** That one is used is written no more often. */
const SEEN_EVERY_MS = 60_000;
/** Of one person; the oldest ends first. */
const MAX_SESSIONS = 50;
const MAX_AGENT = 200;

export class Sessions {
  constructor(
    readonly file: UserFile,
    readonly clock: Pick<Clock, "now">,
    readonly times: SessionTimes,
  ) {}

  /** Begins one. @returns what the cookie holds */
  begin(person: Pick<Session, "kind" | "name" | "groups" | "address" | "agent">): string {
    const secret = newSecret();
    const now = this.clock.now();
    const { kind, name, groups, address = null, agent = "" } = person;
    this.file.batch(() => {
      this.#clean(now);
      this.file.run(
        `DELETE FROM sessions WHERE name = ? AND hash NOT IN
           (SELECT hash FROM sessions WHERE name = ? ORDER BY created_at DESC LIMIT ${MAX_SESSIONS - 1})`,
        name,
        name,
      );
      this.file.run(
        "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        secretHash(secret),
        kind,
        name,
        JSON.stringify(groups),
        now,
        now,
        address,
        agent.slice(0, MAX_AGENT),
      );
      this.file.run(
        "INSERT INTO sign_ins VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        name,
        now,
      );
    });
    return secret;
  }

  /** When somebody last signed in, whether or not that session goes on; undefined for never. */
  lastSignIn(name: string): EpochMs | undefined {
    const at = this.file.one("SELECT at FROM sign_ins WHERE name = ?", name)?.at;
    return typeof at === "number" ? at : undefined;
  }

  /** Names of those with a session of this kind. */
  names(kind: SessionKind): readonly string[] {
    const rows = this.file.all("SELECT DISTINCT name FROM sessions WHERE kind = ? ORDER BY name", kind);
    return rows.map(({ name }) => String(name));
  }

  /** The session of a cookie, where it goes on; it then lasts longer. */
  use(secret: string): Session | undefined {
    const hash = secretHash(secret);
    const row = this.file.one("SELECT * FROM sessions WHERE hash = ?", hash);
    if (!row) return undefined;
    const session = sessionOf(row);
    const now = this.clock.now();
    if (this.#isOver(session, now)) {
      this.end(hash);
      return undefined;
    }
    if (now - session.seenAt >= SEEN_EVERY_MS) {
      this.file.run("UPDATE sessions SET seen_at = ? WHERE hash = ?", now, hash);
    }
    return session;
  }

  of(name: string): readonly Session[] {
    const now = this.clock.now();
    return this.file.all("SELECT * FROM sessions WHERE name = ? ORDER BY seen_at DESC", name).map(sessionOf)
      .filter((session) => !this.#isOver(session, now));
  }

  end(hash: string): void {
    this.file.run("DELETE FROM sessions WHERE hash = ?", hash);
  }

  /** Ends all of a person. @returns how many there were */
  endAll(name: string): number {
    return this.file.run("DELETE FROM sessions WHERE name = ?", name);
  }

  /** A time that is in the future was written by a clock that was ahead: it makes nothing last longer than it may. */
  #isOver({ createdAt, seenAt }: Session, now: EpochMs): boolean {
    const { idleMs, maxMs } = this.times;
    return now - seenAt >= idleMs || now - createdAt >= maxMs || createdAt - now >= maxMs;
  }

  #clean(now: EpochMs): void {
    const { idleMs, maxMs } = this.times;
    this.file.run("DELETE FROM sessions WHERE seen_at <= ? OR created_at <= ?", now - idleMs, now - maxMs);
  }
}

function sessionOf(row: Row): Session {
  const groups: unknown = JSON.parse(String(row.groups));
  return {
    hash: String(row.hash),
    kind: row.kind === "oidc" ? "oidc" : "password",
    name: String(row.name),
    groups: Array.isArray(groups) ? groups.map(String) : [],
    createdAt: Number(row.created_at),
    seenAt: Number(row.seen_at),
    address: row.address === null ? undefined : String(row.address),
    agent: row.agent === null || row.agent === "" ? undefined : String(row.agent),
  };
}
