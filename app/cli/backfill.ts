/** `carillon backfill`: runs for the due instants of a past range, by the Carillon that is active here. */
import { z } from "zod";
import { previewJson } from "../api/v1/shapes/backfill.ts";
import { localDateTime } from "../base/time_zone.ts";
import { duration } from "../locale/format.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import { askServer, NoServerError } from "./ask_server.ts";
import type { Arguments, Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { openToLook } from "./offline.ts";
import { print, say } from "./output.ts";
import { paramWords } from "./run.ts";

/** So many instants of a preview are printed from each end. */
const SHOWN = 5;

export const backfill: Command = {
  name: "backfill",
  usage: "<task> [name=value …]",
  words: Infinity,
  summary: "run a task for each due instant of a past range, beside its schedule",
  flags: {
    from: { value: "MOMENT", help: "begin of the range, such as 2026-03-01 or 2026-03-01T08:00" },
    to: { value: "MOMENT", help: "its end, which belongs to it; a date alone is the whole day" },
    "at-once": {
      value: "N",
      help: "most of its runs at one time (1), never more than the task's concurrency",
    },
    dry: { help: "show what it would do; also where no Carillon is active" },
    confirm: { value: "ID", help: "the task's id once more, where the task asks for it" },
    json: { help: "as JSON" },
  },
  configured: true,
  asksServer: true,
  examples: [
    {
      line: "backfill sync_orders --from 2026-03-01 --to 2026-03-07 --dry",
      what: "which instants those are",
    },
    {
      line: "backfill sync_orders --from 2026-03-01 --to 2026-03-07",
      what: "start it; it goes on after a restart",
    },
    {
      line: "backfill sync_orders shop=north --from 2026-03-01 --to 2026-03-07 --at-once 2",
      what: "with a parameter, two at a time",
    },
  ],
  async run(given): Promise<ExitCode> {
    const id = requiredWord(given, 0, "a task");
    const request = requestOf(given);
    if (given.own.has("dry")) await preview(given, id, request);
    else await start(given, id, request);
    return 0;
  },
};

interface Request {
  readonly from: string;
  readonly to: string;
  readonly at_once?: number | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly confirm?: string | undefined;
}

function requestOf(given: Arguments): Request {
  const { own, usage, words } = given;
  const from = own.get("from");
  const to = own.get("to");
  if (from === undefined || to === undefined) {
    throw new UsageError(`name the range with --from and --to; usage: ${usage}`);
  }
  const atOnce = own.get("at-once");
  if (atOnce !== undefined && !/^\d{1,4}$/.test(atOnce)) {
    throw new UsageError(`flag --at-once: "${atOnce}" is not a whole number`);
  }
  const params = Object.fromEntries(paramWords(words.slice(1), usage));
  const confirm = own.get("confirm");
  return { from, to, at_once: atOnce === undefined ? undefined : Number(atOnce), params, confirm };
}

const STARTED = z.object({ backfill: z.object({ id: z.string(), total: z.int(), at_once: z.int() }) });

async function start(given: Arguments, taskId: string, request: Request): Promise<void> {
  const path = `/api/v1/tasks/${encodeURIComponent(taskId)}/backfills`;
  const answer = await askServer(given, { method: "POST", path, body: request });
  if (given.own.has("json")) {
    print(JSON.stringify(answer));
    return;
  }
  const { backfill: { id, total, at_once } } = STARTED.parse(answer);
  print(`backfill ${id} of task ${taskId} was started: ${total} runs, ${at_once} at a time`);
  print(`"carillon backfills" shows how far it is, "carillon cancel ${id}" ends it`);
}

const PREVIEW = z.object({
  timezone: z.string(),
  at_once: z.int(),
  instants: z.array(z.iso.datetime()),
  closed: z.int(),
  about_ms: z.number().nullable(),
});
type Preview = z.output<typeof PREVIEW>;

async function preview(given: Arguments, taskId: string, request: Request): Promise<void> {
  const shown = await previewOf(given, taskId, request);
  if (given.own.has("json")) print(JSON.stringify(shown));
  else for (const line of previewLines(taskId, PREVIEW.parse(shown))) print(line);
}

/** The server knows since when it has known the task; without one the task files say what they can. */
async function previewOf(given: Arguments, taskId: string, request: Request): Promise<unknown> {
  const path = `/api/v1/tasks/${encodeURIComponent(taskId)}/backfills`;
  try {
    return await askServer(given, { method: "POST", path, body: { ...request, dry: true } });
  } catch (error) {
    if (!(error instanceof NoServerError) || given.own.has("url")) throw error;
    say("no Carillon is active here: this is what the task files say");
  }
  await using opened = await openToLook(loadConfig(given));
  const { from, to, at_once: atOnce } = request;
  return previewJson(await opened.carillon.queries.backfills.preview(taskId, { from, to, atOnce }));
}

function previewLines(taskId: string, { timezone, at_once, instants, closed, about_ms }: Preview): string[] {
  const runs = instants.length === 1 ? "1 run" : `${instants.length} runs`;
  const about = about_ms === null ? "" : `, about ${duration(about_ms, "en")}`;
  const shown = instants.map((at) => `  ${localDateTime(Date.parse(at), timezone)}`);
  const hidden = shown.length - 2 * SHOWN;
  const lines = hidden <= 0
    ? shown
    : [...shown.slice(0, SHOWN), `  … ${hidden} more`, ...shown.slice(-SHOWN)];
  return [
    `a backfill of task ${taskId} has ${runs}, ${at_once} at a time${about} (${timezone}):`,
    ...lines,
    ...(closed === 0
      ? []
      : [`${closed} more instants are closed by its calendar or a blackout and get none`]),
  ];
}
