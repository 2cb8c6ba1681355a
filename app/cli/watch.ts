/** `carillon watch`: the same executable elsewhere looks at a Carillon and alarms when it does not answer as it should. */
import { dirname, join } from "node:path";
import { type Config, ConfigError } from "../config/config.ts";
import { lookAt } from "../notify/look.ts";
import { Notifier } from "../notify/notifier.ts";
import { overNotice, systemNotice } from "../notify/notices.ts";
import { NotifyStore } from "../notify/store.ts";
import { readTargets, type Target } from "../notify/target.ts";
import { send } from "../notify/transport.ts";
import { readWatchSection } from "../notify/watch_section.ts";
import { type AlarmKind, ALARMS, LOOK_MS, Watcher } from "../notify/watcher.ts";
import { messageOf } from "../notify/words.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Journal } from "../base/journal.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { openLog } from "./log.ts";
import { wordsOf } from "./notify_words.ts";

export const watch: Command = {
  name: "watch",
  usage: "<address>",
  words: 1,
  summary: "look at a Carillon elsewhere and alarm when it is silent, late or its clock is wrong",
  flags: {
    notify: { value: "TARGET", help: "the [notify:…] section that alarms go to; the first when left out" },
  },
  configured: true,
  examples: [
    {
      line: "watch https://carillon.example --notify ops",
      what: "on another machine, with the same secret in [watch]",
    },
  ],
  async run(given): Promise<ExitCode> {
    const base = requiredWord(given, 0, "an address");
    if (!/^https?:\/\//.test(base) || !URL.canParse(base)) {
      throw new UsageError(`"${base}" is no address such as https://carillon.example`);
    }
    const config = loadConfig(given);
    await using log = openLog(config);
    const { secret } = readWatchSection(config.named);
    if (secret === undefined) {
      throw new ConfigError(
        'section [watch], key "secret": is missing; write the same secret here and where Carillon runs',
      );
    }
    const targets = chosen(readTargets(config.named, config.scheduler.timezone), given.own.get("notify"));
    const stopping = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => stopping.abort(new Error(signal)));
    }
    Deno.addSignalListener("SIGHUP", () => log.reopen());
    await watchUntil(stopping.signal, base, secret, targets, config, log.journal);
    return 0;
  },
};

/** The named target first, with all that may take over from it. */
function chosen(targets: readonly Target[], name: string | undefined): readonly Target[] {
  const known = targets.map((each) => each.name);
  const first = name ?? known[0];
  if (first === undefined) {
    throw new ConfigError("there is no section [notify:…]: nobody could be told of an alarm");
  }
  if (!known.includes(first)) {
    throw new UsageError(`there is no section [notify:${first}]; ${suggestion(first, known)}`);
  }
  // The others are there to take over only.
  const nothing = { events: new Set<never>(), folders: [], tags: [], tasks: [] };
  return targets.map((each) =>
    each.name === first
      ? {
        ...each,
        route: {
          ...each.route,
          events: new Set([...each.route.events, "watch" as const, "recovered" as const]),
        },
      }
      : { ...each, route: nothing }
  );
}

async function watchUntil(
  signal: AbortSignal,
  base: string,
  secret: string,
  targets: readonly Target[],
  config: Config,
  journal: Journal,
): Promise<void> {
  // With its port: two of them may be on one machine.
  const { host } = new URL(base);
  const notifier = composeNotifier(targets, config, journal, host);
  const watcher = new Watcher(host);
  const clock = systemClock;
  // Without a password that stands in it.
  const shown = `${new URL(base).protocol}//${host}`;
  const subjectOf = (kind: AlarmKind) => `watch/${host}/${kind}`;
  const said = new Map<AlarmKind, number>();
  notifier.start();
  journal.info(`watching ${shown}, every ${LOOK_MS / 1_000} s`);
  while (!signal.aborted) {
    const look = await lookAt(base, secret, signal);
    if (signal.aborted) break;
    const now = clock.now();
    if (look.kind === "none") journal.warn(`${shown}: ${look.why}`);
    const { alarms, certain } = watcher.see(look, now);
    for (const { kind, text } of alarms) {
      // Told at once; while it goes on the notifier is reminded, and repeats it at growing spaces.
      if (now - (said.get(kind) ?? -Infinity) < REMIND_MS) continue;
      said.set(kind, now);
      journal.error(text);
      notifier.hear(systemNotice("watch", subjectOf(kind), now, { error: text, values: { kind } }));
    }
    for (const kind of ALARMS.filter((each) => certain.includes(each))) {
      if (said.delete(kind) || notifier.isOpen(subjectOf(kind))) {
        notifier.hear(overNotice(subjectOf(kind), now));
      }
    }
    await clock.sleep(LOOK_MS, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
  await notifier.stop();
}

const REMIND_MS = 5 * 60_000;

function composeNotifier(
  targets: readonly Target[],
  config: Config,
  journal: Journal,
  host: string,
): Notifier {
  const file = join(config.scheduler.data, `watch-${host.replace(/[^\w.-]/g, "_")}.db`);
  Deno.mkdirSync(dirname(file), { recursive: true });
  const words = {
    ...wordsOf(config),
    baseUrl: "",
    machine: `${host} (watched from ${Deno.hostname()})`,
  };
  return new Notifier({
    clock: systemClock,
    targets,
    store: new NotifyStore({
      file,
      now: () => systemClock.now(),
      onTrouble: (message) => message !== undefined && journal.error(message),
    }),
    taskOf: () => undefined,
    compose: (delivery, target) => messageOf(delivery, target, words),
    send,
    onTried() {},
    onUndelivered: ({ target, answer }) => journal.error(`[notify:${target}] could not be told: ${answer}`),
    onFault: (sentence, thrown) => journal.error(sentence, thrown),
  });
}
