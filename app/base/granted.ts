/**
 * What may stand in the lists of a task's permissions: hosts, paths, names of variables, programs. What the runtime does not
 * understand keeps its sandbox from starting, so it is found out when the list is read.
 */
import { isIPv4, isIPv6 } from "node:net";

/** A name with or without `*.` before it, or an IPv4 address with or without the length of its range. */
const HOST = /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*\.?$|^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;
const MAX_HOST = 253;

export type NotGranted =
  | "empty"
  | "zero_byte"
  | "variable"
  | "path"
  | "all_hosts"
  | "host_alone"
  | "brackets"
  | "port"
  | "ipv6"
  | "punycode"
  | "host";

/** Why an entry of `net`, `read`, `write`, `env` or `run` cannot be, as the last part of `mistake.granted.…`; undefined where it can. */
export function whyNotGranted(kind: string, entry: string): NotGranted | undefined {
  if (entry.trim() === "") return "empty";
  if (entry.includes("\0")) return "zero_byte";
  if (kind === "net") return whyNoHost(entry);
  if (kind === "env") {
    return entry.includes("=") ? "variable" : undefined;
  }
  return kind !== "run" && /^[a-z][a-z\d+.-]*:\/\//i.test(entry) ? "path" : undefined;
}

function whyNoHost(entry: string): NotGranted | undefined {
  if (entry === "*") return "all_hosts";
  if (entry.includes("://") || entry.includes("/") && !/\/\d/.test(entry)) {
    return "host_alone";
  }
  if (isIPv6(entry)) return "brackets";
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(entry) ?? [];
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    return "port";
  }
  if (host.startsWith("[")) return isIPv6(host.slice(1, -1)) ? undefined : "ipv6";
  if (/[^\0-\x7f]/.test(host)) return "punycode";
  const isOdd = host.includes("/") ? !isIPv4Range(host) : host.endsWith(".") && isIPv4(host.slice(0, -1));
  return HOST.test(host) && host.length <= MAX_HOST && !isOdd ? undefined : "host";
}

function isIPv4Range(text: string): boolean {
  const [address = "", bits] = text.split("/");
  return isIPv4(address) && Number(bits) <= 32;
}
