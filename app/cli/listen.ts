/** Where the dashboard listens, and what is said of it. */
import { messageOf, OperatorError } from "../base/errors.ts";
import type { Journal } from "../base/journal.ts";
import { isLoopback } from "../base/loopback.ts";
import type { Config } from "../config/config.ts";
import { CertificateFiles, certificateText } from "../web/http/certificate.ts";
import type { Answer } from "../web/http/connection.ts";
import { type Entrance, type KeyPair, Port } from "../web/http/entrance.ts";
import { Listener } from "../web/http/listener.ts";
import { SocketFile } from "../web/http/socket_file.ts";
import { UsageError } from "./errors.ts";
import { ownSocketPath } from "./own_socket.ts";
import { VERSION } from "./version.ts";

/** How often it is looked whether the certificate is another one, and whether the sockets are there. */
const LOOK_MS = 5_000;

/** The server, which listens already. */
export interface Listening {
  readonly port: Port;
  stop(): Promise<void>;
}

/** @throws UsageError where an address cannot be taken */
export async function listen(config: Config, answer: Answer, journal: Journal): Promise<Listening> {
  const { server } = config;
  const files = server.tls_cert === "" ? undefined : new CertificateFiles(server.tls_cert, server.tls_key);
  const keys = files?.read();
  const port = takePort(config, keys);
  const entrances: Entrance[] = [port];
  try {
    if (server.socket !== "") entrances.push(await proxySocket(server.socket));
  } catch (error) {
    port.close();
    throw error;
  }
  const own = await ownSocket(config, journal);
  if (own) entrances.push(own);
  const sockets = entrances.filter((each) => each instanceof SocketFile);
  const listener = new Listener({
    entrances,
    answer,
    journal,
    limits: {
      connections: server.max_connections,
      headerMs: server.header_timeout,
      bodyMs: server.body_timeout,
      idleMs: server.idle_timeout,
      bodyBytes: server.max_body * 1024,
      addressBytes: server.max_url * 1024,
    },
  });
  announce(port, journal);
  if (keys) journal.info(`the certificate is ${certificateText(keys)}`);
  if (server.socket !== "") journal.info(`proxies reach it by ${server.socket}`);
  const watching = setInterval(() => {
    if (files) void renewCertificate(port, files, journal);
    for (const socket of sockets) void renewSocket(socket, journal);
  }, LOOK_MS);
  listener.start();
  return {
    port,
    async stop() {
      clearInterval(watching);
      await listener.stop();
    },
  };
}

function takePort({ server: { host, port } }: Config, keys: KeyPair | undefined): Port {
  try {
    return new Port(host, port, keys);
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "another program listens there"
      : messageOf(cause);
    throw new UsageError(
      `cannot listen on ${host}, port ${port}: ${reason}; set [server] host and port, or --host and --port`,
      { cause },
    );
  }
}

/** Whoever is in the group of this process may open it: the proxy's user is put there. */
async function proxySocket(path: string): Promise<SocketFile> {
  try {
    return await SocketFile.open(path, "socket", 0o660);
  } catch (cause) {
    throw new UsageError(`cannot listen on a socket: ${messageOf(cause)}; set [server] socket`, { cause });
  }
}

/** Without it the commands use the port. */
async function ownSocket(config: Config, journal: Journal): Promise<SocketFile | undefined> {
  try {
    return await SocketFile.open(ownSocketPath(config), "own", 0o600);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    journal.warn(`the commands on this machine cannot use a socket: ${error.message}`);
    return undefined;
  }
}

/** Looks whether a socket's file is there, and makes it anew. */
export async function renewSocket(socket: SocketFile, journal: Journal): Promise<void> {
  try {
    if (await socket.renew()) journal.warn(`${socket.path} was removed, and was made again`);
  } catch (error) {
    // Its folder is not there; it is tried again.
    journal.debug(messageOf(error));
  }
}

/** Looks whether the certificate is another one; one that is no good is not used. */
export async function renewCertificate(
  port: Port,
  files: CertificateFiles,
  journal: Journal,
): Promise<void> {
  if (!files.isChanged && !port.isLost) return;
  try {
    const keys = files.read();
    await port.renew(keys);
    journal.info(`the certificate was read again: ${certificateText(keys)}`);
  } catch (error) {
    journal.error(
      port.isLost
        ? `the certificate was changed, and the port cannot be had again yet: ${messageOf(error)}`
        : `the certificate was changed and cannot be used: ${
          messageOf(error)
        }; connections get the one that was read before`,
    );
  }
}

function announce({ addr: { hostname, port }, isSecure }: Port, journal: Journal): void {
  const scheme = isSecure ? "https" : "http";
  const shown = hostname.includes(":") ? `[${hostname}]` : hostname;
  if (isLoopback(hostname)) {
    journal.info(
      `Carillon ${VERSION} listens on ${scheme}://localhost:${port} (${shown} only: this machine; [server] host opens it to others)`,
    );
  } else {
    journal.info(`Carillon ${VERSION} listens on ${scheme}://${shown}:${port}`);
  }
}
