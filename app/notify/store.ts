/**
 * What notifications remember from one start to the next, in an SQLite file of their own: incidents, what is known already,
 * messages and tries. Each step is one transaction, so a kill leaves either all of it or none.
 */
import type { EpochMs } from "../base/time.ts";
import { BackedDatabase, type BackedParts } from "./backed_database.ts";
import type { Delivery } from "./delivery.ts";
import type { Learned } from "./channel.ts";
import type { Burst, Incident } from "./incident.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS incident
    (target TEXT, subject TEXT, state TEXT NOT NULL, PRIMARY KEY (target, subject)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS burst
    (target TEXT, cause TEXT, state TEXT NOT NULL, PRIMARY KEY (target, cause)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS heard
    (target TEXT, key TEXT, at INTEGER NOT NULL, PRIMARY KEY (target, key)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS delivery (
    id TEXT PRIMARY KEY, target TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery (target, at) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS delivery_undelivered ON delivery (at) WHERE state = 'undelivered';
  CREATE INDEX IF NOT EXISTS delivery_at ON delivery (at);
  CREATE TABLE IF NOT EXISTS try (target TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS try_at ON try (target, at);
`;

const TABLES = ["fact", "incident", "burst", "heard", "delivery", "try"];

const DAY_MS = 86_400_000;
/** How long it is known what was heard, and what was sent. */
const KEPT_MS = 30 * DAY_MS;
/** The longest stretch that a rate speaks of. */
const TRIES_KEPT_MS = 3_600_000;

/** The facts there are: until when everything was heard, what channels have learned, until when targets and subjects are silent. */
export type FactKey = "heardTo" | `learned:${string}` | `mute:${string}` | `quiet:${string}`;

export type StoreParts = Omit<BackedParts, "schema" | "tables">;

export class NotifyStore {
  readonly #database: BackedDatabase;

  constructor(parts: StoreParts) {
    this.#database = new BackedDatabase({ ...parts, schema: SCHEMA, tables: TABLES });
  }

  close(): void {
    this.#database.close();
  }

  /** Everything inside is written, or nothing of it. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }

  fact(key: FactKey): string | undefined {
    const row = this.#database.sql("SELECT value FROM fact WHERE key = ?").get(key);
    return row === undefined ? undefined : String(row.value);
  }

  saveFact(key: FactKey, value: string | undefined): void {
    if (value === undefined) this.#database.write("DELETE FROM fact WHERE key = ?", key);
    else this.#database.write("INSERT OR REPLACE INTO fact VALUES (?, ?)", key, value);
  }

  /** Those whose key begins so. */
  facts(prefix: string): [key: string, value: string][] {
    return this.#database.sql("SELECT key, value FROM fact WHERE substr(key, 1, ?) = ?").all(
      prefix.length,
      prefix,
    )
      .map(({ key, value }) => [String(key), String(value)]);
  }

  learned(target: string): Learned {
    return JSON.parse(this.fact(`learned:${target}`) ?? "{}");
  }

  incidents(target: string): [string, Incident][] {
    return this.#database.sql("SELECT subject, state FROM incident WHERE target = ?").all(target)
      .map(({ subject, state }) => [String(subject), JSON.parse(String(state))]);
  }

  saveIncident(target: string, subject: string, incident: Incident | undefined): void {
    if (incident) {
      this.#database.write(
        "INSERT OR REPLACE INTO incident VALUES (?, ?, ?)",
        target,
        subject,
        JSON.stringify(incident),
      );
    } else this.#database.write("DELETE FROM incident WHERE target = ? AND subject = ?", target, subject);
  }

  bursts(target: string): [string, Burst][] {
    return this.#database.sql("SELECT cause, state FROM burst WHERE target = ?").all(target)
      .map(({ cause, state }) => [String(cause), JSON.parse(String(state))]);
  }

  saveBurst(target: string, cause: string, burst: Burst | undefined): void {
    if (burst) {
      this.#database.write(
        "INSERT OR REPLACE INTO burst VALUES (?, ?, ?)",
        target,
        cause,
        JSON.stringify(burst),
      );
    } else this.#database.write("DELETE FROM burst WHERE target = ? AND cause = ?", target, cause);
  }

  /** True the first time that a target hears of this. */
  hear(target: string, key: string, at: EpochMs): boolean {
    return this.#database.write("INSERT OR IGNORE INTO heard VALUES (?, ?, ?)", target, key, at) === 1;
  }

  hasHeard(target: string, key: string): boolean {
    return this.#database.sql("SELECT 1 FROM heard WHERE target = ? AND key = ?").get(target, key) !==
      undefined;
  }

  save(delivery: Delivery): void {
    const { id, target, at, state } = delivery;
    this.#database.write(
      "INSERT OR REPLACE INTO delivery VALUES (?, ?, ?, ?, ?)",
      id,
      target,
      at,
      state,
      JSON.stringify(delivery),
    );
  }

  /** Messages that are not done, the oldest first. */
  waiting(target: string): Delivery[] {
    return this.#database.sql(
      "SELECT body FROM delivery WHERE state = 'waiting' AND target = ? ORDER BY at, id",
    ).all(
      target,
    )
      .map(deliveryOf);
  }

  /** Messages that are not done, of targets that are none of these. */
  orphans(targets: readonly string[]): Delivery[] {
    return this.#database.sql("SELECT body FROM delivery WHERE state = 'waiting' ORDER BY at, id").all()
      .map(deliveryOf).filter(({ target }) => !targets.includes(target));
  }

  delivery(id: string): Delivery | undefined {
    const row = this.#database.sql("SELECT body FROM delivery WHERE id = ?").get(id);
    return row && deliveryOf(row);
  }

  /** The newest messages first. */
  deliveries(limit: number, before?: EpochMs): Delivery[] {
    return this.#database.sql("SELECT body FROM delivery WHERE at < ? ORDER BY at DESC, id DESC LIMIT ?")
      .all(before ?? Number.MAX_SAFE_INTEGER, limit).map(deliveryOf);
  }

  /** Messages that were given up since a moment, the newest first. */
  undelivered(since: EpochMs): Delivery[] {
    return this.#database.sql(
      "SELECT body FROM delivery WHERE state = 'undelivered' AND at > ? ORDER BY at DESC",
    ).all(
      since,
    )
      .map(deliveryOf);
  }

  /** Writes down that something is sent now, before it is. */
  addTry(target: string, at: EpochMs): void {
    this.#database.write("INSERT INTO try VALUES (?, ?)", target, at);
  }

  /** When something was sent, the newest first. */
  tries(target: string, since: EpochMs): EpochMs[] {
    return this.#database.sql("SELECT at FROM try WHERE target = ? AND at > ? ORDER BY at DESC").all(
      target,
      since,
    )
      .map(({ at }) => Number(at));
  }

  /** Forgets what is old. */
  prune(now: EpochMs): void {
    this.#database.write("DELETE FROM heard WHERE at < ?", now - KEPT_MS);
    this.#database.write("DELETE FROM delivery WHERE at < ? AND state <> 'waiting'", now - KEPT_MS);
    this.#database.write("DELETE FROM try WHERE at < ?", now - TRIES_KEPT_MS);
  }
}

function deliveryOf({ body }: Record<string, unknown>): Delivery {
  return JSON.parse(String(body));
}
