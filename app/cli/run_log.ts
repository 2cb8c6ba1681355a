/** The log of a run as it comes, over cuts of the connection: no line is missed and none comes twice. */
import { setTimeout as pause } from "node:timers/promises";
import { type AnsweredLine, type AnsweredRun, LOG_LINE, RUN } from "./answers.ts";
import { NoServerError, openAnswer } from "./ask_server.ts";
import type { Arguments } from "./command.ts";
import { UsageError } from "./errors.ts";

/** Connections that may be lost in a row, each a moment after the other. */
const MOST_TRIES = 30;
const PAUSE_MS = 1_000;

/** The connection broke off, or nobody answered. What `onLine` throws is another matter: then nobody wants the rest. */
class LostError extends Error {
  override readonly name = "LostError";
}

/** Hands on each line, and answers with the run as it ended. */
export async function followLog(
  given: Arguments,
  run: string,
  onLine: (line: AnsweredLine) => void,
): Promise<AnsweredRun> {
  let next = 0;
  for (let lost = 0;; lost++) {
    try {
      for await (
        const { name, data } of eventsOf(
          given,
          `/api/v1/runs/${encodeURIComponent(run)}/log?format=sse&from=${next}`,
        )
      ) {
        if (name === "end") return RUN.parse(JSON.parse(data));
        if (name !== "line") continue;
        const line = LOG_LINE.parse(JSON.parse(data));
        if (line.number < next) continue;
        onLine(line);
        next = line.number + 1;
        lost = 0;
      }
    } catch (error) {
      if (!(error instanceof LostError)) throw error;
      if (lost >= MOST_TRIES) throw error.cause;
    }
    if (lost >= MOST_TRIES) throw new UsageError(`the connection was lost; run ${run} goes on`);
    if (lost > 0) await pause(PAUSE_MS);
  }
}

interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Server-sent events (WHATWG HTML, 9.2.6), as far as Carillon writes them: one `data` line each. @throws LostError, UsageError */
async function* eventsOf(given: Arguments, path: string): AsyncGenerator<ServerEvent> {
  try {
    using answer = await openAnswer(given, { method: "GET", path, accept: "text/event-stream" });
    let name = "";
    let data: string | undefined;
    for await (const line of linesOf(answer.response)) {
      if (line === "") {
        if (data !== undefined) yield { name, data };
        name = "";
        data = undefined;
      } else if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (line.startsWith("data:")) data = line.slice(5);
    }
  } catch (cause) {
    if (cause instanceof UsageError && !(cause instanceof NoServerError)) throw cause;
    throw new LostError("the connection was lost", { cause });
  }
}

/** The lines of an answer, without what comes after the last end of a line. */
export async function* linesOf({ body }: Response): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
