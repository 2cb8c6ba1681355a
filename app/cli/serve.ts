/** `carillon serve`: the scheduler and its dashboard, until a signal ends it. */
import { createEmbeddedDatabases } from "../../datasource/datasource.ts";
import { settingsWarnings } from "../../datasource/settings.ts";
import { Carillon } from "../carillon.ts";
import type { Config } from "../config.ts";
import { createJournal, type Journal } from "../journal.ts";
import { systemClock } from "../scheduler/clock.ts";
import { watchFolder } from "../task/watch.ts";
import { createWebApp } from "../web/app.ts";
import { isLoopback } from "../web/origin.ts";
import { expectWords, loadConfig, readArguments } from "./arguments.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { writeAll } from "./output.ts";
import { VERSION } from "./version.ts";

export async function serve(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args);
  expectWords(given, 0, "carillon serve [flags]");
  const config = loadConfig(given);
  const journal = systemJournal(config);
  const signals = listenForSignals(["SIGTERM", "SIGINT"], journal);
  for (const file of createEmbeddedDatabases(config.datasource.file)) {
    journal.debug(`embedded database ${file}`);
  }
  for (const sentence of settingsWarnings(config.datasource.file)) journal.warn(sentence);
  await using carillon = await Carillon.open(config, systemClock, journal);
  const server = listen(config, createWebApp({ carillon, version: VERSION }).fetch, journal);
  await using _watch = watchFolder(config.scheduler.tasks, systemClock, () => carillon.reload(), journal);
  // What was written between the first reading and the beginning of the watch is not passed over.
  await carillon.reload();
  carillon.start();
  const signal = await signals;
  journal.info(`${signal}: stopping; running tasks have ${config.scheduler.grace / 1_000} s to end`);
  await carillon.stop();
  await server.shutdown();
  journal.info("stopped");
  return 0;
}

/** Log lines on standard error; journald stamps them itself. */
function systemJournal(config: Config): Journal {
  const stamped = Deno.env.get("JOURNAL_STREAM") === undefined;
  return createJournal({
    level: config.log.level,
    ...(stamped ? { now: systemClock.now } : {}),
    write: (line) => writeAll(Deno.stderr, line),
  });
}

function listen(config: Config, fetch: Deno.ServeHandler, journal: Journal): Deno.HttpServer {
  const { host, port } = config.server;
  try {
    return Deno.serve({
      hostname: host,
      port,
      onListen: ({ hostname, port }) => announce(hostname, port, journal),
    }, fetch);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "another program listens there"
      : (cause as Error).message;
    throw new UsageError(
      `cannot listen on ${host}, port ${port}: ${reason}; set [server] host and port, or --host and --port`,
      { cause },
    );
  }
}

function announce(hostname: string, port: number, journal: Journal): void {
  const shown = hostname.includes(":") ? `[${hostname}]` : hostname;
  if (isLoopback(hostname)) {
    journal.info(
      `Carillon ${VERSION} listens on http://localhost:${port} (${shown} only: this machine; [server] host opens it to others)`,
    );
  } else {
    journal.info(`Carillon ${VERSION} listens on http://${shown}:${port}`);
    journal.warn(`everybody who reaches ${shown}:${port} can see and run the tasks: there is no sign-in`);
  }
}

/** Resolves with the first of the signals; the second ends the program at once. */
function listenForSignals(signals: readonly Deno.Signal[], journal: Journal): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    let heard = false;
    for (const signal of signals) {
      Deno.addSignalListener(signal, () => {
        if (heard) {
          journal.warn(`${signal} again: ended at once`);
          Deno.exit(1);
        }
        heard = true;
        resolve(signal);
      });
    }
  });
}
