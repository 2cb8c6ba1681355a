/** Who is at the other end of a connection, as the system says it. */

/** One end of a connection by TCP. */
export interface Endpoint {
  readonly hostname: string;
  readonly port: number;
}

/**
 * `network`: by TCP. `socket`: by `[server] socket`, where proxies come in. `own`: by the socket in the data folder, which
 * only the user of this Carillon and the system's administrator can open.
 */
export type Peer =
  | {
    readonly kind: "network";
    readonly remote: Endpoint;
    readonly local: Endpoint;
    readonly isSecure: boolean;
  }
  | { readonly kind: "socket" | "own" };
