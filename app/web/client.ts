/** Who sends a request, as far as the connection and listed proxies say it. */
import type { Context } from "hono";
import { type AddressList, plainAddress } from "../base/addresses.ts";
import type { Received } from "./http/connection.ts";
import type { Peer } from "./http/peer.ts";

export interface Client {
  /** The user of this Carillon on this machine: it came by the socket in the data folder, as the commands do. */
  readonly isOwn: boolean;
  /** IP address of the machine that asks; where a listed proxy hands the request on, what it says of it. */
  readonly address: string | undefined;
  /** By TLS up to here, or up to a listed proxy. */
  readonly isSecure: boolean;
  /** A listed proxy, or what came by `[server] socket`, has handed it on. */
  readonly isForwarded: boolean;
}

const UNKNOWN: Client = { isOwn: false, address: undefined, isSecure: false, isForwarded: false };
const KEY = "client";

/** Whatever says that a request was handed on by a proxy. */
export const FORWARDING_FIELDS = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-server",
  "x-real-ip",
] as const;

export function clientOf(context: Context): Client {
  const found: Client | undefined = context.get(KEY);
  return found ?? UNKNOWN;
}

export function setClient(context: Context, client: Client): void {
  context.set(KEY, client);
}

/** The other end of the connection; undefined where there is none, as in a test that asks the application itself. */
export function peerOf(context: Context): Peer | undefined {
  const received: Partial<Received> = context.env ?? {};
  return received.peer;
}

/** Header fields of proxies count only where the connection comes from one that is listed. */
export function readClient(peer: Peer | undefined, headers: Headers, proxies: AddressList): Client {
  if (!peer) return UNKNOWN;
  if (peer.kind === "own") return { ...UNKNOWN, isOwn: true };
  const address = peer.kind === "network" ? plainAddress(peer.remote.hostname) : undefined;
  const isSecure = peer.kind === "network" && peer.isSecure;
  const isProxy = address === undefined || proxies.has(address);
  const isForwarded = isProxy && FORWARDING_FIELDS.some((name) => headers.has(name));
  if (!isForwarded) return { isOwn: false, address, isSecure, isForwarded };
  return {
    isOwn: false,
    address: forwardedAddress(headers.get("x-forwarded-for"), proxies) ?? address,
    isSecure: lastWord(headers.get("x-forwarded-proto")) === "https" || isSecure,
    isForwarded,
  };
}

/** The last one in the row that is no listed proxy: all before it could have been written by anybody. */
function forwardedAddress(row: string | null, proxies: AddressList): string | undefined {
  const addresses = (row ?? "").split(",").map((each) => plainAddress(each.trim())).filter((each) =>
    each !== ""
  );
  return addresses.findLast((each) => !proxies.has(each)) ?? addresses.at(0);
}

function lastWord(row: string | null): string | undefined {
  return row?.split(",").at(-1)?.trim().toLowerCase();
}
