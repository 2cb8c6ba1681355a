/** Carillon for a command that looks at tasks or runs one: no server, no history file, nothing becomes due. */
import type { Config } from "../config/config.ts";
import type { Journal } from "../base/journal.ts";
import { systemReason, systemSentence } from "../base/system_error.ts";
import { BesideHistory } from "../history/beside.ts";
import { systemClock } from "../scheduler/clock.ts";
import { type Application, compose } from "../service/compose.ts";
import { endAtOnceOnSignal } from "./signals.ts";

/** The command says itself what is wrong; nothing is logged besides. */
const SILENT: Journal = { debug() {}, info() {}, warn() {}, error() {} };

/** Loads the task files. What is recorded is recorded in memory; watermarks are read from the history file. */
export async function openOffline(config: Config): Promise<Application> {
  const { limit, file } = config.history;
  return await compose(config, systemClock, SILENT, { history: new BesideHistory(limit, file) });
}

/** Carillon as {@link openToLook} opens it. */
export interface Look extends AsyncDisposable {
  readonly carillon: Application;
  /** Why the data folder cannot be written; undefined where it can. */
  readonly unwritable: string | undefined;
}

/**
 * The same for a command that runs nothing: where it may not write to the data folder it works with a temporary one, which
 * it removes.
 */
export async function openToLook(config: Config): Promise<Look> {
  const unwritable = whyUnwritable(config.scheduler.data);
  await using opened = new AsyncDisposableStack();
  opened.use(endAtOnceOnSignal());
  let { data } = config.scheduler;
  if (unwritable !== undefined) {
    data = await Deno.makeTempDir({ prefix: "carillon-" });
    opened.defer(async () => await Deno.remove(data, { recursive: true }));
  }
  const carillon = opened.use(await openOffline({ ...config, scheduler: { ...config.scheduler, data } }));
  const kept = opened.move();
  return { carillon, unwritable, [Symbol.asyncDispose]: async () => await kept.disposeAsync() };
}

/** Tries it: rights, mounts and full disks all count. */
function whyUnwritable(folder: string): string | undefined {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    Deno.removeSync(Deno.makeTempDirSync({ dir: folder, prefix: ".try-" }));
    return undefined;
  } catch (error) {
    if (systemSentence(error) === undefined) throw error;
    return systemReason(error);
  }
}
