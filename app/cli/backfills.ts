/** `carillon backfills`: how far the backfills of the Carillon that is active here are. */
import { z } from "zod";
import { askServer } from "./ask_server.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print, table } from "./output.ts";

const BACKFILLS = z.object({
  backfills: z.array(z.object({
    id: z.string(),
    task: z.string(),
    state: z.string(),
    from: z.string(),
    total: z.int(),
    going: z.array(z.string()),
    ended: z.record(z.string(), z.int()),
  })),
});

export const backfills: Command = {
  name: "backfills",
  usage: "",
  words: 0,
  summary: "how far each backfill is",
  flags: { json: { help: "as JSON" } },
  configured: true,
  asksServer: true,
  examples: [{ line: "backfills", what: "the newest first" }],
  async run(given): Promise<ExitCode> {
    const answer = await askServer(given, { method: "GET", path: "/api/v1/backfills" });
    if (given.own.has("json")) {
      print(JSON.stringify(answer, null, 2));
      return 0;
    }
    const { backfills } = BACKFILLS.parse(answer);
    if (backfills.length === 0) print("no backfills");
    else {
      const rows = backfills.map(({ id, task, state, total, going, ended }) => [
        id,
        task,
        state,
        `${Object.values(ended).reduce((sum, n) => sum + n, 0)} of ${total}`,
        String(going.length),
        Object.entries(ended).map(([status, n]) => `${n} ${status}`).join(", ") || "-",
      ]);
      for (const line of table([["BACKFILL", "TASK", "STATE", "OVER", "GOING", "ENDED"], ...rows])) {
        print(line);
      }
    }
    return 0;
  },
};
