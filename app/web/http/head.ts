/** The head of a request (RFC 9112, sections 2 to 6), read strictly: what could be understood in two ways is refused. */
import { RequestProblem } from "../request_problem.ts";
import type { Incoming } from "./incoming.ts";
import { HEADER_BYTES } from "./limits.ts";

export interface Head {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  /** How the body's length is known. */
  readonly body: { readonly kind: "none" } | { readonly kind: "length"; readonly bytes: number } | {
    readonly kind: "chunked";
  };
  /** HTTP/1.0, which knows no chunks. */
  readonly isOld: boolean;
  /** The client wants to send further requests. */
  readonly stays: boolean;
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
/** A name or an IPv4 address, or an IPv6 address in brackets; a port. */
const HOST = /^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?$/;
/** Methods that a `Request` of the Fetch standard cannot have. */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Method, version and the spaces between. */
const AROUND_ADDRESS_BYTES = 64;

/** Where a server listens. */
export interface Place {
  readonly scheme: "http" | "https";
  /** `host:port`, for clients of HTTP/1.0 that name no host. */
  readonly host: string;
}

/** The first line of a request. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  /** Of HTTP/1. */
  readonly minor: string;
}

/** @throws RequestProblem */
export async function readRequestLine(incoming: Incoming, addressBytes: number): Promise<RequestLine> {
  const most = addressBytes + AROUND_ADDRESS_BYTES;
  let line = await incoming.line(most);
  // RFC 9112, 2.2: an empty line before a request is passed over.
  if (line === "") line = await incoming.line(most);
  if (line === undefined) throw addressTooLong(addressBytes);
  const parts = line.split(" ");
  const [method = "", target = "", version = ""] = parts;
  const minor = /^HTTP\/1\.([01])$/.exec(version)?.[1];
  if (parts.length !== 3 || !TOKEN.test(method) || minor === undefined) {
    throw wrong("the first line is not one of HTTP/1.1, such as GET / HTTP/1.1");
  }
  if (target.length > addressBytes) throw addressTooLong(addressBytes);
  return { method, target, minor };
}

/**
 * What stands behind the first line.
 *
 * @throws RequestProblem
 */
export async function readHead(
  { method, target, minor }: RequestLine,
  incoming: Incoming,
  { scheme, host }: Place,
): Promise<Head> {
  const headers = readFields(await fieldLines(incoming));
  if (FORBIDDEN_METHODS.has(method)) throw wrong(`the method ${method} is not supported`, 405);
  return {
    method,
    url: urlOf(target, scheme, hostOf(headers, minor, host)),
    headers,
    body: bodyOf(headers),
    isOld: minor === "0",
    stays: stays(headers, minor),
  };
}

export function wrong(reason: string, status: 400 | 405 | 408 | 431 | 501 = 400): RequestProblem {
  return new RequestProblem(status, "problem.request", { reason });
}

function addressTooLong(most: number): RequestProblem {
  return new RequestProblem(414, "problem.address_too_long", { most: Math.floor(most / 1024) });
}

/** The lines up to the empty one. */
export async function fieldLines(incoming: Incoming): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let left = HEADER_BYTES; left >= 0;) {
    const line = await incoming.line(left);
    if (line === "") return lines;
    if (line === undefined) break;
    lines.push(line);
    left -= line.length + 2;
  }
  throw wrong(`its header fields have more than ${HEADER_BYTES / 1024} KB`, 431);
}

function readFields(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const at = line.indexOf(":");
    const name = line.slice(0, at);
    if (at < 1 || !TOKEN.test(name)) throw wrong("a header field has no name");
    const value = line.slice(at + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw wrong(`the header field ${name} has a control character`);
    }
    headers.append(name, value);
  }
  return headers;
}

function hostOf(headers: Headers, minor: string, address: string): string {
  const host = headers.get("host") ?? (minor === "0" ? address : "");
  const port = HOST.exec(host)?.[1];
  if (!HOST.test(host) || Number(port ?? 0) > 65_535 || !URL.canParse(`http://${host}/`)) {
    throw wrong("the header field Host is not one name with or without a port");
  }
  return host;
}

/** The target is a path with a question, or a whole address, as proxies are asked; its host is the one that counts. */
function urlOf(target: string, scheme: Place["scheme"], host: string): string {
  if (!/^[\x21-\x7e\x80-\xff]+$/.test(target)) throw wrong("the address has a control character");
  const path = utf8(target);
  const url = path.startsWith("/") ? `${scheme}://${host}${path}` : path;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw wrong("the address is not a path");
  const { username, password, href } = new URL(url);
  if (username !== "" || password !== "") throw wrong("the address has a user name");
  return href;
}

function utf8(latin1: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(latin1, (character) => character.charCodeAt(0)),
    );
  } catch {
    throw wrong("the address is not in UTF-8");
  }
}

function bodyOf(headers: Headers): Head["body"] {
  const [length, coding] = [headers.get("content-length"), headers.get("transfer-encoding")];
  if (coding !== null) {
    if (length !== null) throw wrong("the length of the body is given in two ways");
    if (coding.toLowerCase() !== "chunked") throw wrong(`the transfer coding is not supported`, 501);
    return { kind: "chunked" };
  }
  if (length === null) return { kind: "none" };
  if (!/^\d{1,15}$/.test(length)) throw wrong("the header field Content-Length is not one number");
  return { kind: "length", bytes: Number(length) };
}

function stays(headers: Headers, minor: string): boolean {
  const words = (headers.get("connection") ?? "").toLowerCase().split(",").map((word) => word.trim());
  return minor === "1" ? !words.includes("close") : words.includes("keep-alive");
}
