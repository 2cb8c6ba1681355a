/** `carillon serve`: the scheduler and its dashboard, until a signal ends it. */
import { createEmbeddedDatabases } from "../../datasource/datasource.ts";
import { settingsWarnings } from "../../datasource/settings.ts";
import { compose } from "../service/compose.ts";
import type { Config } from "../config/config.ts";
import { messageOf } from "../base/errors.ts";
import type { Journal } from "../base/journal.ts";
import { connectSystemd } from "../base/systemd.ts";
import type { Actor } from "../model/actor.ts";
import { systemClock } from "../scheduler/clock.ts";
import { FolderWatch } from "../task/watch.ts";
import type { Answer } from "../web/http/connection.ts";
import { createWebApp } from "../web/server.ts";
import { announceAuth } from "./announce_auth.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { listen } from "./listen.ts";
import { openLog } from "./log.ts";
import { ownFolder } from "./own_folder.ts";
import { supervise } from "./supervise.ts";
import { listenForSignals } from "./signals.ts";
import { VERSION } from "./version.ts";

export const serve: Command = {
  name: "serve",
  usage: "",
  words: 0,
  summary: "run the tasks and show them on the dashboard (the default command)",
  flags: {},
  configured: true,
  examples: [
    { line: "serve", what: "with the settings of carillon.ini in this folder; carillon alone does the same" },
    { line: "serve --host 0.0.0.0 --port 80", what: "open to other machines" },
  ],
  run: async (given) => await serveUntilSignal(loadConfig(given)),
};

/**
 * A signal that comes before the start is over ends the program at once: nothing was due yet, and whatever it waits for
 * may never come. The system gives back the lock of the folder, and the hosts end with this process.
 */
function endAtSignal(signals: Promise<Deno.Signal>, journal: Journal): { over(): void } {
  let isStarting = true;
  void signals.then((signal) => {
    if (!isStarting) return;
    journal.info(`${signal}: ended before the start was over`);
    Deno.exit(0);
  });
  return {
    over: () => {
      isStarting = false;
    },
  };
}

async function serveUntilSignal(config: Config): Promise<ExitCode> {
  using log = openLog(config);
  const { journal } = log;
  using systemd = connectSystemd(
    Deno.env.toObject(),
    (error) => journal.warn(`systemd cannot be notified: ${messageOf(error)}`),
  );
  const signals = listenForSignals(journal);
  const starting = endAtSignal(signals, journal);
  using _folder = ownFolder(config, systemClock.now(), journal);
  for (const sentence of config.warnings) journal.warn(sentence);
  for (const file of createEmbeddedDatabases(config.datasource.file)) {
    journal.debug(`embedded database ${file}`);
  }
  for (const sentence of settingsWarnings(config.datasource.file)) journal.warn(sentence);
  await using carillon = await compose(config, systemClock, journal);
  const { operations, queries, auth, hooks } = carillon;
  const app = createWebApp({ operations, queries, auth, hooks, journal, version: VERSION });
  const answer: Answer = (request, received) => app.fetch(request, received);
  const server = await listen(config, answer, journal);
  announceAuth(auth, server.port, journal);
  const actor: Actor = { channel: "cli" };
  const reload = () => operations.reload(actor);
  const watch = new FolderWatch({
    folder: config.scheduler.tasks,
    clock: systemClock,
    reload: () => operations.reload(actor, { again: false }),
    beside: () => carillon.packages.news(),
    onTrouble: (sentence) => journal.warn(sentence),
  });
  await watch.start();
  starting.over();
  await carillon.start();
  const supervised = supervise({ systemd, queries, reload, reopen: log.reopen, journal });
  using _supervised = supervised;
  const signal = await signals;
  systemd.notify({ kind: "stopping" }, { kind: "status", text: "waiting for runs that are going on" });
  journal.info(`${signal}: stopping; running tasks have ${config.scheduler.grace / 1_000} s to end`);
  await watch.stop();
  await carillon.stop();
  await server.stop();
  journal.info("stopped");
  return 0;
}
