/** `carillon status`: how the active Carillon is. */
import { z } from "zod";
import { localDateTime } from "../base/time_zone.ts";
import { sizeText } from "../locale/format.ts";
import { BROKEN } from "./answers.ts";
import { askServer } from "./ask_server.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print, table } from "./output.ts";
import { printable } from "./printable.ts";
import { HERE } from "./run_table.ts";
import { styled } from "./style.ts";

const SYSTEM = z.object({
  version: z.string(),
  started_at: z.iso.datetime(),
  state: z.string(),
  not_ready: z.array(z.string()),
  timezone: z.string(),
  tasks: z.int(),
  paused: z.int(),
  unfinished_runs: z.int(),
  workers: z.object({ busy: z.int(), most: z.int() }),
  history: z.object({ file: z.string().nullable(), bytes: z.int(), trouble: z.string().nullable() }),
  broken: BROKEN,
});

export const status: Command = {
  name: "status",
  usage: "",
  words: 0,
  summary: "how the active Carillon is; exit code 1 where it cannot do its work",
  flags: { json: { help: "as JSON" } },
  configured: true,
  asksServer: true,
  examples: [
    { line: "status", what: "of the Carillon of this folder" },
    { line: "status --url https://carillon.example.org", what: "of another one" },
  ],
  async run(given): Promise<ExitCode> {
    const answer = await askServer(given, { method: "GET", path: "/api/v1/system" });
    const system = SYSTEM.parse(answer);
    const isGood = system.state === "running" && system.not_ready.length === 0;
    if (given.own.has("json")) print(JSON.stringify(answer, null, 2));
    else for (const line of linesOf(system, isGood)) print(line);
    return isGood ? 0 : 1;
  },
};

function linesOf(system: z.output<typeof SYSTEM>, isGood: boolean): string[] {
  const { history, workers, broken, not_ready } = system;
  const rows = [
    ["state", styled(Deno.stdout, isGood ? "green" : "red", isGood ? "ready" : "not ready")],
    ...not_ready.map((why) => ["", printable(why)]),
    ["version", printable(system.version)],
    ["running since", `${localDateTime(Date.parse(system.started_at), HERE)} (${HERE})`],
    ["tasks", `${system.tasks}, ${system.paused} of them paused (${printable(system.timezone)})`],
    ["broken files", broken.length === 0 ? "none" : broken.map(({ file }) => printable(file)).join(", ")],
    ["runs", `${system.unfinished_runs} queued or running, ${workers.busy} of ${workers.most} workers busy`],
    [
      "history",
      history.file === null ? "in memory only" : `${printable(history.file)}, ${sizeText(history.bytes)}`,
    ],
    ...(history.trouble === null ? [] : [["", printable(history.trouble)]]),
  ];
  return table(rows);
}
