/** The Python process of a run: started, spoken with over its pipes, and ended with the run. */
import { systemReason } from "../../base/system_error.ts";
import { OperatorError } from "../../base/errors.ts";
import { endWith, linesOf, writeTo } from "../child.ts";
import { readLines } from "../line_reader.ts";
import { outputOf } from "../output.ts";
import { PYTHON_PROGRAM } from "./program.ts";

export interface PythonProcess {
  /** Lines of the pipe, each a message of the shim. */
  readonly messages: AsyncIterable<string>;
  send(message: unknown): Promise<void>;
  /** Waits for its end: its exit code, or the signal that ended it. */
  ended(): Promise<string>;
}

/**
 * Starts an interpreter that waits for a call.
 *
 * @param interpreter such as `python3` or the path of a virtual environment's
 * @param onError called with each line on standard error
 * @throws OperatorError where there is no such interpreter
 */
export function startPython(
  interpreter: string,
  folder: string,
  signal: AbortSignal | undefined,
  onError: (line: string) => void,
): PythonProcess {
  signal?.throwIfAborted();
  const child = spawn(interpreter, folder);
  const ending = endWith(signal, child);
  const writer = child.stdin.getWriter();
  // Of what is written over, as progress bars are, the last state.
  const errors = readLines(outputOf(child.stderr, child.status), ({ text, overwritten }) => {
    if (!overwritten) onError(text);
  });
  return {
    messages: linesOf(outputOf(child.stdout, child.status)),
    send: (message) => writeTo(writer, `${JSON.stringify(message)}\n`),
    async ended() {
      const status = await child.status;
      ending.release();
      await errors;
      await writer.close().catch(() => {
        // Closed with the process.
      });
      return status.signal === null ? `with code ${status.code}` : `by ${status.signal}`;
    },
  };
}

function spawn(interpreter: string, folder: string): Deno.ChildProcess {
  try {
    return new Deno.Command(interpreter, {
      args: ["-u", "-c", PYTHON_PROGRAM],
      cwd: folder,
      env: { PYTHONUNBUFFERED: "1", PYTHONIOENCODING: "utf-8", PYTHONDONTWRITEBYTECODE: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new OperatorError(
      isFolder(folder)
        ? `python: there is no ${interpreter} (${
          systemReason(cause)
        }); install Python 3, or name one by interpreter`
        : `python: there is no folder ${folder}`,
      { cause },
    );
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    // Whatever keeps it from being looked at, it is none that can be worked in.
    return false;
  }
}
