/** Carillon without its history file and without a server: what the commands that only look around work with. */
import { Carillon } from "../carillon.ts";
import type { Config } from "../config.ts";
import { createJournal } from "../journal.ts";
import { systemClock } from "../scheduler/clock.ts";
import { writeAll } from "./output.ts";

/** Loads the task files; nothing is recorded and nothing becomes due. Only errors are logged. */
export async function openForLook(config: Config): Promise<Carillon> {
  const journal = createJournal({ level: "error", write: (line) => writeAll(Deno.stderr, line) });
  return await Carillon.open({ ...config, history: { ...config.history, file: "" } }, systemClock, {
    ...journal,
    error: () => {},
  });
}
