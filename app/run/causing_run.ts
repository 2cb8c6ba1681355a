/** The run that another one was started after, as its task is told of it. */
import type { RunReader } from "../contracts.ts";
import type { CausingRun } from "../model/order.ts";
import type { Run } from "../model/run.ts";

export function causingRun({ id, taskId, status, params, result }: Run): CausingRun {
  return { run: id, task: taskId, status, params, result };
}

/**
 * The same for whoever repeats a run, out of the history; undefined where the run followed no other one, and where that one
 * is kept no more.
 */
export async function causeOfRepeated(
  runs: Pick<RunReader, "get">,
  { after }: Run,
): Promise<CausingRun | undefined> {
  const run = after === undefined ? undefined : await runs.get(after);
  return run && causingRun(run);
}
