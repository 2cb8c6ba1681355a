/** `[history]` as the history is opened with it. */
import type { Config } from "./config.ts";

const DAY_MS = 86_400_000;
const MEGABYTE = 1_000_000;

/** Lengths of time in milliseconds. */
export function historySettings({ history }: Pick<Config, "history">) {
  const { file, limit, keep, keep_days: keepDays, log_days: logDays } = history;
  return {
    file,
    limit,
    keep,
    keepMs: keepDays * DAY_MS,
    keepLogsMs: logDays * DAY_MS,
    logLimits: { runBytes: history.log_size * MEGABYTE, totalBytes: history.logs_total * MEGABYTE },
    artifactLimits: {
      fileBytes: history.artifact_size * MEGABYTE,
      runBytes: history.artifacts_of_run * MEGABYTE,
      totalBytes: history.artifacts_total * MEGABYTE,
    },
  };
}
