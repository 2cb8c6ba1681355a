/** `carillon pause` and `carillon resume`: stop the triggers of tasks, and let them go on. */
import { z } from "zod";
import { text } from "../locale/locale.ts";
import { requiredWord } from "./arguments.ts";
import { askServer } from "./ask_server.ts";
import type { Arguments, Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { withNearest } from "./nearest_task.ts";
import { print } from "./output.ts";

const TASK = z.object({ trigger: z.string().nullable() });
const CHANGED = z.object({ changed: z.boolean() });

export const pause: Command = {
  name: "pause",
  usage: "<task …>",
  words: Infinity,
  summary: "stop the triggers of tasks; runs by hand are still possible",
  flags: {
    until: {
      value: "MOMENT",
      help: "end of the pause on the task's own wall clock, such as 2026-03-12T08:00",
    },
    note: { value: "TEXT", help: "why, for whoever looks at the task" },
  },
  configured: true,
  asksServer: true,
  examples: [
    { line: "pause sync_orders", what: 'until "carillon resume sync_orders"' },
    {
      line: 'pause sync_orders sync_stock --until 2026-03-12T08:00 --note "stocktaking"',
      what: "several, for a while",
    },
  ],
  run: (given) => {
    const body = { until: given.own.get("until"), note: given.own.get("note") };
    return each(given, "pause", body, { done: "is paused", before: "was paused so already" });
  },
};

export const resume: Command = {
  name: "resume",
  usage: "<task …>",
  words: Infinity,
  summary: "let the triggers of paused tasks go on",
  flags: {},
  configured: true,
  asksServer: true,
  examples: [{ line: "resume sync_orders", what: "what was due meanwhile is not made up for" }],
  run: (given) => each(given, "resume", undefined, { done: "goes on", before: "was not paused" }),
};

async function each(
  given: Arguments,
  action: "pause" | "resume",
  body: unknown,
  words: { readonly done: string; readonly before: string },
): Promise<ExitCode> {
  requiredWord(given, 0, "a task");
  // All of them first: a name that is mistyped changes nothing.
  for (const task of given.words) await expectTrigger(given, task);
  for (const task of given.words) {
    const path = `${pathOf(task)}/${action}`;
    const answer = await withNearest(given, task, () => askServer(given, { method: "POST", path, body }));
    print(`task ${task} ${CHANGED.parse(answer).changed ? words.done : words.before}`);
  }
  return 0;
}

async function expectTrigger(given: Arguments, task: string): Promise<void> {
  const answer = await withNearest(
    given,
    task,
    () => askServer(given, { method: "GET", path: pathOf(task) }),
  );
  const { trigger } = TASK.parse(answer);
  if (trigger === null) throw new UsageError(text("en", "problem.no_trigger", { id: task }));
}

function pathOf(task: string): string {
  return `/api/v1/tasks/${encodeURIComponent(task)}`;
}
