/** Questions about Carillon itself. */
import type { AddressList } from "../../base/addresses.ts";
import { codeOf, messageOf } from "../../base/errors.ts";
import type { EpochMs } from "../../base/time.ts";
import type { Clock, History } from "../../contracts.ts";
import { allDatabaseSettings } from "../../../datasource/settings.ts";
import type { HistoryHealth } from "../../model/history.ts";
import type { Runner } from "../../run/runner.ts";
import { isOfSandbox, type SocketEnd } from "../../worker/connection_owner.ts";
import type { Lifetime } from "../lifetime.ts";
import type { Pulse } from "../pulse.ts";
import type { NotReady, Readiness } from "../readiness.ts";
import type { Reloader } from "../reload.ts";
import type { Revision } from "../revision.ts";

export interface SystemQueriesParts {
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly revision: Revision;
  readonly history: History;
  readonly reloader: Pick<Reloader, "trouble">;
  readonly runner: Runner;
  readonly pulse: Pulse;
  readonly readiness: Readiness;
  /** How many hosts are ready for a run. */
  readonly warmHosts: () => number;
  readonly settings: SystemSettings;
}

/** The settings that are shown. */
export interface SystemSettings {
  readonly timezone: string;
  /** Folder of the task files. */
  readonly folder: string;
  readonly workers: number;
  /** Path of the history file; empty where there is none. */
  readonly historyFile: string;
  /** Path of database.ini. */
  readonly databaseFile: string;
  /** `[server] base_url`, or empty. */
  readonly baseUrl: string;
  /** `[server] trusted_proxies`. */
  readonly trustedProxies: AddressList;
  /** `[server] hsts`, in milliseconds. */
  readonly hsts: number;
  /** Origins whose pages may ask the API from a browser. */
  readonly apiOrigins: readonly string[];
  /** Most requests of a minute to the API by one caller; 0 for no limit. */
  readonly apiRate: number;
}

/** The sections of database.ini, or what is wrong with the file. */
export interface DatabaseList {
  readonly file: string;
  readonly all: readonly { readonly name: string; readonly type: string }[];
  readonly problem?: string | undefined;
}

export class SystemQueries {
  constructor(readonly parts: SystemQueriesParts) {}

  get settings(): SystemSettings {
    return this.parts.settings;
  }

  now(): EpochMs {
    return this.parts.clock.now();
  }

  /** Resolves after so many milliseconds; rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.parts.clock.sleep(ms, signal);
  }

  /** When this program began its work. */
  get openedAt(): EpochMs {
    return this.parts.lifetime.openedAt;
  }

  /** True while tasks become due. */
  get isRunning(): boolean {
    return this.parts.lifetime.isRunning;
  }

  /** Another one whenever something has changed that pages show of tasks and runs, except for lines of logs. */
  get revision(): string {
    return this.parts.revision.current;
  }

  get busyWorkers(): number {
    return this.parts.runner.busyWorkers;
  }

  get warmHosts(): number {
    return this.parts.warmHosts();
  }

  /** Why Carillon is not ready for its work; empty where it is. */
  notReady(): readonly NotReady[] {
    return this.parts.readiness.check();
  }

  /** The tick of the clock. */
  get pulse(): Pulse {
    return this.parts.pulse;
  }

  /** How the history file is. */
  health(): HistoryHealth {
    return this.parts.history.health();
  }

  /** Why the task folder could not be read the last time; undefined where it could. */
  folderTrouble(): string | undefined {
    return this.parts.reloader.trouble;
  }

  databases(): DatabaseList {
    const file = this.parts.settings.databaseFile;
    try {
      return { file, all: allDatabaseSettings(file).map(({ name, type }) => ({ name, type })) };
    } catch (error) {
      return { file, all: [], problem: messageOf(error) };
    }
  }

  /** Whether a connection comes from a task on this machine that has limited permissions; false where the system does not say. */
  isSandboxed({ remote, local }: { readonly remote: SocketEnd; readonly local: SocketEnd }): boolean {
    return isOfSandbox(remote, local);
  }

  /** Bytes of the history file and of what belongs to it. */
  historyBytes(): number {
    return historyBytes(this.parts.settings.historyFile);
  }
}

/** Bytes of a history file and of what belongs to it; 0 where there is none. */
export function historyBytes(file: string): number {
  if (file === "") return 0;
  return ["", "-wal"].reduce((sum, ending) => {
    try {
      return sum + Deno.statSync(file + ending).size;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return sum;
      throw error;
    }
  }, 0);
}
