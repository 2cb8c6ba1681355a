/** The ways in: a TCP port, with or without TLS, and sockets of the file system. */
import { messageOf, OperatorError } from "../../base/errors.ts";
import type { Peer } from "./peer.ts";

/** A connection that was accepted, and who is at its other end. */
export interface Visit {
  readonly conn: Deno.Conn;
  readonly peer: Peer;
}

export interface Entrance {
  /** What a client of HTTP/1.0 that names no host has asked: `host:port`. */
  readonly name: string;
  accept(): Promise<Visit>;
  close(): void;
}

/** A certificate with its chain, and its key, both in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A TCP port. With a certificate it speaks TLS 1.2 and 1.3, and nothing else. */
export class Port implements Entrance {
  readonly addr: Deno.NetAddr;
  readonly isSecure: boolean;
  #listener: Deno.Listener<Deno.TcpConn | Deno.TlsConn, Deno.NetAddr> | undefined;
  #taken = Promise.withResolvers<void>();
  #last: Promise<Deno.Conn> | undefined;
  #isClosed = false;

  /** Takes the port. @throws what the system says where it cannot be taken, or of a certificate that is none */
  constructor(hostname: string, port: number, keys?: KeyPair) {
    const listener = listen(hostname, port, keys);
    this.#listener = listener;
    this.addr = listener.addr;
    this.isSecure = keys !== undefined;
  }

  get name(): string {
    const { hostname, port } = this.addr;
    return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  }

  /** It was given up for another certificate and could not be had again. */
  get isLost(): boolean {
    return !this.#listener;
  }

  async accept(): Promise<Visit> {
    for (;;) {
      const listener = this.#listener;
      if (!listener) {
        await this.#taken.promise;
        continue;
      }
      const next = listener.accept();
      this.#last = next;
      try {
        return visitOf(await next, this.isSecure);
      } catch (error) {
        if (this.#isClosed || listener === this.#listener) throw error;
      }
    }
  }

  /**
   * Uses another certificate for connections from now on; those that are open keep theirs. The port is free for a moment
   * while it is taken anew.
   *
   * @throws OperatorError for one that cannot be used, the old one stays; or what the system says where the port cannot be
   * had: then nothing is accepted until this is called again
   */
  async renew(keys: KeyPair): Promise<void> {
    tryKeys(keys);
    this.#listener?.close();
    this.#listener = undefined;
    // The system has it back once what waits for a connection has ended.
    await this.#last?.catch(() => {});
    if (this.#isClosed) return;
    this.#listener = listen(this.addr.hostname, this.addr.port, keys);
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.close();
    this.#taken.reject(new Error("the port is closed"));
    this.#taken.promise.catch(() => {});
  }
}

function visitOf(conn: Deno.TcpConn | Deno.TlsConn, isSecure: boolean): Visit {
  try {
    if ("setNoDelay" in conn) conn.setNoDelay(true);
    const { remoteAddr: remote, localAddr: local } = conn;
    return { conn, peer: { kind: "network", remote, local, isSecure } };
  } catch (error) {
    conn.close();
    throw error;
  }
}

/** A certificate and a key that do not fit are found out before the port is given up for them. */
export function tryKeys(keys: KeyPair): void {
  try {
    listen("127.0.0.1", 0, keys).close();
  } catch (cause) {
    throw new OperatorError(`the certificate and its key cannot be used: ${messageOf(cause)}`, { cause });
  }
}

function listen(hostname: string, port: number, keys: KeyPair | undefined) {
  return keys ? Deno.listenTls({ hostname, port, ...keys }) : Deno.listen({ hostname, port });
}
