/** `carillon reload`: has the active Carillon read its task folder again, now. */
import { z } from "zod";
import { BROKEN } from "./answers.ts";
import { askServer } from "./ask_server.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print, say } from "./output.ts";
import { printable } from "./printable.ts";

const RELOADED = z.object({ changed: z.array(z.string()), removed: z.array(z.string()), broken: BROKEN });

export const reload: Command = {
  name: "reload",
  usage: "",
  words: 0,
  summary: "read the task folder again, now; exit code 1 where a file is broken",
  flags: { json: { help: "as JSON" } },
  configured: true,
  asksServer: true,
  examples: [{ line: "reload", what: "it happens by itself, too, a moment after a file is saved" }],
  async run(given): Promise<ExitCode> {
    const answer = await askServer(given, { method: "POST", path: "/api/v1/reload" });
    const { changed, removed, broken } = RELOADED.parse(answer);
    if (given.own.has("json")) print(JSON.stringify(answer, null, 2));
    else {
      print(
        changed.length === 0 ? "no task has changed" : `read again: ${changed.map(printable).join(", ")}`,
      );
      if (removed.length > 0) print(`gone: ${removed.map(printable).join(", ")}`);
    }
    for (const { file, line, message } of broken) {
      say(`broken: ${printable(file)}${line === null ? "" : `:${line}`}: ${printable(message)}`);
    }
    return broken.length > 0 ? 1 : 0;
  },
};
