/** `python`: runs a function of a Python file as a task, PyScheduler's own tasks unmodified among them. */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { messageOf } from "../base/errors.ts";
import { givenObject, givenText } from "../base/given.ts";
import { LOG_LEVELS } from "../base/log_level.ts";
import type { ApiClient } from "../../datasource/http_client/api_client.ts";
import { currentRun } from "./current_run.ts";
import { answer } from "./python/answers.ts";
import { type PythonProcess, startPython } from "./python/process.ts";

export interface PythonOptions {
  /** The Python file, relative to the folder that Carillon was started in. */
  readonly file: string;
  /** The function of it that is called. */
  readonly function: string;
  /** Its keyword arguments; one that is undefined is left out. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Its arguments by place, before those. */
  readonly args?: readonly unknown[] | undefined;
  /** Where its imports begin and it works in; the folder of the file when left out. */
  readonly folder?: string | undefined;
  /** The interpreter, as a name or a path; `python3` when left out. */
  readonly interpreter?: string | undefined;
  /** The id by which it calls `record_task_history`; another one is a warning. */
  readonly task?: string | undefined;
  /** Ends it; the signal of the run when left out. */
  readonly signal?: AbortSignal | undefined;
}

/** What Python code raised, by its own name. `retry.only` knows it by that. */
export class PythonError extends Error {
  /**
   * @param name of the exception, such as `ValueError`
   * @param trace the lines of its traceback, the innermost last
   */
  constructor(override readonly name: string, message: string, trace?: string) {
    super(message);
    // Where in the Python file it came about says more than where in here.
    this.stack = `${name}: ${message}${trace ? `\n${trace}` : ""}`;
  }
}

const MESSAGE = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("log"), level: z.enum(LOG_LEVELS), text: z.string() }),
  z.object({ kind: z.literal("ask"), number: z.int(), what: z.enum(["query", "api"]), values: z.unknown() }),
  z.discriminatedUnion("ok", [
    z.object({ kind: z.literal("end"), ok: z.literal(true), message: z.string().nullable() }),
    z.object({
      kind: z.literal("end"),
      ok: z.literal(false),
      name: z.string(),
      message: z.string(),
      trace: z.string().optional(),
    }),
  ]),
]);

type Message = z.output<typeof MESSAGE>;
type End = Extract<Message, { kind: "end" }>;

/**
 * Calls a function of a Python file in a process of its own, which ends with the run. What it prints and logs is the log of
 * the run. `record_task_history(id, "已完成")` makes the run succeed, any other message fails it; without a call of it the
 * function succeeds unless it raises. PyScheduler's `execute_mysql_query` (`pgsql`, `oracle`, `sqlserver`) and `api_get`
 * (`post`, `put`, `delete`) work without a driver for Python, by the sections of database.ini and by `[api]`; a module of
 * the team's own that offers the same counts instead.
 *
 * @returns what it recorded or returned, as text; undefined for nothing
 * @throws PythonError for a failure; OperatorError where Python is missing
 * @example run: ({ params }) => python({ file: "/opt/PyScheduler/tasks/orders.py", function: "sync", params })
 */
export async function python(options: PythonOptions): Promise<string | undefined> {
  givenObject(
    "what python is given",
    options,
    'an object such as { file: "tasks/orders.py", function: "sync" }',
  );
  givenText("python: file", options.file, "the path of a Python file");
  givenText("python: function", options.function, "the name of a function in it");
  const run = currentRun.getStore();
  const signal = options.signal ?? run?.signal;
  const file = resolve(options.file);
  const folder = resolve(options.folder ?? dirname(file));
  const child = startPython(
    options.interpreter ?? "python3",
    folder,
    signal,
    (line) => run?.log.warn(line),
  );
  await child.send({
    file,
    folder,
    function: options.function,
    args: options.args ?? [],
    params: options.params ?? {},
    task: options.task,
  });
  const end = await listen(child, signal);
  const how = await child.ended();
  signal?.throwIfAborted();
  if (!end) throw new PythonError("Error", `the Python process ended ${how} before its task did`);
  if (end.ok) return end.message ?? undefined;
  throw new PythonError(end.name, end.message, end.trace);
}

/** Handles messages until the process closes its pipe; the answer is how its task ended, if it said so. */
async function listen(child: PythonProcess, signal: AbortSignal | undefined): Promise<End | undefined> {
  const run = currentRun.getStore();
  const clients = new Map<string, ApiClient>();
  let end: End | undefined;
  for await (const line of child.messages) {
    const message = readMessage(line);
    if (!message) run?.log.info(line);
    else if (message.kind === "log") run?.log[message.level](message.text);
    else if (message.kind === "end") end = message;
    // Not awaited: threads of the task ask at the same time, and one answer does not wait for another.
    else void answerTo(child, message, signal, clients);
  }
  return end;
}

async function answerTo(
  child: PythonProcess,
  { number, what, values }: Extract<Message, { kind: "ask" }>,
  signal: AbortSignal | undefined,
  clients: Map<string, ApiClient>,
): Promise<void> {
  try {
    await child.send({ number, ...await answer(what, values, signal, clients) });
  } catch (error) {
    await child.send({ number, error: messageOf(error) });
  }
}

/** Undefined for a line that is none: something got at the pipe that should not have. */
function readMessage(line: string): Message | undefined {
  try {
    const read = MESSAGE.safeParse(JSON.parse(line));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
