/** Carillon for a command that looks at tasks or runs one: no server, no history file, nothing becomes due. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Config, ConfigError, placeOf } from "../config/config.ts";
import type { Journal } from "../base/journal.ts";
import { systemReason, systemSentence } from "../base/system_error.ts";
import { BesideHistory } from "../history/beside.ts";
import { systemClock } from "../scheduler/clock.ts";
import { type Application, compose } from "../service/compose.ts";
import { endAtOnceOnSignal } from "./signals.ts";

/** The command says itself what is wrong; nothing is logged besides. */
const SILENT: Journal = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * The folder of the tasks has to be there: only `serve` makes it.
 *
 * @throws ConfigError
 */
function requireTaskFolder(config: Config): void {
  const why = whyNoFolder(config.scheduler.tasks);
  if (why === undefined) return;
  throw new ConfigError(
    `${placeOf(config, "scheduler", "tasks")}: ${why}; name another one, or begin it with "carillon init"`,
  );
}

/** As the end of a sentence; undefined where it is a folder. */
export function whyNoFolder(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts?.isDirectory()) return undefined;
  return facts ? `${path} is a file, not a folder` : `there is no folder ${path}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Loads the task files. What is recorded is recorded in memory; watermarks are read from the history file. */
export async function openOffline(config: Config): Promise<Application> {
  requireTaskFolder(config);
  const { limit, file } = config.history;
  const history = new BesideHistory(limit, file);
  return await compose(config, systemClock, SILENT, { history, makesTaskFolder: false });
}

/** Carillon as {@link openToLook} opens it. */
export interface Look extends AsyncDisposable {
  readonly carillon: Application;
  /** Why the data folder cannot be written; undefined where it can. */
  readonly unwritable: string | undefined;
}

/**
 * The same for a command that runs nothing and makes no folder: where there is no data folder that it may write to, or none
 * for tasks yet, it works with a temporary one, which it removes.
 *
 * @throws ConfigError where the settings name a folder for tasks that is not there
 */
export async function openToLook(config: Config): Promise<Look> {
  const unwritable = whyUnwritable(config.scheduler.data);
  await using opened = new AsyncDisposableStack();
  opened.use(endAtOnceOnSignal());
  const temporary = async () => {
    const folder = await Deno.makeTempDir({ prefix: "carillon-" });
    opened.defer(async () => await Deno.remove(folder, { recursive: true }));
    return folder;
  };
  let { data, tasks } = config.scheduler;
  if (unwritable !== undefined || !isFolder(data)) data = await temporary();
  if (!config.places.has("scheduler.tasks") && !isFolder(tasks)) tasks = await temporary();
  const scheduler = { ...config.scheduler, data, tasks };
  const carillon = opened.use(await openOffline({ ...config, scheduler }));
  const kept = opened.move();
  return { carillon, unwritable, [Symbol.asyncDispose]: async () => await kept.disposeAsync() };
}

/** Tries it: rights, mounts and full disks all count. Of a folder that is not there the one counts in which it would be made. */
export function whyUnwritable(folder: string): string | undefined {
  try {
    if (!existsSync(folder)) {
      accessSync(nearestAbove(folder), constants.W_OK | constants.X_OK);
      return undefined;
    }
    Deno.removeSync(Deno.makeTempDirSync({ dir: folder, prefix: ".try-" }));
    return undefined;
  } catch (error) {
    if (systemSentence(error) === undefined) throw error;
    return systemReason(error);
  }
}

function nearestAbove(folder: string): string {
  const above = dirname(folder);
  return existsSync(above) || above === folder ? above : nearestAbove(above);
}
