/** What each route takes: the right, what it is about, and what it answers whoever is let through. A route without a row fails. */
import type { Right } from "../../app/model/access.ts";

export interface AccessRow {
  /** `open`: to everybody. `signed_in`: to everybody who is known. Otherwise the right that it takes. */
  readonly right: Right | "open" | "signed_in";
  /**
   * What stands in its address: `task` and `run` are not there for whoever may not view them. `list`: it answers with what
   * one sees, `tasks`: it acts on those of the named ones that one sees. `whole`: it is about Carillon.
   */
  readonly about: "task" | "run" | "backfill" | "plan" | "list" | "tasks" | "whole";
  /** Sent with it: fields of a form, or JSON. */
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly query?: string;
  /** It has a check of its own and stands before the others: who asks makes no difference. */
  readonly isBefore?: boolean;
  /** What is answered where nobody is kept out; 200, 202 and 303 unless it says otherwise. */
  readonly through?: readonly number[];
}

const TASK = { about: "task" } as const;
const RUN = { about: "run" } as const;
const WHOLE = { about: "whole" } as const;
const view = { right: "view" } as const;
/** There is nothing of the kind. */
const NOTHING = { through: [404] } as const;
/** The run has ended, which is no question of rights. */
const OVER = { through: [409] } as const;
const TASKS = { tasks: ["ledger", "salaries"] };
const CHOSEN = { chosen: "ledger,salaries" };

export const ROWS: Readonly<Record<string, AccessRow>> = {
  "GET /": { ...view, about: "list" },
  "GET /tasks": { ...view, about: "list" },
  "GET /runs": { ...view, about: "list" },
  "GET /timeline": { ...view, about: "list" },
  "GET /search": { ...view, about: "list", query: "q=salaries" },
  "GET /news": { ...view, about: "list" },
  "GET /keys": { right: "signed_in", ...WHOLE },
  "GET /tasks/:id": { ...view, ...TASK },
  "GET /tasks/:id/more": { ...view, ...TASK },
  "GET /tasks/:id/year": { ...view, ...TASK },
  "GET /tasks/:id/run": { ...view, ...TASK },
  "POST /tasks/:id/run": { right: "run", ...TASK, form: {} },
  "GET /tasks/:id/source": { right: "source", ...TASK },
  "GET /tasks/:id/pause": { ...view, ...TASK },
  "POST /tasks/:id/pause": { right: "pause", ...TASK, form: {} },
  "GET /tasks/:id/resume": { ...view, ...TASK },
  "POST /tasks/:id/resume": { right: "pause", ...TASK, form: {} },
  "GET /pause": { ...view, about: "list" },
  "POST /pause": { right: "pause", about: "tasks", form: CHOSEN },
  "GET /resume": { ...view, about: "list" },
  "POST /resume": { right: "pause", about: "tasks", form: CHOSEN },
  "GET /selected/run": { ...view, about: "list" },
  "POST /selected/run": { right: "run", about: "tasks", form: CHOSEN },
  "GET /selected/rerun": { ...view, about: "list" },
  "POST /selected/rerun": { right: "run", about: "run", form: { runs: ":run" } },
  "GET /selected/cancel": { ...view, about: "list" },
  "POST /selected/cancel": { right: "cancel", about: "run", form: { runs: ":run" } },
  "GET /selected/acknowledge": { ...view, about: "list", query: "cause=x" },
  "POST /selected/acknowledge": {
    right: "acknowledge",
    about: "tasks",
    form: { ...CHOSEN, cause: "x", note: "" },
  },
  "GET /runs/:id": { ...view, ...RUN },
  // The run has left no file.
  "GET /runs/:id/files/:file": { ...view, ...RUN, ...NOTHING },
  "GET /runs/:id/log": { ...view, ...RUN },
  "GET /runs/:id/log.txt": { ...view, ...RUN },
  "GET /runs/:id/cancel": { ...view, ...RUN },
  "POST /runs/:id/cancel": { right: "cancel", ...RUN, form: {} },
  "GET /runs/:id/retry": { ...view, ...RUN },
  "POST /runs/:id/retry": { right: "run", ...RUN, form: {} },
  "GET /runs/:id/approve": { ...view, ...RUN },
  "POST /runs/:id/approve": { right: "approve", ...RUN, form: {}, ...OVER },
  "GET /runs/:id/decline": { ...view, ...RUN },
  "POST /runs/:id/decline": { right: "approve", ...RUN, form: {}, ...OVER },
  "GET /tasks/:id/backfill": { ...view, ...TASK },
  "POST /tasks/:id/backfill": {
    right: "run",
    ...TASK,
    form: {},
    query: "from=2026-03-09",
    through: [303, 409],
  },
  "GET /backfills": { ...view, about: "list" },
  "GET /backfills/:id": { ...view, about: "backfill" },
  "GET /backfills/:id/cancel": { ...view, about: "backfill" },
  "POST /backfills/:id/cancel": { right: "cancel", about: "backfill", form: {}, through: [303, 409] },
  "GET /report": { ...view, about: "list" },
  "GET /api": { right: "signed_in", ...WHOLE },
  "GET /audit": { right: "audit", ...WHOLE },
  "GET /audit.ndjson": { right: "audit", ...WHOLE },
  "GET /system": { right: "system", ...WHOLE },
  "POST /system/databases/:name/test": { right: "databases", ...WHOLE, form: {}, through: [200] },
  "GET /system/users": { right: "users", ...WHOLE },
  "GET /system/users/add": { right: "users", ...WHOLE },
  "POST /system/users/add": {
    right: "users",
    ...WHOLE,
    form: { name: "zoe", role: "viewer" },
    through: [200, 409],
  },
  "GET /system/users/:name/roles": { right: "users", ...WHOLE, ...NOTHING },
  "POST /system/users/:name/roles": { right: "users", ...WHOLE, form: { role: "viewer" }, ...NOTHING },
  "GET /system/users/:name/link": { right: "users", ...WHOLE, ...NOTHING },
  "POST /system/users/:name/link": { right: "users", ...WHOLE, form: {}, ...NOTHING },
  "GET /system/users/:name/sign-out": { right: "users", ...WHOLE, ...NOTHING },
  "POST /system/users/:name/sign-out": { right: "users", ...WHOLE, form: {}, ...NOTHING },
  "GET /system/users/:name/remove": { right: "users", ...WHOLE, ...NOTHING },
  "POST /system/users/:name/remove": { right: "users", ...WHOLE, form: {}, ...NOTHING },
  "GET /system/tokens/add": { right: "users", ...WHOLE },
  "POST /system/tokens/add": {
    right: "users",
    ...WHOLE,
    form: { name: "robot", right: "view", tasks: "", days: "30" },
    through: [200, 409],
  },
  "GET /system/tokens/:name/revoke": { right: "users", ...WHOLE, through: [200] },
  "POST /system/tokens/:name/revoke": { right: "users", ...WHOLE, form: {}, ...NOTHING },
  "GET /deliveries": { right: "notify", ...WHOLE },
  "GET /deliveries/preview": { right: "notify", ...WHOLE },
  "POST /deliveries/targets/:name/mute": { right: "notify", ...WHOLE, form: {}, ...NOTHING },
  "POST /deliveries/subjects/mute": {
    right: "notify",
    ...WHOLE,
    form: { subject: "task/never" },
    ...NOTHING,
  },
  "POST /deliveries/subjects/acknowledge": {
    right: "notify",
    ...WHOLE,
    form: { subject: "task/never" },
    ...NOTHING,
  },
  "POST /deliveries/:id/again": { right: "notify", ...WHOLE, form: {}, ...NOTHING },
  "POST /deliveries/targets/:name/test": { right: "notify", ...WHOLE, form: {}, ...NOTHING },
  "GET /jobs": { ...view, about: "list" },
  "POST /trigger/:id": { right: "run", ...TASK },
  "GET /history/:id": { ...view, ...TASK, through: [302] },
  "GET /api/openapi.json": { right: "signed_in", ...WHOLE },
  "POST /hooks/:id": { right: "open", ...WHOLE, ...NOTHING, isBefore: true },
  "GET /metrics": { right: "metrics", ...WHOLE },
  "GET /healthz": { right: "open", ...WHOLE },
  "GET /readyz": { right: "open", ...WHOLE, through: [200, 503] },
  "GET /heartbeat": { right: "open", ...WHOLE, ...NOTHING },
  "GET /favicon.ico": { right: "open", ...WHOLE, through: [302] },
  "POST /language": { right: "open", ...WHOLE, form: { language: "en" } },
  "POST /theme": { right: "open", ...WHOLE, form: { theme: "dark" } },
  "GET /sign-in": { right: "open", ...WHOLE },
  "POST /sign-in": { right: "open", ...WHOLE, form: { name: "x", password: "y" }, through: [401, 429] },
  "GET /sign-in/provider": { right: "open", ...WHOLE, ...NOTHING },
  "GET /sign-in/callback": { right: "open", ...WHOLE, ...NOTHING },
  "GET /setup/:secret": { right: "open", ...WHOLE, ...NOTHING },
  "POST /setup/:secret": { right: "open", ...WHOLE, form: { name: "x", password: "y" }, ...NOTHING },
  "GET /password/:link": { right: "open", ...WHOLE, ...NOTHING },
  "POST /password/:link": { right: "open", ...WHOLE, form: { password: "y" }, ...NOTHING },
  "POST /sign-out": { right: "signed_in", ...WHOLE, form: {} },
  "GET /account": { right: "signed_in", ...WHOLE, through: [200, 404] },
  "POST /account/password": {
    right: "signed_in",
    ...WHOLE,
    form: { old: "wrong", password: "another password 1" },
    through: [401, 429, 404],
  },
  "POST /account/sign-out-everywhere": { right: "signed_in", ...WHOLE, form: {}, through: [303, 404] },
  "GET /api/v1/tasks": { ...view, about: "list" },
  "GET /api/v1/tasks/:id": { ...view, ...TASK },
  "GET /api/v1/tasks/:id/next": { ...view, ...TASK },
  "GET /api/v1/tasks/:id/report": { ...view, ...TASK },
  "GET /api/v1/tasks/:id/source": { right: "source", ...TASK },
  "POST /api/v1/tasks/:id/runs": { right: "run", ...TASK, json: {} },
  "POST /api/v1/tasks/:id/pause": { right: "pause", ...TASK },
  "POST /api/v1/tasks/:id/resume": { right: "pause", ...TASK },
  "POST /api/v1/tasks/:id/backfills": {
    right: "run",
    ...TASK,
    json: { from: "2026-03-09", to: "2026-03-09" },
    through: [202, 409, 422],
  },
  "GET /api/v1/runs": { ...view, about: "list" },
  "GET /api/v1/runs/:id": { ...view, ...RUN },
  "GET /api/v1/runs/:id/artifacts": { ...view, ...RUN },
  "GET /api/v1/runs/:id/artifacts/:name": { ...view, ...RUN, ...NOTHING },
  "GET /api/v1/runs/:id/log": { ...view, ...RUN },
  "GET /api/v1/runs/:id/result": { ...view, ...RUN },
  "POST /api/v1/runs/:id/cancel": { right: "cancel", ...RUN, ...OVER },
  "POST /api/v1/runs/:id/rerun": { right: "run", ...RUN },
  "POST /api/v1/runs/:id/approve": { right: "approve", ...RUN, ...OVER },
  "POST /api/v1/runs/:id/decline": { right: "approve", ...RUN, ...OVER },
  "GET /api/v1/backfills": { ...view, about: "list" },
  "GET /api/v1/backfills/:id": { ...view, about: "backfill" },
  "POST /api/v1/backfills/:id/cancel": { right: "cancel", about: "backfill", through: [202, 409] },
  "GET /api/v1/planned": { ...view, about: "list" },
  "POST /api/v1/planned/:id/cancel": { right: "cancel", about: "plan", through: [200, 404] },
  "POST /api/v1/bulk/start": { right: "run", about: "tasks", json: TASKS },
  "POST /api/v1/bulk/rerun-failed": { right: "run", about: "tasks", json: TASKS },
  "POST /api/v1/bulk/cancel": { right: "cancel", about: "tasks", json: TASKS },
  "POST /api/v1/bulk/pause": { right: "pause", about: "tasks", json: TASKS },
  "POST /api/v1/bulk/resume": { right: "pause", about: "tasks", json: TASKS },
  "GET /api/v1/report": { ...view, about: "list" },
  "GET /api/v1/events": { ...view, about: "list" },
  "GET /api/v1/system": { right: "system", ...WHOLE },
  "POST /api/v1/reload": { right: "reload", ...WHOLE },
  "GET /api/v1/databases": { right: "databases", ...WHOLE },
  "POST /api/v1/databases/:name/test": { right: "databases", ...WHOLE },
};
