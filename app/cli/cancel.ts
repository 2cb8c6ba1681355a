/** `carillon cancel`: asks the Carillon that is active here to end a run, or a whole backfill. */
import { requiredWord } from "./arguments.ts";
import { askServer } from "./ask_server.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print } from "./output.ts";

const PATHS = { run: "runs", backfill: "backfills", plan: "planned" } as const;

export const cancel: Command = {
  name: "cancel",
  usage: "<run | backfill | plan id>",
  words: 1,
  summary:
    "end a run, a backfill with all its runs, or a run that is planned, of the Carillon that is active here",
  flags: {},
  configured: true,
  asksServer: true,
  examples: [
    { line: "cancel 0195b3c1-7d52-7b1a-9a0e-3f1d2c4b5a69", what: "the id is on the run's page" },
    { line: "cancel bf-mblz3k-4f2a", what: 'the id is in "carillon backfills"' },
  ],
  async run(given): Promise<ExitCode> {
    const id = requiredWord(given, 0, "a run or a backfill");
    const kind = kindOf(id);
    await askServer(given, {
      method: "POST",
      path: `/api/v1/${PATHS[kind]}/${encodeURIComponent(id)}/cancel`,
    });
    print(`${kind} ${id} is being ended`);
    return 0;
  },
};

function kindOf(id: string): keyof typeof PATHS {
  if (id.startsWith("bf-")) return "backfill";
  return id.startsWith("plan-") ? "plan" : "run";
}
