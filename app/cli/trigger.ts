/** `carillon trigger`: starts a run of a task, and waits for its end where asked to. */
import { z } from "zod";
import { problemText, readParams } from "../task/params.ts";
import { RUN } from "./answers.ts";
import { requiredWord } from "./arguments.ts";
import { askServer } from "./ask_server.ts";
import type { Arguments, Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { withNearest } from "./nearest_task.ts";
import { print, say } from "./output.ts";
import { printable } from "./printable.ts";
import { paramWords } from "./run.ts";
import { followLog } from "./run_log.ts";

const TASK = z.object({
  params: z.array(
    z.object({ name: z.string(), required: z.boolean(), schema: z.record(z.string(), z.unknown()) }),
  ),
  open_params: z.boolean(),
});
const STARTED = z.object({ run: RUN });

export const trigger: Command = {
  name: "trigger",
  usage: "<task> [name=value …]",
  words: Infinity,
  summary: "start a run of a task by the Carillon that is active",
  flags: {
    wait: { short: "w", help: "show its log until it has ended; exit code 1 where it did not succeed" },
    json: { help: "the run as JSON" },
    note: { value: "TEXT", help: "why, kept with the run" },
    confirm: { value: "ID", help: "the task's id once more, where the task asks for it" },
  },
  configured: true,
  asksServer: true,
  examples: [
    { line: "trigger sync_orders", what: "with the parameters' defaults" },
    { line: "trigger sync_orders begin=2026-03-01 --wait", what: "as a step of a script" },
    {
      line: "trigger sync_orders --url https://carillon.example.org",
      what: "elsewhere; CARILLON_TOKEN has the token",
    },
  ],
  async run(given): Promise<ExitCode> {
    const id = requiredWord(given, 0, "a task");
    const words = paramWords(given.words.slice(1), given.usage);
    const params = await paramsOf(given, id, words);
    const path = `/api/v1/tasks/${encodeURIComponent(id)}/runs`;
    const body = { params, note: given.own.get("note"), confirm: given.own.get("confirm") };
    const { run } = STARTED.parse(await askServer(given, { method: "POST", path, body }));
    if (!given.own.has("wait")) {
      const state = run.status === "awaiting_approval"
        ? "waits for another person to approve it"
        : "was started";
      print(given.own.has("json") ? JSON.stringify(run, null, 2) : `run ${run.id} of task ${id} ${state}`);
      return 0;
    }
    const ended = await followLog(given, run.id, ({ level, text }) => {
      say(`${level.toUpperCase().padEnd(5)} ${printable(text)}`);
    });
    if (given.own.has("json")) print(JSON.stringify(ended, null, 2));
    else if (ended.status === "succeeded") print(printable(ended.message ?? "succeeded"));
    else {
      const why = ended.error ? `${ended.error.name}: ${ended.error.message}` : ended.message;
      say(printable(why === null ? ended.status : `${ended.status}: ${why}`));
    }
    return ended.status === "succeeded" ? 0 : 1;
  },
};

/** The texts that were typed, as what the task wants them to be. */
async function paramsOf(
  given: Arguments,
  id: string,
  words: readonly (readonly [string, string])[],
): Promise<Readonly<Record<string, unknown>>> {
  const path = `/api/v1/tasks/${encodeURIComponent(id)}`;
  const answer = await withNearest(given, id, () => askServer(given, { method: "GET", path }));
  const { params, open_params: open } = TASK.parse(answer);
  const read = readParams(words, { fields: params, open });
  if (!read.ok) throw new UsageError(`task ${id}: ${problemText(read.problems)}`);
  return read.params;
}
