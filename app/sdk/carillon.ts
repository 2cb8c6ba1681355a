/** The module `carillon`: everything a task file may import, and nothing else. */
import type { Watermark } from "../../datasource/watermark.ts";
import { givenOptions, givenText } from "../base/given.ts";
import { currentRun } from "./current_run.ts";
import type { RunLog } from "../task/define.ts";

export { z } from "zod";
export { ApiClient, ApiError } from "../../datasource/http_client/api_client.ts";
export type {
  ApiClientOptions,
  ApiRequestOptions,
  PageOptions,
} from "../../datasource/http_client/api_client.ts";
export { apiDelete, apiGet, apiPost, apiPut } from "../../datasource/http_client/default_api.ts";
export type { Watermark } from "../../datasource/watermark.ts";
export { copyRows, execute, insertMany, query, stream, transaction } from "../../datasource/datasource.ts";
export type {
  CopyOptions,
  CopySource,
  CopyTarget,
  InsertOptions,
  Isolation,
  QueryOptions,
  Results,
  Row,
  SqlParams,
  StreamOptions,
  Transaction,
  TransactionOptions,
} from "../../datasource/datasource.ts";
export {
  CannotConnectError,
  DatabaseError,
  NotConfiguredError,
  QueryCancelledError,
  QueryTimeoutError,
  SqlError,
  WrongLoginError,
} from "../../datasource/errors.ts";
export { defineTask } from "../task/define.ts";
export type { RunContext, RunFacts, RunLog, RunWindow, TaskDefinition } from "../task/define.ts";
export type { CausingRun, ExecutorKind } from "../model/order.ts";
export type { BlackoutOptions } from "../policy/blackout.ts";
export type { CalendarOptions } from "../policy/calendar.ts";
export type { AfterAllOptions, AfterOptions } from "../policy/follow.ts";
export type { MisfireOptions } from "../policy/misfire.ts";
export type { OverlapPolicy } from "../policy/overlap.ts";
export type { PermissionOptions } from "../policy/permissions.ts";
export type { RetryOptions } from "../policy/retry.ts";
export type { WindowOptions } from "../policy/window.ts";
export { python, PythonError } from "./python.ts";
export type { PythonOptions } from "./python.ts";
export { command } from "./command.ts";
export type { CommandDefinition } from "./command.ts";
export { CommandError } from "./command_error.ts";
export { schedule } from "./schedule.ts";
export type { Moment } from "./schedule.ts";
export { secret } from "./secrets.ts";
export { sqlScript } from "./sql_script.ts";
export type { SqlScriptDefinition } from "./sql_script.ts";
export { sh } from "./sh.ts";
export type { ShellOptions as ShOptions, ShellResult } from "./sh.ts";
export { allOf, anyOf, at, atStart, cron, every, everyNth } from "../trigger/declare.ts";
export type { CalendarInterval, CronFields } from "../trigger/declare.ts";
export type { TriggerBounds, TriggerSpec } from "../trigger/trigger.ts";

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
  givenText("watermark(): the name", name, "a text");
  return run.watermark(name);
}

/**
 * Keeps a file with the run that calls it: a copy is made, its page and the API offer it for download, and it goes when the
 * run does. What it holds is kept as it is, secrets included. `[history]` limits the size of a file and of all files of a
 * run; a run leaves 100 at the most.
 *
 * @param path a plain file that the task may read: no folder, no link, and no ".." in the path
 * @param options `title`: what it is called on the page; the file's name when left out
 * @throws Error with a sentence for a file that is not kept, and outside of a run
 * @example
 * await Deno.writeTextFile("out/orders.csv", csv);
 * await artifact("out/orders.csv", { title: "Orders of yesterday" });
 */
export async function artifact(path: string, options: { readonly title?: string } = {}): Promise<void> {
  const run = currentRun.getStore();
  if (!run) throw new Error("artifact() was called outside of a run; call it in the task's run()");
  givenOptions("artifact(): what stands for the options", options);
  const { title } = options;
  if (typeof path !== "string" || path === "") {
    throw new TypeError('artifact(): the path is a text, "out.csv"');
  }
  if (title !== undefined && typeof title !== "string") {
    throw new TypeError("artifact(): the title is a text");
  }
  await run.artifact(path, title ?? "");
}

/** Writes to the log of the run that calls it, from any function the run calls; outside a run it writes nothing. */
export const log: RunLog = {
  debug: (...values) => currentRun.getStore()?.log.debug(...values),
  info: (...values) => currentRun.getStore()?.log.info(...values),
  warn: (...values) => currentRun.getStore()?.log.warn(...values),
  error: (...values) => currentRun.getStore()?.log.error(...values),
};
