/**
 * What may stand in the lists of a task's permissions: hosts, paths, names of variables, programs. What the runtime does not
 * understand keeps its sandbox from starting, so it is found out when the list is read.
 */
import { isIPv4, isIPv6 } from "node:net";

/** A name with or without `*.` before it, or an IPv4 address with or without the length of its range. */
const HOST = /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*\.?$|^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;
const MAX_HOST = 253;

/** Why an entry of `net`, `read`, `write`, `env` or `run` cannot be, as the rest of a sentence; undefined where it can. */
export function whyNotGranted(kind: string, entry: string): string | undefined {
  if (entry.trim() === "") return "it is empty";
  if (entry.includes("\0")) return "it has a zero byte";
  if (kind === "net") return whyNoHost(entry);
  if (kind === "env") {
    return entry.includes("=") ? "it is the name of a variable, without its value" : undefined;
  }
  return kind !== "run" && /^[a-z][a-z\d+.-]*:\/\//i.test(entry) ? "it is a path, not a URL" : undefined;
}

function whyNoHost(entry: string): string | undefined {
  if (entry === "*") return "all hosts are true (in carillon.ini: all), not a *";
  if (entry.includes("://") || entry.includes("/") && !/\/\d/.test(entry)) {
    return "it is a host alone, such as api.example.com or db.local:5432, without a scheme and a path";
  }
  if (isIPv6(entry)) return `an IPv6 address stands in brackets: [${entry}]`;
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(entry) ?? [];
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    return "its port is not a number from 0 to 65535";
  }
  if (host.startsWith("[")) return isIPv6(host.slice(1, -1)) ? undefined : "it is no IPv6 address";
  if (/[^\0-\x7f]/.test(host)) return "a name with other letters stands as xn--…";
  const isOdd = host.includes("/") ? !isIPv4Range(host) : host.endsWith(".") && isIPv4(host.slice(0, -1));
  return HOST.test(host) && host.length <= MAX_HOST && !isOdd
    ? undefined
    : "it is no host, such as api.example.com, *.example.com, 10.0.0.0/8 or db.local:5432";
}

function isIPv4Range(text: string): boolean {
  const [address = "", bits] = text.split("/");
  return isIPv4(address) && Number(bits) <= 32;
}
