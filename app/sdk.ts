/** The module `carillon`: everything a task file may import, and nothing else. */
import type { Watermark } from "../datasource/watermark.ts";
import { currentRun } from "./run/current_run.ts";
import type { RunLog } from "./task/define.ts";

export { z } from "zod";
export { ApiClient, ApiError } from "../datasource/api_client.ts";
export type { ApiClientOptions, ApiRequestOptions, PageOptions } from "../datasource/api_client.ts";
export { apiDelete, apiGet, apiPost, apiPut } from "../datasource/default_api.ts";
export type { Watermark } from "../datasource/watermark.ts";
export { copyRows, execute, insertMany, query, stream, transaction } from "../datasource/datasource.ts";
export type {
  CopyOptions,
  CopySource,
  CopyTarget,
  InsertOptions,
  QueryOptions,
  Row,
  SqlParams,
  StreamOptions,
  Transaction,
} from "../datasource/datasource.ts";
export {
  CannotConnectError,
  DatabaseError,
  NotConfiguredError,
  QueryCancelledError,
  QueryTimeoutError,
  SqlError,
  WrongLoginError,
} from "../datasource/errors.ts";
export { defineTask } from "./task/define.ts";
export type {
  AfterOptions,
  BlackoutOptions,
  CalendarOptions,
  ExecutorKind,
  MisfireOptions,
  PermissionOptions,
  RetryOptions,
  RunContext,
  RunFacts,
  RunLog,
  TaskDefinition,
} from "./task/define.ts";
export type { OverlapPolicy } from "./scheduler/policy.ts";
export { secret } from "./secrets.ts";
export { allOf, anyOf, at, cron, every } from "./trigger/declare.ts";
export type { CronFields } from "./trigger/declare.ts";
export type { TriggerBounds, TriggerSpec } from "./trigger/trigger.ts";

/**
 * A value of the task that is kept between its runs: how far it has come. What a run sets counts for the next one once the
 * run has succeeded. A run on the command line reads it and leaves none.
 *
 * @param name where a task has several
 * @throws Error outside of a run
 * @example
 * const mark = watermark();
 * const rows = await query("shop", "SELECT * FROM orders WHERE id > :last ORDER BY id", { last: mark.value ?? 0 });
 * mark.set(rows.at(-1)?.id);
 */
export function watermark(name = "default"): Watermark {
  const run = currentRun.getStore();
  if (!run) throw new Error("watermark() was called outside of a run; call it in the task's run()");
  return run.watermark(name);
}

/** Writes to the log of the run that calls it, from any function the run calls; outside a run it writes nothing. */
export const log: RunLog = {
  debug: (...values) => currentRun.getStore()?.log.debug(...values),
  info: (...values) => currentRun.getStore()?.log.info(...values),
  warn: (...values) => currentRun.getStore()?.log.warn(...values),
  error: (...values) => currentRun.getStore()?.log.error(...values),
};
