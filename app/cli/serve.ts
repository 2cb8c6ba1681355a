/** `carillon serve`: the scheduler and its dashboard, until a signal ends it. */
import { createEmbeddedDatabases } from "../../datasource/datasource.ts";
import { settingsWarnings } from "../../datasource/settings.ts";
import { type Application, compose } from "../service/compose.ts";
import type { Config } from "../config/config.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import type { Journal } from "../base/journal.ts";
import { openFilesLimit } from "../base/open_files.ts";
import { connectSystemd } from "../base/systemd.ts";
import type { Actor } from "../model/actor.ts";
import { systemClock } from "../scheduler/clock.ts";
import { FolderWatch } from "../task/watch.ts";
import type { Answer } from "../web/http/connection.ts";
import { within } from "../web/http/limits.ts";
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
  run: async (given) => {
    refuseFewOpenFiles(openFilesLimit());
    return await serveUntilSignal(loadConfig(given));
  },
};

/**
 * Open files that a Carillon with its history, its dashboard and one busy task host has need of: 44 were counted, and four
 * connections. With fewer it would be there and could neither run a task nor answer anybody.
 */
const LEAST_OPEN_FILES = 64;

/** @throws OperatorError where the system allows this process too few open files */
export function refuseFewOpenFiles(limit: number | undefined): void {
  if (limit === undefined || limit >= LEAST_OPEN_FILES) return;
  throw new OperatorError(
    `this process may have ${limit} files open at one time, and Carillon needs ${LEAST_OPEN_FILES} at the least; raise the limit (ulimit -n, LimitNOFILE= in systemd's unit), 1024 are enough for most`,
  );
}

/** How long the start, or what is to be undone of it, may take once a signal has come: what it waits for may never come. */
const EARLY_MS = 5_000;

/** A Carillon in which nothing is due yet. */
interface Prepared extends AsyncDisposable {
  readonly carillon: Application;
  /** What reads the tasks anew. */
  readonly reload: () => Promise<unknown>;
  stop(): Promise<void>;
}

/** @param ending aborted where a signal has come: what has been begun is ended, and nobody is let in any more */
async function prepare(config: Config, journal: Journal, ending: AbortSignal): Promise<Prepared> {
  for (const sentence of config.warnings) journal.warn(sentence);
  for (const file of createEmbeddedDatabases(config.datasource.file)) {
    journal.debug(`embedded database ${file}`);
  }
  for (const sentence of settingsWarnings(config.datasource.file)) journal.warn(sentence);
  const carillon = await compose(config, systemClock, journal);
  try {
    ending.throwIfAborted();
    const { operations, queries, auth, hooks } = carillon;
    const app = createWebApp({ operations, queries, auth, hooks, journal, version: VERSION });
    const answer: Answer = (request, received) => app.fetch(request, received);
    const server = await listen(config, answer, journal);
    announceAuth(auth, server.port, journal);
    const actor: Actor = { channel: "cli" };
    const watch = new FolderWatch({
      folder: config.scheduler.tasks,
      clock: systemClock,
      reload: () => operations.reload(actor, { again: false }),
      beside: () => carillon.packages.news(),
      onTrouble: (sentence) => journal.warn(sentence),
    });
    await watch.start();
    let stopped: Promise<void> | undefined;
    const stop = () =>
      stopped ??= (async () => {
        await watch.stop();
        await carillon.stop();
        await server.stop();
      })();
    return { carillon, reload: () => operations.reload(actor), stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await carillon.stop();
    throw error;
  }
}

/**
 * A signal has come before the start was over: nothing was due yet. What has been begun is ended as it would be later; where
 * that takes too long the system takes back what is left, and the hosts end with this process.
 */
async function endEarly(starting: Promise<Prepared>, journal: Journal): Promise<void> {
  const ended = starting.then((prepared) => prepared.stop());
  try {
    await within(EARLY_MS, ended);
  } catch (error) {
    journal.debug(`the start was not over: ${messageOf(error)}`);
  }
}

async function serveUntilSignal(config: Config): Promise<ExitCode> {
  await using log = openLog(config);
  const { journal } = log;
  using systemd = connectSystemd(
    Deno.env.toObject(),
    (error) => journal.warn(`systemd cannot be notified: ${messageOf(error)}`),
  );
  const signals = listenForSignals(journal, log.flush);
  using _folder = ownFolder(config, systemClock.now(), journal);
  const ending = new AbortController();
  const starting = prepare(config, journal, ending.signal);
  const early = await Promise.race([signals, starting.then(() => undefined)]);
  if (early !== undefined) {
    journal.info(`${early}: ended before the start was over`);
    ending.abort(new Error(early));
    await endEarly(starting, journal);
    return 0;
  }
  await using prepared = await starting;
  const { carillon, reload } = prepared;
  await carillon.start();
  const supervised = supervise({
    systemd,
    queries: carillon.queries,
    reload,
    reopen: log.reopen,
    journal,
  });
  using _supervised = supervised;
  const signal = await signals;
  systemd.notify({ kind: "stopping" }, { kind: "status", text: "waiting for runs that are going on" });
  journal.info(`${signal}: stopping; running tasks have ${config.scheduler.grace / 1_000} s to end`);
  await prepared.stop();
  journal.info("stopped");
  return 0;
}
