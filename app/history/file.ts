/** The history file that a configuration names: how it is opened, and how a damaged one is put aside. */
import { renameSync } from "node:fs";
import type { Config } from "../config.ts";
import type { Clock } from "../scheduler/clock.ts";
import type { HistoryFile } from "./history.ts";
import { SqliteHistory } from "./sqlite.ts";

const DAY_MS = 86_400_000;
/** What SQLite keeps beside its file. */
const PARTS = ["", "-wal", "-shm"];

export function historyFile({ history }: Pick<Config, "history">, clock: Clock): HistoryFile {
  const { file, limit, keep, keep_days: keepDays, log_days: logDays } = history;
  return {
    open: () =>
      new SqliteHistory(
        file,
        { limit, keep, keepMs: keepDays * DAY_MS, keepLogsMs: logDays * DAY_MS },
        clock.now(),
      ),
    setAside() {
      const stamp = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(":", "");
      const kept = `${file}.damaged-${stamp}-${crypto.randomUUID().slice(0, 4)}`;
      for (const part of PARTS) {
        try {
          renameSync(`${file}${part}`, `${kept}${part}`);
        } catch (error) {
          if ((error as { code?: string }).code !== "ENOENT") throw error;
        }
      }
      return kept;
    },
  };
}
