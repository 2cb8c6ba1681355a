/** What is said of a task that the server does not know: the nearest one that it does. */
import { z } from "zod";
import { nearest } from "../base/suggestion.ts";
import { askServer, ServerRefusal } from "./ask_server.ts";
import type { Arguments } from "./command.ts";
import { UsageError } from "./errors.ts";

const TASKS = z.object({ tasks: z.array(z.object({ id: z.string() })) });

/** Runs `ask`; where it is refused because there is no such task, the sentence names the nearest. */
export async function withNearest<T>(given: Arguments, task: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ServerRefusal) || error.status !== 404) throw error;
    const near = nearest(task, await taskIds(given));
    if (near === undefined || near === task) throw error;
    throw new UsageError(`there is no task "${task}"; did you mean "${near}"?`, { cause: error });
  }
}

/** Ids of the tasks that the server has. */
export async function taskIds(given: Arguments): Promise<string[]> {
  const { tasks } = TASKS.parse(await askServer(given, { method: "GET", path: "/api/v1/tasks?limit=1000" }));
  return tasks.map(({ id }) => id);
}
