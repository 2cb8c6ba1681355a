/** Which Carillon a command speaks to: one elsewhere, or the one of this folder, by its socket or by its port. */
import { existsSync } from "node:fs";
import { systemReason } from "../base/system_error.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "./arguments.ts";
import type { Arguments } from "./command.ts";
import { UsageError } from "./errors.ts";
import { ownSocketPath } from "./own_socket.ts";
import { ownVariable } from "./own_variable.ts";

export interface ServerPlace {
  /** Such as `https://carillon.example.org`, without a slash at its end. */
  readonly base: string;
  /** Path of a socket that is tried before `base`. */
  readonly socket?: string | undefined;
  /** Certificates in PEM that are trusted besides the usual ones. */
  readonly ca?: string | undefined;
  /** What to do where nobody answers there, as the end of a sentence. */
  readonly remedy: string;
}

/** Settings that name an address: with one of their flags the port is meant, not the socket. */
const ADDRESS_FLAGS = ["host", "port", "server-host", "server-port"];

/** @throws UsageError, ConfigError */
export function serverPlace(given: Arguments): ServerPlace {
  const url = given.own.get("url") ?? ownVariable("CARILLON_URL");
  const ca = certificatesOf(given.own.get("ca") ?? ownVariable("CARILLON_CA") ?? "");
  if (url !== undefined && url !== "") return { ...elsewhere(url), ca };
  const config = loadConfig(given);
  const socket = ownSocketPath(config);
  const usesSocket = !ADDRESS_FLAGS.some((flag) => Object.hasOwn(given.settings, flag)) && existsSync(socket);
  return {
    base: baseOf(config),
    socket: usesSocket ? socket : undefined,
    ca,
    remedy: "start it, or name its address with --url, or with --host and --port",
  };
}

function elsewhere(url: string): ServerPlace {
  const place = URL.canParse(url) ? new URL(url) : undefined;
  const isGood = place && /^https?:$/.test(place.protocol) && place.username === "" &&
    place.password === "" &&
    place.search === "" && place.hash === "";
  if (!isGood) {
    throw new UsageError(`"${url}" is not an address such as https://carillon.example.org; see --url`);
  }
  return { base: place.href.replace(/\/+$/, ""), remedy: "see --url" };
}

function certificatesOf(file: string): string | undefined {
  if (file === "") return undefined;
  try {
    return Deno.readTextFileSync(file);
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${systemReason(cause)}; see --ca`, { cause });
  }
}

/** A server that listens on every address is reached on this machine's own. */
function baseOf({ server: { host, port, tls_cert: cert } }: Config): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${cert === "" ? "http" : "https"}://${
    reachable.includes(":") ? `[${reachable}]` : reachable
  }:${port}`;
}
