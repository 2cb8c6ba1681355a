/** In the clock: what the host of a run may know of secrets and databases. */
import { statSync } from "node:fs";
import type { ApiSettings } from "../../datasource/environment.ts";
import { databaseSettings, secretsOf } from "../../datasource/settings.ts";
import { messageOf } from "../base/errors.ts";
import { parseIni } from "../base/ini.ts";
import { readUtf8 } from "../base/utf8.ts";
import type { GrantedDatabase, Grants } from "./messages.ts";

export interface GrantSettings {
  /** Path of database.ini. */
  readonly databaseFile: string;
  /** `[secrets]`, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** `[api]`, where it names an address, and which of the secrets is its own. */
  readonly api?: ApiSettings | undefined;
  readonly apiSecret?: string | undefined;
}

/** All, none, or those in the list. */
export type Allowed = boolean | readonly string[];

/** What an order asks for; `undefined` is what the operator allows by default. */
export interface Asked {
  readonly secrets?: readonly string[] | undefined;
  readonly databases?: readonly string[] | undefined;
}

interface ReadDatabases {
  readonly stamp: string;
  readonly all: Readonly<Record<string, GrantedDatabase>>;
  /** What is wrong with the whole file. */
  readonly problem?: string | undefined;
  readonly passwords: readonly string[];
}

/** Most sets of grants that are remembered: tasks share a few. */
const MOST_KEPT = 1_000;
/** The file is looked at no more often than this: thousands of runs a second need not ask for it each, in milliseconds. */
const LOOK_MS = 5;

export class GrantBook {
  #databases: ReadDatabases | undefined;
  #lookedAt = -Infinity;
  #kept = new Map<string, { readonly key: string; readonly grants: Grants }>();

  /** @param defaults `[permissions] secrets` and `databases` */
  constructor(
    readonly settings: GrantSettings,
    readonly defaults: { readonly secrets: Allowed; readonly databases: Allowed },
  ) {}

  /** The grants, and a key that is equal for equal ones. database.ini is read again when it has changed. */
  of(asked: Asked): { readonly key: string; readonly grants: Grants } {
    const secrets = asked.secrets ?? this.defaults.secrets;
    const databases = asked.databases ?? this.defaults.databases;
    const read = this.#read();
    const key = JSON.stringify([secrets, databases, read.stamp]);
    let found = this.#kept.get(key);
    if (!found) {
      found = { key, grants: this.#grant(secrets, databases, read) };
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(key, found);
    }
    return found;
  }

  /** Every value that no log may show, for a mask. */
  get allSecrets(): readonly string[] {
    return [...Object.values(this.settings.secrets), ...this.#read().passwords];
  }

  #grant(secrets: Allowed, databases: Allowed, read: ReadDatabases): Grants {
    const { databaseFile, api, apiSecret } = this.settings;
    const [granted, refusedSecrets] = divided(this.settings.secrets, secrets);
    const [sections, refusedDatabases] = divided(read.all, databases);
    const hasApi = apiSecret === undefined || Object.hasOwn(granted, apiSecret);
    return {
      databaseFile,
      databaseProblem: read.problem,
      databases: sections,
      refusedDatabases,
      secrets: granted,
      refusedSecrets,
      api: hasApi ? api : undefined,
      masked: Object.values(sections).flatMap((each) =>
        "password" in each && each.password !== "" ? [each.password] : []
      ),
    };
  }

  #read(): ReadDatabases {
    const { databaseFile } = this.settings;
    const now = performance.now();
    if (this.#databases && now - this.#lookedAt < LOOK_MS) return this.#databases;
    this.#lookedAt = now;
    const stamp = stampOf(databaseFile);
    if (this.#databases?.stamp !== stamp) {
      this.#databases = {
        stamp,
        ...readDatabases(databaseFile),
        passwords: secretsOf(databaseFile),
      };
    }
    return this.#databases;
  }
}

function divided<T>(all: Readonly<Record<string, T>>, allowed: Allowed): [Record<string, T>, string[]] {
  const isGranted = (name: string) => typeof allowed === "boolean" ? allowed : allowed.includes(name);
  const granted = Object.entries(all).filter(([name]) => isGranted(name));
  return [Object.fromEntries(granted), Object.keys(all).filter((name) => !isGranted(name))];
}

/** Another one when the file has changed; empty where there is none. */
function stampOf(file: string): string {
  const facts = statSync(file, { throwIfNoEntry: false, bigint: true });
  return facts ? `${facts.mtimeNs}.${facts.size}.${facts.ino}` : "";
}

/** Each section by itself: what is wrong with one is said to those who use it. */
function readDatabases(file: string): Pick<ReadDatabases, "all" | "problem"> {
  try {
    const names = [...parseIni(readUtf8(file), file).keys()];
    return { all: Object.fromEntries(names.map((name) => [name, readDatabase(file, name)])) };
  } catch {
    // The file as a whole cannot be read: whatever database a task names, this is the answer.
    const read = readDatabase(file, "");
    return { all: {}, problem: "problem" in read ? read.problem : `${file} cannot be read` };
  }
}

function readDatabase(file: string, name: string): GrantedDatabase {
  try {
    return databaseSettings(file, name);
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
