/** Which runs are wanted: read from the address, and written back to it. */
import { BAD_STATUSES, RUN_CAUSES, RUN_STATUSES, type RunCause, type RunStatus } from "../model/run.ts";
import { oneOfIn, wordIn } from "./query_words.ts";
import { RequestProblem } from "./request_problem.ts";

/** Outcomes that go together: "failed" means the same everywhere, and is more than the status of that name. */
export const OUTCOMES = {
  failed: BAD_STATUSES,
  succeeded: ["succeeded"],
  awaiting: ["awaiting_approval"],
  running: ["queued", "running"],
  not_run: ["skipped", "missed"],
  cancelled: ["cancelled"],
} as const satisfies Readonly<Record<string, readonly RunStatus[]>>;
export type Outcome = keyof typeof OUTCOMES;

export interface RunFilter {
  readonly q: string;
  /** An outcome, or a single status that belongs to none of that name. */
  readonly status: Outcome | RunStatus | "";
  readonly cause: RunCause | "";
  readonly task: string;
  /** Id of a run: only older ones, for the next page. */
  readonly before: string;
}

export function readRunFilter(params: URLSearchParams): RunFilter {
  const word = (name: string) => wordIn(params, name);
  const oneOf = <T extends string>(name: string, known: readonly T[]) => oneOfIn(params, name, known);
  const before = word("before");
  if (!/^[\da-f-]{0,36}$/.test(before)) {
    throw new RequestProblem(400, "problem.request", {
      reason: `before: "${before}" is not the id of a run`,
    });
  }
  const outcomes = Object.keys(OUTCOMES) as Outcome[];
  return {
    q: word("q"),
    status: oneOf("status", [...new Set<Outcome | RunStatus>([...outcomes, ...RUN_STATUSES])]),
    cause: oneOf("cause", RUN_CAUSES),
    task: word("task"),
    before,
  };
}

/** The statuses that are meant; undefined for all. */
export function statusesOf(status: RunFilter["status"]): readonly RunStatus[] | undefined {
  if (status === "") return undefined;
  return isOutcome(status) ? OUTCOMES[status] : [status];
}

function isOutcome(status: string): status is Outcome {
  return Object.hasOwn(OUTCOMES, status);
}
