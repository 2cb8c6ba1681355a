/** The data folder is this Carillon's alone for as long as it runs, whatever happens to the lock file. */
import { mkdirSync } from "node:fs";
import { messageOf } from "../base/errors.ts";
import type { Journal } from "../base/journal.ts";
import type { EpochMs } from "../base/time.ts";
import type { Config } from "../config/config.ts";
import { FolderLock } from "../history/folder_lock.ts";

/** How often it is looked whether the lock file is still there. */
const RENEW_MS = 5_000;

/**
 * Takes the folder, and gives it back when disposed.
 *
 * @throws OperatorError where another Carillon is active in it, whatever its port
 */
export function ownFolder({ scheduler, server }: Config, now: EpochMs, journal: Journal): Disposable {
  const { data } = scheduler;
  // Logs and parameters are in there: they are for the user of this Carillon alone.
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const lock = new FolderLock(data, `${server.host}, port ${server.port}`, now);
  let isOurs = true;
  const timer = setInterval(() => {
    const was = isOurs;
    isOurs = renewed(lock, journal);
    if (was && !isOurs) {
      journal.error(
        `${data} is not this Carillon's alone any more: its lock was removed and cannot be had again`,
      );
    }
  }, RENEW_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      lock[Symbol.dispose]();
    },
  };
}

function renewed(lock: FolderLock, journal: Journal): boolean {
  try {
    return lock.renew();
  } catch (error) {
    // The folder itself may be gone for a moment; the old lock is still held.
    journal.debug(`the lock cannot be looked at: ${messageOf(error)}`);
    return true;
  }
}
