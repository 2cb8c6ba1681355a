/** Which runs are told to the address of their task's `ping`, and regular pings of Carillon as a whole. */
import type { Journal } from "../base/journal.ts";
import type { Config } from "../config/config.ts";
import type { Clock, RunReader, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import type { Run } from "../model/run.ts";
import { Pings } from "../notify/pings.ts";
import type { WatchSection } from "../notify/watch_section.ts";
import { Every } from "../notify/watches/every.ts";
import { PING_MS, type PingKind, sendPing } from "../notify/watches/ping.ts";
import { isPingAddress } from "../policy/ping.ts";
import type { Task } from "../task/task.ts";
import type { Readiness } from "./readiness.ts";

export interface PingsOfParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly journal: Journal;
  readonly history: Pick<RunReader, "lines">;
  readonly taskOf: (id: string) => Task | undefined;
  readonly readiness: Readiness;
  readonly watch: WatchSection;
}

/** Lines of a log that are told of a run that failed. */
const LAST_LINES = 50;

export interface ComposedPings {
  /** Tells of runs, also of those that a stop ends. */
  readonly runPings: Service;
  /** Tells of Carillon as a whole, as long as it is active. */
  readonly wholePings: readonly Service[];
}

export function composePings(parts: PingsOfParts): ComposedPings {
  return { runPings: taskPings(parts), wholePings: wholePings(parts) };
}

/** A run by hand on the command line is told to nobody. */
function taskPings(parts: PingsOfParts): Service {
  const { clock, events, journal, history } = parts;
  const pings = new Pings({
    clock,
    onTrouble: (task, why) =>
      why === undefined
        ? journal.info(`task ${task}: its pings are taken again`, { task })
        : journal.warn(`task ${task}: its pings are not taken: ${why}`, { task }),
  });
  const add = (run: Run, kind: PingKind, body: () => Promise<string>) => {
    if (run.cause === "cli") return;
    const url = addressOf(parts, run.taskId);
    if (url !== undefined) pings.add({ task: run.taskId, run: run.id, kind, url, body });
  };
  events.on("run.started", (event) => {
    if (event.run.attempt === 1) add(event.run, "start", () => Promise.resolve(""));
  });
  events.on("run.ended", ({ run }) => {
    // One that never began was not told of; that it did not, the service finds by itself.
    if (run.startedAt === undefined) return;
    if (run.status === "succeeded") add(run, "success", () => Promise.resolve(run.message ?? ""));
    else add(run, "fail", () => lastLines(run, history));
  });
  return pings;
}

async function lastLines(run: Run, history: Pick<RunReader, "lines">): Promise<string> {
  const lines = (await history.lines(run.id)).slice(-LAST_LINES).map(({ text }) => text);
  const { status, error, message } = run;
  return [`${status}: ${error?.message ?? message ?? ""}`, ...lines].join("\n");
}

/** Undefined where it has none, or its secret is none; the journal says so. */
function addressOf({ config, taskOf, journal }: PingsOfParts, taskId: string): string | undefined {
  const ping = taskOf(taskId)?.description.policies.ping;
  if (!ping) return undefined;
  if ("url" in ping) return ping.url;
  const url = Object.hasOwn(config.secrets, ping.secret) ? config.secrets[ping.secret] : undefined;
  if (url !== undefined && isPingAddress(url)) return url;
  journal.warn(`task ${taskId}: ping: [secrets] ${ping.secret} is no http or https address`, {
    task: taskId,
  });
  return undefined;
}

/** Each minute while all is well, and `…/fail` with the reasons when it is not. */
function wholePings({ clock, journal, readiness, watch: { ping: url } }: PingsOfParts): readonly Service[] {
  if (url === undefined) return [];
  const never = new AbortController().signal;
  let failing = false;
  const look = async () => {
    const why = readiness.check().map((each) => each.why);
    const kind = why.length === 0 ? "success" : "fail";
    const trouble = await sendPing(url, kind, undefined, why.join("\n"), never);
    if (trouble !== undefined && !failing) journal.warn(`[watch] ping: it is not taken: ${trouble}`);
    if (trouble === undefined && failing) journal.info("[watch] ping: it is taken again");
    failing = trouble !== undefined;
  };
  return [new Every(clock, PING_MS, look, (sentence) => journal.warn(`[watch] ping: ${sentence}`))];
}
