/** A task as programs get it. */
import { z } from "zod";
import { localText } from "../../../locale/locale.ts";
import type { Queries } from "../../../service/queries.ts";
import type { TaskFacts } from "../../../service/queries/tasks.ts";
import { RUN_STATUS } from "./run.ts";
import { MOMENT, momentOrNull } from "./time.ts";

export const TASK_STATES = ["active", "paused", "ended", "by_hand"] as const;

export const TASK = z.strictObject({
  id: z.string(),
  title: z.string().meta({ textKey: "api.field.title" }),
  description: z.string().nullable(),
  tags: z.array(z.string()),
  file: z.string().meta({ textKey: "api.field.file" }),
  trigger: z.string().nullable().meta({ textKey: "api.field.trigger" }),
  rule: z.string().nullable().meta({ textKey: "api.field.rule" }),
  timezone: z.string(),
  state: z.enum(TASK_STATES).meta({ textKey: "api.field.task_state" }),
  pause: z.strictObject({
    until: MOMENT.nullable(),
    note: z.string().nullable(),
    by: z.string().nullable(),
  }).nullable().meta({ textKey: "api.field.pause" }),
  next: MOMENT.nullable().meta({ textKey: "api.field.next" }),
  running: z.int().meta({ textKey: "api.field.running" }),
  last: z.strictObject({
    run: z.string(),
    status: RUN_STATUS,
    finished_at: MOMENT.nullable(),
  }).nullable().meta({ textKey: "api.field.last" }),
}).meta({ id: "Task" });

/** The newest runs must have been read: `queries.activity.ready()`. */
export function taskJson(queries: Queries, facts: TaskFacts): z.output<typeof TASK> {
  const { task, trigger, timezone, next, pause } = facts;
  const { description, tags } = task.description;
  const { outcome, active } = queries.activity.of(task.id);
  return {
    id: task.id,
    title: queries.tasks.titleOf(task.id, "en"),
    description: description === undefined ? null : localText(description, "en"),
    tags: [...tags],
    file: task.path,
    trigger: trigger?.describe("en") ?? null,
    rule: trigger?.rule ?? null,
    timezone,
    state: stateOf(facts),
    pause: pause
      ? { until: momentOrNull(pause.until), note: pause.note ?? null, by: pause.by ?? null }
      : null,
    next: facts.paused ? null : momentOrNull(next),
    running: active.length,
    last: outcome
      ? { run: outcome.id, status: outcome.status, finished_at: momentOrNull(outcome.finishedAt) }
      : null,
  };
}

function stateOf({ trigger, paused, ended }: TaskFacts): (typeof TASK_STATES)[number] {
  if (!trigger) return "by_hand";
  return paused ? "paused" : ended ? "ended" : "active";
}
