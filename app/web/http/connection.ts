/** One connection: its requests one after another, each within its limits, until one of the two sides closes it. */
import type { Journal } from "../../base/journal.ts";
import { messageOf } from "../../base/errors.ts";
import { RequestProblem } from "../request_problem.ts";
import { writeAnswer } from "./answer.ts";
import { Body, type BodyMemory } from "./body.ts";
import { type Head, type Place, readHead, readRequestLine, type RequestLine, wrong } from "./head.ts";
import { CutOff, Incoming } from "./incoming.ts";
import { Expired, type Limits, within } from "./limits.ts";
import type { Peer } from "./peer.ts";

/** What is handed on beside a request. */
export interface Received {
  readonly peer: Peer;
  /** What is wrong with it, where it could not be read. */
  readonly problem?: RequestProblem | undefined;
}

export type Answer = (request: Request, received: Received) => Response | Promise<Response>;

interface Asked {
  readonly head: Head | undefined;
  readonly request: Request;
  readonly problem?: RequestProblem | undefined;
}

export interface ConnectionParts {
  readonly answer: Answer;
  readonly limits: Limits;
  readonly memory: BodyMemory;
  readonly journal: Journal;
  /** Where this server listens: scheme and `host:port`. */
  readonly place: Place;
}

/** How long the rest of a request that was refused is read, so that its client gets to read why. */
const LINGER_MS = 1_000;

export class Connection {
  readonly #incoming: Incoming;
  #isWaiting = true;
  #isLast = false;
  #isClosed = false;
  #isStream = false;
  /** Rejects as it is closed: closing a connection does not end a write that waits for its client. */
  readonly #closing = Promise.withResolvers<never>();
  /** Aborted where the client of the request that is being answered has gone. */
  #gone = new AbortController();

  constructor(readonly conn: Deno.Conn, readonly peer: Peer, readonly parts: ConnectionParts) {
    this.#incoming = new Incoming(conn);
    this.#closing.promise.catch(() => {});
  }

  /** No request is being answered: it can be closed for another one. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** It is being answered with events, as they happen. */
  get isStream(): boolean {
    return this.#isStream;
  }

  /** Serves it to its end. Never throws. */
  async serve(): Promise<void> {
    try {
      while (await this.#next()) this.#isWaiting = true;
    } catch (error) {
      // Clients go when they like: what was being read or written is of no use to anybody.
      if (!this.#isClosed) this.parts.journal.debug(`a connection has ended: ${messageOf(error)}`);
    } finally {
      this.close();
    }
  }

  /** Closes it now where it waits, else after the request that is being answered. */
  end(): void {
    this.#isLast = true;
    if (this.#isWaiting) this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closing.reject(new Error("the connection was closed"));
    this.#gone.abort(new CutOff("the connection was closed"));
    this.conn.close();
  }

  /** Answers the next request; false where it was the last. */
  async #next(): Promise<boolean> {
    const { limits, memory } = this.parts;
    if (!await within(limits.idleMs, this.#incoming.something())) return false;
    using body = new Body(this.#incoming, limits.bodyBytes, memory);
    this.#gone = new AbortController();
    const { head, request, problem } = await this.#read(body);
    this.#isWaiting = false;
    const goesOn = await this.#answer({ head, request, problem });
    if (problem) await this.#linger();
    return goesOn;
  }

  /** True where the connection can be used further. */
  async #answer({ head, request, problem }: Asked): Promise<boolean> {
    using _ahead = this.#incoming.readAhead(() => this.#gone.abort(new CutOff("the client has gone")));
    const response = await this.parts.answer(request, { peer: this.peer, problem });
    return await this.#write(head, response, problem !== undefined);
  }

  /** A request, or what stands for one that is wrong, as far as it was understood. */
  async #read(body: Body): Promise<Asked> {
    const { limits } = this.parts;
    let line: RequestLine | undefined;
    let head: Head | undefined;
    const readBoth = async () => {
      line = await readRequestLine(this.#incoming, limits.addressBytes);
      return await readHead(line, this.#incoming, this.parts.place);
    };
    try {
      head = await within(limits.headerMs, readBoth());
      if (head.headers.get("expect")?.toLowerCase() === "100-continue") await this.#goOn(head);
      const bytes = await within(limits.bodyMs, body.read(head.body));
      return { head, request: requestOf(head, bytes, this.#gone.signal) };
    } catch (error) {
      const problem = problemOf(error);
      if (!problem) throw error;
      // The answer is in the form that its address wants.
      const request = new Request(head?.url ?? placeOf(line), { headers: head?.headers });
      return { head, request, problem };
    }
  }

  /** The client asks before it sends the body; where the body is too large, the answer says so instead. */
  async #goOn({ body }: Head): Promise<void> {
    if (body.kind === "length" && body.bytes > this.parts.limits.bodyBytes) return;
    await this.#send(new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n"));
  }

  async #write(head: Head | undefined, response: Response, isLast: boolean): Promise<boolean> {
    this.#isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    return await writeAnswer(response, {
      isHeadOnly: head?.method === "HEAD",
      isOld: head?.isOld ?? false,
      stays: !isLast && !this.#isLast && (head?.stays ?? false),
      write: (bytes) => this.#send(bytes),
    });
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const written = this.conn.write(bytes.subarray(at));
      at += await within(this.parts.limits.idleMs, Promise.race([written, this.#closing.promise]));
    }
  }

  /** A connection that is closed while bytes are under way is reset, and the client never sees the answer. */
  async #linger(): Promise<void> {
    await this.conn.closeWrite();
    const rest = async () => {
      while (await this.#incoming.something()) await this.#incoming.some(Infinity);
    };
    await within(LINGER_MS, rest());
  }
}

function requestOf(
  { method, url, headers }: Head,
  bytes: Uint8Array<ArrayBuffer> | undefined,
  signal: AbortSignal,
): Request {
  const hasBody = bytes !== undefined && bytes.length > 0 && method !== "GET" && method !== "HEAD";
  return new Request(url, { method, headers, body: hasBody ? bytes : undefined, signal });
}

function placeOf(line: RequestLine | undefined): string {
  const url = `http://localhost${line?.target ?? "/"}`;
  return line?.target.startsWith("/") && URL.canParse(url) ? url : "http://localhost/";
}

/** What a client did wrong; undefined where it has gone, or where it is not its doing. */
function problemOf(error: unknown): RequestProblem | undefined {
  if (error instanceof RequestProblem) return error;
  if (error instanceof Expired) return wrong("it did not come to its end in time", 408);
  return undefined;
}
