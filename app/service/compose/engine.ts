/** The engine of a whole Carillon: on its hosts, with files for what it must still know after a stop; and what tells it of changed tasks. */
import { join } from "node:path";
import manifest from "../../../deno.json" with { type: "json" };
import { ArrivalFiles } from "../arrival_files.ts";
import { BackfillFiles } from "../backfill_files.ts";
import { composeEngine, type Engine } from "../engine.ts";
import { PlannedFiles } from "../planned_files.ts";
import { Reloader } from "../reload.ts";
import type { Files } from "./files.ts";
import type { Ground } from "./ground.ts";
import type { Tasks } from "./tasks.ts";

export interface WholeEngine extends Engine {
  readonly reloader: Reloader;
}

/** What a Carillon is without whoever looks at it. */
export type Works = Ground & Files & Tasks & WholeEngine;

export async function composeWholeEngine(parts: Ground & Files & Tasks): Promise<WholeEngine> {
  const { clock, events, journal, history, marks, mirror, mask, hosts, registry, triggers, taskOf } = parts;
  const { data, workers, grace, timeout } = parts.config.scheduler;
  const say = (sentence: string) => journal.error(sentence);
  const engine = await composeEngine({
    clock,
    events,
    history,
    executor: hosts.executor,
    triggers,
    tasks: () => registry.tasks.values(),
    taskOf,
    mask,
    original: (text) => mirror.original(text),
    filesOf: (task) => registry.filesOf(task),
    prepare: (task) => registry.prepare(task),
    traceparentOf: parts.tracing.traceparentOf,
    machine: Deno.hostname(),
    program: manifest.version,
    ahead: marks,
    lastAlive: marks.lastAlive(),
    backfillLog: new BackfillFiles(join(data, "backfills"), say),
    plannedLog: new PlannedFiles(join(data, "planned"), say),
    arrivalLog: new ArrivalFiles(join(data, "files"), say),
    workers,
    graceMs: grace,
    timeoutMs: timeout,
  });
  const { dispatcher, scheduler } = engine;
  const reloader = new Reloader({ clock, events, registry, triggers, dispatcher, scheduler, history });
  return { ...engine, reloader };
}
