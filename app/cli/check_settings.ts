/** What is wrong with settings that can be read: what they name is not there, or `serve` would refuse it. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { checkMode } from "../auth/mode.ts";
import { Roles } from "../auth/roles.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";
import { type Config, placeOf } from "../config/config.ts";
import { readTargets } from "../notify/target.ts";
import { readWatchSection } from "../notify/watch_section.ts";
import { CertificateFiles } from "../web/http/certificate.ts";
import { Port } from "../web/http/entrance.ts";
import { whyNoFolder, whyUnwritable } from "./offline.ts";

/** A sentence for each mistake, with its place; nothing is made and nothing is begun. */
export function settingsMistakes(config: Config): readonly string[] {
  return [
    ...taskFolder(config),
    ...files(config),
    ...certificate(config),
    ...told(() => checkMode(config)),
    ...told(() => new Roles(config.named)),
    ...told(() => readTargets(config.named, config.scheduler.timezone)),
    ...told(() => readWatchSection(config.named)),
  ];
}

/** What a reader of settings refuses: its sentence has the place. */
function told(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof OperatorError) return [error.message];
    throw error;
  }
}

/** `serve` makes a folder that nobody has named. */
function taskFolder(config: Config): string[] {
  const { tasks } = config.scheduler;
  if (!config.places.has("scheduler.tasks")) return [];
  const why = whyNoFolder(tasks);
  return why === undefined ? [] : [`${placeOf(config, "scheduler", "tasks")}: ${why}`];
}

function files(config: Config): string[] {
  const { datasource, history, log, server } = config;
  const mistakes: string[] = [];
  const say = (place: string, why: string | undefined) =>
    why === undefined || mistakes.push(`${place}: ${why}`);
  if (config.places.has("datasource.file")) {
    say(placeOf(config, "datasource", "file"), whyNoFile(datasource.file));
  }
  // These are made, and so are the folders of the history; those of the other two are not.
  if (history.file !== "") {
    const folder = dirname(history.file);
    const why = whyUnwritable(folder);
    say(
      placeOf(config, "history", "file"),
      why === undefined ? whyFolder(history.file) : `${folder} cannot be written: ${why}`,
    );
  }
  if (log.file !== "") {
    say(placeOf(config, "log", "file"), whyNoFolder(dirname(log.file)) ?? whyFolder(log.file));
  }
  if (server.socket !== "") {
    say(placeOf(config, "server", "socket"), whyNoFolder(dirname(server.socket)));
  }
  return mistakes;
}

/** The runtime itself says whether it takes the pair, at a port of its own choice that is given back at once. */
function certificate(config: Config): string[] {
  const { tls_cert: cert, tls_key: key } = config.server;
  if (cert === "") return [];
  const missing = (["tls_cert", "tls_key"] as const).flatMap((each) => {
    const why = whyNoFile(config.server[each]);
    return why === undefined ? [] : [`${placeOf(config, "server", each)}: ${why}`];
  });
  if (missing.length > 0) return missing;
  try {
    new Port("127.0.0.1", 0, new CertificateFiles(cert, key).read()).close();
    return [];
  } catch (error) {
    return [`${placeOf(config, "server", "tls_cert")}: ${messageOf(error)}`];
  }
}

function whyNoFile(path: string): string | undefined {
  try {
    Deno.openSync(path).close();
    return whyFolder(path);
  } catch (error) {
    return `${path} cannot be read: ${systemReason(error)}`;
  }
}

function whyFolder(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? `${path} is a folder, not a file`
    : undefined;
}
