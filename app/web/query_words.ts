/** What a filter reads from the query of an address. */
import { RequestProblem } from "./request_problem.ts";

/** A parameter without the blanks around it; empty where it is not given. */
export function wordIn(params: URLSearchParams, name: string): string {
  return (params.get(name) ?? "").trim();
}

/** One of the known words, or empty. @throws RequestProblem (400) for any other */
export function oneOfIn<T extends string>(
  params: URLSearchParams,
  name: string,
  known: readonly T[],
): T | "" {
  const given = wordIn(params, name);
  const found = known.find((each) => each === given);
  if (given !== "" && !found) {
    throw new RequestProblem(400, "problem.request", {
      reason: `${name}: "${given}" is not one of ${known.join(", ")}`,
    });
  }
  return found ?? "";
}
