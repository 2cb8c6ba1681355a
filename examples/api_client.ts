/**
 * A client of the API in one function, checked against what the server takes and answers:
 *
 *     carillon api types > carillon_api.ts
 */
import { OPERATIONS, type Operations, type Problem, ROOT } from "./carillon_api.ts";

/** What is left out where there is nothing to give. */
type Given<N extends keyof Operations> = {
  readonly [K in "params" | "query" | "headers" | "body"]?: Operations[N][K];
};

/** An error that the server answers with. */
class CarillonError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

class Carillon {
  constructor(readonly address: string, readonly token?: string) {}

  async ask<N extends keyof Operations>(name: N, given: Given<N> = {}): Promise<Operations[N]["answer"]> {
    const { method, path } = OPERATIONS[name];
    const params: Readonly<Record<string, unknown>> = given.params ?? {};
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params[key])));
    const query = new URLSearchParams(
      Object.entries(given.query ?? {}).map(([key, value]) => [key, String(value)]),
    );
    const answer = await fetch(`${this.address}${ROOT}${filled}?${query}`, {
      method,
      headers: {
        ...given.headers,
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      },
      body: given.body === undefined ? undefined : JSON.stringify(given.body),
    });
    if (!answer.ok) throw new CarillonError(await answer.json());
    const type = answer.headers.get("content-type") ?? "";
    if (type === "application/octet-stream") return await answer.blob();
    return await (type.startsWith("application/json") ? answer.json() : answer.text());
  }
}

/** Starts a task, waits for it, and prints what it said. */
export async function runAndPrint(carillon: Carillon, task: string, day: string): Promise<string> {
  const { run } = await carillon.ask("startRun", {
    params: { id: task },
    query: { wait: "1m" },
    headers: { "Idempotency-Key": `${task} ${day}` },
    body: { params: { day, amount: 5 } },
  });
  const log = await carillon.ask("getRunLog", { params: { id: run.id } });
  const { runs, next } = await carillon.ask("listRuns", {
    query: { task, status: ["failed", "timed_out"], limit: 20 },
  });
  return `${run.status} ${run.finished_at ?? "goes on"}\n${log}\nfailed before: ${runs.length}${
    next ? " and more" : ""
  }`;
}

export { Carillon, CarillonError };
