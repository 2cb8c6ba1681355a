/** `carillon history`: the runs there were, by filter. */
import { readDateText } from "../base/date_text.ts";
import { nearest } from "../base/suggestion.ts";
import { RUN_CAUSES, RUN_STATUSES } from "../model/run.ts";
import { type AnsweredRun, RUNS } from "./answers.ts";
import { askServer } from "./ask_server.ts";
import type { Arguments, Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { withNearest } from "./nearest_task.ts";
import { print, table } from "./output.ts";
import { HERE, historyRows } from "./run_table.ts";

const USUAL = 20;
const MOST = 100_000;
/** Runs that are asked for at once. */
const PAGE = 1_000;

export const history: Command = {
  name: "history",
  usage: "[task]",
  words: 1,
  summary: "the runs there were, the newest first, by filter",
  flags: {
    status: { value: "STATUS", help: `${RUN_STATUSES.join(", ")}; several with commas` },
    cause: { value: "CAUSE", help: `${RUN_CAUSES.join(", ")}; several with commas` },
    from: { value: "MOMENT", help: "queued at that time or later, such as 2026-03-01 or 2026-03-01T08:00" },
    to: { value: "MOMENT", help: "queued before that time; a date alone is the whole day" },
    text: { value: "TEXT", help: "with this text in what they said" },
    n: { value: "N", short: "n", help: `most runs that are shown (${USUAL})` },
    json: { help: "as JSON lines" },
  },
  configured: true,
  asksServer: true,
  examples: [
    { line: "history", what: "the newest runs of all tasks" },
    {
      line: "history sync_orders --status failed,timed_out --from 2026-03-01",
      what: "what went wrong in March",
    },
    { line: "history --json -n 1000 | jq -r .id", what: "the ids of the newest thousand" },
  ],
  async run(given): Promise<ExitCode> {
    const [task] = given.words;
    const query = queryOf(given);
    if (task !== undefined) {
      query.set("task", task);
      // A task that is not there has no runs: that alone would not say so.
      const path = `/api/v1/tasks/${encodeURIComponent(task)}`;
      await withNearest(given, task, () => askServer(given, { method: "GET", path }));
    }
    const runs = await collected(given, query, countOf(given));
    if (given.own.has("json")) { for (const run of runs) print(JSON.stringify(run)); }
    else if (runs.length === 0) print("no run matches");
    else for (const line of table(historyRows(runs))) print(line);
    return 0;
  },
};

async function collected(given: Arguments, query: URLSearchParams, count: number): Promise<AnsweredRun[]> {
  const runs: AnsweredRun[] = [];
  for (let more = true; more && runs.length < count;) {
    query.set("limit", String(Math.min(PAGE, count - runs.length)));
    const page = RUNS.parse(await askServer(given, { method: "GET", path: `/api/v1/runs?${query}` }));
    runs.push(...page.runs);
    more = page.next !== null;
    if (page.next !== null) query.set("before", page.next);
  }
  return runs;
}

function queryOf({ own }: Arguments): URLSearchParams {
  const query = new URLSearchParams();
  const [status, cause, from, to, text] = ["status", "cause", "from", "to", "text"].map((name) =>
    own.get(name)
  );
  if (status !== undefined) query.set("status", listOf("status", status, RUN_STATUSES));
  if (cause !== undefined) query.set("cause", listOf("cause", cause, RUN_CAUSES));
  if (from !== undefined) query.set("from", momentOf("from", from, false));
  if (to !== undefined) query.set("to", momentOf("to", to, true));
  if (text !== undefined) query.set("text", text);
  return query;
}

function countOf({ own }: Arguments): number {
  const text = own.get("n") ?? String(USUAL);
  if (/^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST) return Number(text);
  throw new UsageError(`flag -n: "${text}" is not a whole number from 1 to ${MOST}`);
}

function listOf(flag: string, text: string, known: readonly string[]): string {
  const words = text.split(",").map((word) => word.trim());
  const odd = words.find((word) => !known.includes(word));
  if (odd === undefined) return words.join(",");
  const near = nearest(odd, known);
  const hint = near === undefined ? `known are: ${known.join(", ")}` : `did you mean "${near}"?`;
  throw new UsageError(`flag --${flag}: "${odd}" is none; ${hint}`);
}

/** On the wall clock of this machine, where the text has no offset. */
function momentOf(flag: string, text: string, isEnd: boolean): string {
  const read = readDateText(text);
  if (!read) {
    throw new UsageError(
      `flag --${flag}: "${text}" is not a date and time such as 2026-03-01 or 2026-03-01T08:00`,
    );
  }
  if (read.kind === "instant") return read.instant.toString();
  const time = isEnd && !read.timed ? read.time.add({ days: 1 }) : read.time;
  return time.toZonedDateTime(HERE).toInstant().toString();
}
