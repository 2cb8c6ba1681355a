/** What a process is told about databases and the API that its tasks share: one object, so that several can be told different things. */
import { AsyncLocalStorage } from "node:async_hooks";
import { NotConfiguredError } from "./errors.ts";
import { Database } from "./open_database.ts";
import type { Driver } from "./database.ts";
import { ApiClient } from "./http_client/api_client.ts";
import type { PoolTimes } from "./pool.ts";
import { type DatabaseSettings, databaseSettings } from "./settings.ts";

/** `[api]` of carillon.ini. */
export interface ApiSettings {
  readonly baseUrl: string;
  readonly appId: string;
  readonly appSecret: string;
  readonly tokenPath: string;
  readonly timeoutMs: number;
}

export interface DatasourceSettings {
  /** Path of database.ini. */
  readonly databaseFile: string;
  /** What knows a section's settings, in place of the file itself; throws a sentence for a name that it does not have. */
  readonly settingsOf?: ((name: string) => DatabaseSettings) | undefined;
  /** Undefined where `[api]` names no address. */
  readonly api?: ApiSettings | undefined;
  /** How long connections are waited for and kept; see {@link PoolTimes}. */
  readonly poolTimes?: PoolTimes | undefined;
}

/** The open databases and the shared API client of one set of settings. */
export class DatasourceEnvironment {
  readonly #opened = new Map<string, Promise<Database>>();
  #api: ApiClient | undefined;

  constructor(readonly settings: DatasourceSettings) {}

  /** Opens a database, or gives the one that is open. */
  database(name: string): Promise<Database> {
    const known = this.#opened.get(name);
    if (known) return known;
    const opening = this.#open(name);
    this.#opened.set(name, opening);
    // What could not be opened is tried again by the next one who asks.
    opening.catch(() => this.#opened.delete(name));
    return opening;
  }

  /** The client that all tasks share, made when it is first needed: most tasks speak to no API. */
  get api(): ApiClient {
    if (this.#api) return this.#api;
    const { api } = this.settings;
    if (!api) {
      throw new NotConfiguredError("[api] of carillon.ini has no base_url; name the API's address there");
    }
    const { timeoutMs, ...rest } = api;
    return this.#api = new ApiClient({ ...rest, timeout: { milliseconds: timeoutMs } });
  }

  /** True where a database was opened and not closed again. */
  get isOpen(): boolean {
    return this.#opened.size > 0;
  }

  async #open(name: string): Promise<Database> {
    const { databaseFile, poolTimes, settingsOf = (each) => databaseSettings(databaseFile, each) } =
      this.settings;
    return new Database(await driverFor(settingsOf(name)), poolTimes);
  }

  /** Does the work with this environment, also across `await`. */
  run<T>(work: () => T): T {
    return scoped.run(this, work);
  }

  /** Closes all databases that are open. */
  async close(): Promise<void> {
    const all = [...this.#opened.values()];
    this.#opened.clear();
    // One that could not be opened has nothing to close.
    await Promise.all(all.map((opening) => opening.then((database) => database.close(), () => {})));
  }
}

const scoped = new AsyncLocalStorage<DatasourceEnvironment>();
let ofProcess = new DatasourceEnvironment({ databaseFile: "database.ini" });

/** Sets the environment of this process; its host does so once. Returns it. */
export function useDatasource(settings: DatasourceSettings): DatasourceEnvironment {
  return ofProcess = new DatasourceEnvironment(settings);
}

/** The environment of the code that is being executed. */
export function currentDatasource(): DatasourceEnvironment {
  return scoped.getStore() ?? ofProcess;
}

/** Each driver is loaded when a section first needs it. */
async function driverFor(settings: DatabaseSettings): Promise<Driver> {
  switch (settings.type) {
    case "sqlite":
      return new (await import("./drivers/sqlite/driver.ts")).SqliteDriver(settings);
    case "postgresql":
      return new (await import("./drivers/postgresql/driver.ts")).PostgresDriver(settings);
    case "mysql":
      return new (await import("./drivers/mysql/driver.ts")).MysqlDriver(settings);
    case "oracle":
      return new (await import("./drivers/oracle/driver.ts")).OracleDriver(settings);
    case "sqlserver":
      return new (await import("./drivers/sqlserver/driver.ts")).SqlserverDriver(settings);
  }
}
