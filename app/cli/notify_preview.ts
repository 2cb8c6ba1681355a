/** `carillon notify preview`: what would be sent about a run that has failed; nothing is sent. */
import type { Config } from "../config/config.ts";
import { MemoryHistory } from "../history/memory.ts";
import { openToRead } from "../history/sqlite/reading.ts";
import { isBad, type Run } from "../model/run.ts";
import { previewsOf } from "../notify/preview.ts";
import { readTargets } from "../notify/target.ts";
import { messageOf } from "../notify/words.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { targetNamed, wordsOf } from "./notify_words.ts";
import { print } from "./output.ts";
import { printable } from "./printable.ts";

/** Runs of its task that are looked at for what has changed since. */
const LOOKED_AT = 1_000;

export const notifyPreview: Command = {
  name: "notify preview",
  usage: "[target]",
  words: 1,
  summary: "show what would be sent about a run that has failed; nothing is sent",
  flags: { run: { value: "ID", help: "about this run; the newest that failed when left out" } },
  configured: true,
  examples: [
    { line: "notify preview", what: "each target's message about the newest failure" },
    { line: "notify preview ops", what: "only that of [notify:ops]" },
  ],
  async run(given): Promise<ExitCode> {
    const config = loadConfig(given);
    const [name] = given.words;
    const targets = name === undefined
      ? readTargets(config.named, config.scheduler.timezone)
      : [targetNamed(config, name)];
    if (targets.length === 0) throw new UsageError("there is no section [notify:…]");
    const { run, reader } = failedRun(config, given.own.get("run"));
    const words = wordsOf(config, reader);
    const previews = await previewsOf(run, targets, (delivery, target) => messageOf(delivery, target, words));
    for (const { target, type, bytes, text } of previews) {
      print(`[notify:${target}] (${type}, ${bytes} bytes)`);
      for (const line of text.split("\n")) print(`  ${printable(line)}`);
    }
    return 0;
  },
};

/** A run of the history file, and a history with those of its task. */
function failedRun({ history: { file } }: Config, id: string | undefined) {
  if (file === "") throw new UsageError("[history] file is empty: no run is remembered");
  const reading = openToRead(file);
  try {
    let found: Run | undefined;
    for (const run of reading.runs()) {
      if (id === undefined ? isBad(run.status) : run.id === id) found = run;
    }
    if (!found) {
      throw new UsageError(id === undefined ? "no run has failed so far" : `there is no run ${id}`);
    }
    if (!isBad(found.status)) {
      throw new UsageError(`run ${found.id} is ${found.status}: nobody is told of it`);
    }
    const reader = new MemoryHistory(LOOKED_AT);
    for (const run of reading.runs()) if (run.taskId === found.taskId) reader.save(run);
    return { run: found, reader };
  } finally {
    reading.close();
  }
}
