/** `/api/v1/system`, `/reload`, `/databases`: how Carillon is, and what an operator does to it. */
import { z } from "zod";
import type { BrokenFile } from "../../task/registry.ts";
import { RequestProblem } from "../../web/request_problem.ts";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { DONE, SUCCESS } from "./shapes/fields.ts";
import { MOMENT, momentOrNull, momentText } from "./shapes/time.ts";

const BROKEN = z.strictObject({
  file: z.string(),
  message: z.string(),
  line: z.int().nullable(),
  task: z.string().nullable().meta({ textKey: "api.field.broken_task" }),
  retry_at: MOMENT.nullable().meta({ textKey: "api.field.retry_at" }),
}).meta({ id: "BrokenFile" });

function brokenJson({ path, message, place, taskId, retryAt }: BrokenFile): z.output<typeof BROKEN> {
  return {
    file: path,
    message,
    line: place?.line ?? null,
    task: taskId ?? null,
    retry_at: momentOrNull(retryAt),
  };
}

export const getSystem = route({
  name: "getSystem",
  group: "system",
  method: "GET",
  path: "/system",
  right: "system",
  params: NOTHING,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.system",
      schema: z.strictObject({
        version: z.string(),
        now: MOMENT,
        started_at: MOMENT,
        state: z.enum(["running", "stopped"]).meta({ textKey: "api.field.system_state" }),
        not_ready: z.array(z.string()).meta({ textKey: "api.field.not_ready" }),
        timezone: z.string(),
        tasks: z.int(),
        paused: z.int(),
        unfinished_runs: z.int().meta({ textKey: "api.field.unfinished" }),
        workers: z.strictObject({ busy: z.int(), most: z.int(), warm: z.int() }),
        history: z.strictObject({
          file: z.string().nullable(),
          bytes: z.int(),
          trouble: z.string().nullable().meta({ textKey: "api.field.trouble" }),
        }),
        broken: z.array(BROKEN),
      }).meta({ id: "System" }),
    },
  },
  problems: [],
}, ({ queries, version }) => {
  const { system, tasks, runs } = queries;
  const { settings } = system;
  const body = {
    version,
    now: momentText(system.now()),
    started_at: momentText(system.openedAt),
    state: system.isRunning ? "running" as const : "stopped" as const,
    not_ready: system.notReady().map(({ why }) => why),
    timezone: settings.timezone,
    tasks: tasks.ids().length,
    paused: tasks.pausedCount,
    unfinished_runs: runs.unfinished().length,
    workers: { busy: system.busyWorkers, most: settings.workers, warm: system.warmHosts },
    history: {
      file: settings.historyFile === "" ? null : settings.historyFile,
      bytes: system.historyBytes(),
      trouble: system.health().trouble ?? null,
    },
    broken: tasks.broken().map(brokenJson),
  };
  return { status: 200, body };
});

export const reload = route({
  name: "reload",
  group: "system",
  method: "POST",
  path: "/reload",
  right: "reload",
  params: NOTHING,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.reloaded",
      schema: z.strictObject({
        status: SUCCESS,
        changed: z.array(z.string()).meta({ textKey: "api.field.reload_changed" }),
        removed: z.array(z.string()),
        broken: z.array(BROKEN).meta({ textKey: "api.field.reload_broken" }),
      }).meta({ id: "Reloaded" }),
    },
  },
  problems: [],
}, async ({ operations, queries, actor }) => {
  const { changed, removed } = await operations.reload(actor);
  const body = {
    status: DONE,
    changed: changed.map(({ id }) => id),
    removed: [...removed],
    broken: queries.tasks.broken().map(brokenJson),
  };
  return { status: 200, body };
});

export const listDatabases = route({
  name: "listDatabases",
  group: "system",
  method: "GET",
  path: "/databases",
  right: "databases",
  params: NOTHING,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.databases",
      schema: z.strictObject({
        file: z.string(),
        databases: z.array(z.strictObject({ name: z.string(), type: z.string() })),
        problem: z.string().nullable().meta({ textKey: "api.field.databases_problem" }),
      }).meta({ id: "DatabaseList" }),
    },
  },
  problems: [],
}, ({ queries }) => {
  const { file, all, problem = null } = queries.system.databases();
  return { status: 200, body: { file, databases: all.map(({ name, type }) => ({ name, type })), problem } };
});

export const testDatabase = route({
  name: "testDatabase",
  group: "system",
  method: "POST",
  path: "/databases/:name/test",
  right: "databases",
  params: z.strictObject({ name: z.string().min(1).max(200).meta({ textKey: "api.field.database" }) }),
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.database_test",
      schema: z.strictObject({
        name: z.string(),
        ok: z.boolean(),
        version: z.string().nullable(),
        ms: z.number().nullable(),
        message: z.string().nullable().meta({ textKey: "api.field.database_message" }),
      }).meta({ id: "DatabaseTest" }),
    },
  },
  problems: [404],
}, async ({ operations, queries, actor, params: { name } }) => {
  if (!queries.system.databases().all.some((each) => each.name === name)) {
    throw new RequestProblem(404, "problem.no_database", { name });
  }
  const result = await operations.testDatabase(actor, name);
  const body = result.ok
    ? { name, ok: true, version: result.version, ms: result.ms, message: null }
    : { name, ok: false, version: null, ms: null, message: result.message };
  return { status: 200, body };
});
