/** `/api/v1/bulk/…`: the same done to many tasks: those of a list, or those that pass a filter. Each has its own outcome. */
import { z } from "zod";
import { isBad } from "../../model/run.ts";
import { Refusal } from "../../service/refusal.ts";
import { problemText } from "../../task/params.ts";
import { NOTHING } from "../reading.ts";
import { type Given, route } from "../route.ts";
import { keyOf } from "../started.ts";
import { NOTE, PARAMS } from "./shapes/fields.ts";
import { PAUSE_TERMS, pauseTerms } from "./task_pause.ts";
import { filteredTasks, TASK_FILTER } from "./tasks.ts";

const MAX_TASKS = 10_000;

/** Which tasks are meant: a body that names none is refused, it does not mean all. */
const CHOSEN = z.strictObject({
  tasks: z.array(z.string().min(1).max(500)).min(1).max(MAX_TASKS).optional()
    .meta({ textKey: "api.field.bulk_tasks" }),
  filter: TASK_FILTER.optional().meta({ textKey: "api.field.bulk_filter" }),
});

/** `tasks` or `filter`, one of the two. */
function oneOfBoth<B extends z.ZodType<z.output<typeof CHOSEN>>>(body: B): B {
  return body.refine(({ tasks, filter }) => (tasks === undefined) !== (filter === undefined), {
    error: 'name either "tasks", a list of ids, or "filter"; {"filter": {}} means all tasks',
  }).meta({ oneOf: [{ required: ["tasks"] }, { required: ["filter"] }] });
}

const OUTCOMES = z.strictObject({
  done: z.int().meta({ textKey: "api.field.bulk_done" }),
  results: z.array(z.strictObject({
    task: z.string(),
    ok: z.boolean(),
    runs: z.array(z.string()).meta({ textKey: "api.field.bulk_runs" }),
    problem: z.string().nullable().meta({ textKey: "api.field.bulk_problem" }),
  })),
}).meta({ id: "BulkAnswer" });

const BULK = {
  group: "bulk",
  method: "POST",
  params: NOTHING,
  query: NOTHING,
  answers: { 200: { about: "api.answer.bulk", schema: OUTCOMES } },
} as const;

type BulkGiven = Given<unknown, unknown, z.output<typeof CHOSEN>>;

/** What is done to one task: ids of the runs that it concerns. @throws Refusal, or FieldProblem, that says why it is not */
type Act = (task: string) => Promise<readonly string[]>;

async function reply({ queries, body }: BulkGiven, act: Act) {
  const results: z.output<typeof OUTCOMES>["results"] = [];
  await queries.activity.ready();
  const tasks = body.tasks ? new Set(body.tasks) : filteredTasks(queries, body.filter ?? {});
  for (const task of tasks) results.push(await outcomeOf(task, act));
  const done = results.filter(({ ok }) => ok).length;
  return { status: 200 as const, body: { done, results } };
}

async function outcomeOf(task: string, act: Act) {
  try {
    return { task, ok: true, runs: [...await act(task)], problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { task, ok: false, runs: [], problem: error.message };
  }
}

/** The same for several tasks, one key each: a list that is sent again starts nothing twice. */
function started(answer: Awaited<ReturnType<BulkGiven["operations"]["start"]>>): readonly string[] {
  if (answer.ok) return [answer.run.id];
  throw new Refusal("invalid", "problem.params", { reason: problemText(answer.problems) });
}

export const startMany = route({
  ...BULK,
  name: "startMany",
  path: "/bulk/start",
  right: "run",
  body: oneOfBoth(CHOSEN.extend({ params: PARAMS.optional(), note: NOTE })),
  headers: ["Idempotency-Key"],
  problems: [],
}, (given) => {
  const { operations, actor, body: { params = {}, note }, header } = given;
  const key = keyOf(header("Idempotency-Key"));
  return reply(given, async (task) => started(await operations.start(actor, task, params, key, { note })));
});

export const rerunFailed = route({
  ...BULK,
  name: "rerunFailed",
  path: "/bulk/rerun-failed",
  right: "run",
  body: oneOfBoth(CHOSEN),
  headers: ["Idempotency-Key"],
  problems: [],
}, (given) => {
  const { operations, queries, actor, header } = given;
  const key = keyOf(header("Idempotency-Key"));
  return reply(given, async (task) => {
    queries.tasks.get(task);
    const { verdict } = queries.activity.of(task);
    if (!verdict || !isBad(verdict.status)) return [];
    return started(await operations.rerun(actor, verdict.id, key));
  });
});

export const cancelMany = route({
  ...BULK,
  name: "cancelMany",
  path: "/bulk/cancel",
  right: "cancel",
  body: oneOfBoth(CHOSEN),
  headers: [],
  problems: [],
}, (given) => {
  const { operations, queries, actor } = given;
  return reply(given, async (task) => {
    queries.tasks.get(task);
    const ended: string[] = [];
    for (const { id } of queries.runs.unfinished(task)) {
      if (await cancelled(() => operations.cancel(actor, id))) ended.push(id);
    }
    return ended;
  });
});

/** A run that has ended meanwhile is what was wanted. */
async function cancelled(cancel: () => Promise<unknown>): Promise<boolean> {
  try {
    await cancel();
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.kind === "conflict") return false;
    throw error;
  }
}

export const pauseMany = route({
  ...BULK,
  name: "pauseMany",
  path: "/bulk/pause",
  right: "pause",
  body: oneOfBoth(CHOSEN.extend(PAUSE_TERMS.shape)),
  headers: [],
  problems: [422],
}, (given) => {
  const { operations, queries, actor, body } = given;
  const terms = pauseTerms(body, queries.system.settings.timezone);
  return reply(given, async (task) => {
    await operations.pause(actor, [task], terms);
    return [];
  });
});

export const resumeMany = route({
  ...BULK,
  name: "resumeMany",
  path: "/bulk/resume",
  right: "pause",
  body: oneOfBoth(CHOSEN),
  headers: [],
  problems: [],
}, (given) => {
  const { operations, actor } = given;
  return reply(given, async (task) => {
    await operations.resume(actor, [task]);
    return [];
  });
});
