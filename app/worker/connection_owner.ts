/** In the clock: whether a connection on this machine was made by a task with limited permissions, as /proc shows it. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { plainAddress } from "../base/addresses.ts";
import { descendantsOf, environmentOf } from "./processes.ts";

/** In the environment of hosts with limited permissions, and of all that they start. */
export const SANDBOX_NAME = "CARILLON_SANDBOX";

/** An address and a port. */
export interface SocketEnd {
  readonly hostname: string;
  readonly port: number;
}

/**
 * Looks among the descendants of this process for the one that holds the other end of a connection.
 *
 * @param remote the end of whoever asks
 * @param local our own end
 * @returns false also where the system has no /proc
 */
export function isOfSandbox(remote: SocketEnd, local: SocketEnd): boolean {
  const suspects = descendantsOf(process.pid).filter((pid) =>
    environmentOf(pid).includes(`${SANDBOX_NAME}=1`)
  );
  if (suspects.length === 0) return false;
  const socket = socketOf(remote, local);
  return socket !== undefined && suspects.some((pid) => holds(pid, socket));
}

/** `socket:[4711]`, as descriptors name it; undefined where the connection comes from another machine. */
function socketOf(remote: SocketEnd, local: SocketEnd): string | undefined {
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of linesOf(table)) {
      const fields = line.trim().split(/\s+/);
      const [, own = "", other = "", , , , , , , inode] = fields;
      if (isEnd(own, remote) && isEnd(other, local)) return `socket:[${inode}]`;
    }
  }
  return undefined;
}

/** @param written such as `0100007F:20CE`, each 32 bits in the order of this machine */
function isEnd(written: string, { hostname, port }: SocketEnd): boolean {
  const [address = "", hexPort = ""] = written.split(":");
  return Number.parseInt(hexPort, 16) === port && addressOf(address) === plainAddress(hostname);
}

function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((each) => Number.parseInt(each, 16))
  );
  const isFour = bytes.length === 4 || bytes.slice(0, 12).join() === "0,0,0,0,0,0,0,0,0,0,255,255";
  if (isFour) return bytes.slice(-4).join(".");
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0));
  // The address in its short form (RFC 5952).
  return new URL(`http://[${groups.map((each) => each.toString(16)).join(":")}]`).hostname.slice(1, -1);
}

function holds(pid: number, socket: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return namesIn(folder).some((name) => linkOf(`${folder}/${name}`) === socket);
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").slice(1);
  } catch {
    // Another system than Linux, or one without IPv6.
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The process has ended.
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // The descriptor is closed again.
    return undefined;
  }
}
