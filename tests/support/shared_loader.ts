/** Hosts that load the task files of all Carillons of a part of the tests: real ones, as each Carillon has, started once. */
import { existsSync } from "node:fs";
import type { Config } from "../../app/config/config.ts";
import type { Clock } from "../../app/contracts.ts";
import { PERMISSION_KINDS } from "../../app/model/order.ts";
import { systemClock } from "../../app/scheduler/clock.ts";
import { GrantBook } from "../../app/worker/grants.ts";
import { hostEnvironment } from "../../app/worker/host_process.ts";
import { type Asked, Loader, type LoaderAnswer } from "../../app/worker/loader.ts";
import { TurnBudget } from "../../app/worker/pace.ts";
import { makeSocketFolder, removeFolder } from "../../app/worker/socket_folder.ts";
import { HostWatch } from "../../app/worker/watch.ts";
import { bundledHost } from "./program.ts";

const MEMORY_MB = 512;
/**
 * No test may depend on how busy the machine is, and none may wait for ever either: a file that has not loaded by the
 * Carillon's own limit is given so many times as long.
 */
const PATIENCE = 10;

/** Not a test's own, which stands still when the test has ended. */
const clock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms * PATIENCE, signal),
};

class SharedLoader {
  readonly #folder = makeSocketFolder();
  readonly loader: Loader;
  /** Carillons that ask it. */
  #shares = 0;
  #isRetired = false;

  constructor() {
    const grants = new GrantBook({ databaseFile: "", secrets: {} }, { secrets: true, databases: true });
    this.loader = new Loader({
      clock,
      folder: this.#folder,
      environment: hostEnvironment(Deno.env.toObject(), [], "tests"),
      budget: new TurnBudget(),
      watch: new HostWatch(MEMORY_MB, undefined),
      memoryMb: MEMORY_MB,
      hostCommand: bundledHost,
      settings: { kind: "tasks" },
      grants: () => grants.of({}),
    });
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  share(): Asked {
    this.#shares++;
    return new Share(this);
  }

  /** @param isBusy true where its hosts are still at a question of the Carillon that leaves, perhaps for ever */
  async leave(isBusy: boolean): Promise<void> {
    this.#shares--;
    this.#isRetired ||= isBusy;
    if (!this.#isRetired || this.#shares > 0) return;
    await this.loader.close();
    await removeFolder(this.#folder);
  }
}

/** What one Carillon has of it: closed with the Carillon, as hosts of its own would be. */
class Share implements Asked {
  readonly size = 0;
  #asked = 0;
  #left: Promise<void> | undefined;
  readonly #closed = Promise.withResolvers<LoaderAnswer>();

  constructor(readonly shared: SharedLoader) {}

  async ask(...question: Parameters<Asked["ask"]>): Promise<LoaderAnswer> {
    if (this.#left) return await this.#closed.promise;
    this.#asked++;
    const answer = this.shared.loader.ask(...question).finally(() => this.#asked--);
    return await Promise.race([answer, this.#closed.promise]);
  }

  async close(): Promise<void> {
    this.#closed.resolve({
      kind: "failed",
      error: { name: "Error", message: "Carillon is stopping" },
      mayPass: true,
    });
    await (this.#left ??= this.shared.leave(this.#asked > 0));
  }
}

let current: SharedLoader | undefined;

/** True where a host of this Carillon may do and know no more and no less than one of any other. */
export function isPlain({ scheduler, permissions, secrets, api, datasource }: Config): boolean {
  return scheduler.memory === MEMORY_MB && scheduler.memory_total === 0 &&
    PERMISSION_KINDS.every((kind) => permissions[kind] === true) &&
    Object.keys(secrets).length === 0 && api.base_url === "" && !existsSync(datasource.file);
}

/** For one Carillon. */
export function shareOfLoader(): Asked {
  if (!current || current.isRetired) current = new SharedLoader();
  return current.share();
}
