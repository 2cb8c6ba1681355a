/** What the commands about notifications have in common: a target by its name, and what words are made of. */
import { suggestion } from "../base/suggestion.ts";
import type { Config } from "../config/config.ts";
import type { RunReader } from "../contracts.ts";
import { MemoryHistory } from "../history/memory.ts";
import { readTargets, type Target } from "../notify/target.ts";
import type { WordsParts } from "../notify/words.ts";
import { UsageError } from "./errors.ts";

/** @throws UsageError for a section that there is not */
export function targetNamed(config: Config, name: string): Target {
  const targets = readTargets(config.named, config.scheduler.timezone);
  const target = targets.find((each) => each.name === name);
  if (target) return target;
  throw new UsageError(
    `there is no section [notify:${name}]; ${suggestion(name, targets.map((each) => each.name))}`,
  );
}

/** @param reader what is asked of the history; nothing where it is left out */
export function wordsOf(
  { server, scheduler }: Config,
  reader: RunReader = new MemoryHistory(1),
): WordsParts {
  return {
    reader,
    titleOf: (taskId) => taskId,
    zoneOf: () => scheduler.timezone,
    changedAt: () => Promise.resolve(undefined),
    baseUrl: server.base_url,
    machine: Deno.hostname(),
    timezone: scheduler.timezone,
  };
}
