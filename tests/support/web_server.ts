/** A whole Carillon behind its own server, on a free port and on whatever other entrances a test gives it. */
import { type Entrance, type KeyPair, Port } from "../../app/web/http/entrance.ts";
import type { Limits } from "../../app/web/http/limits.ts";
import { Listener } from "../../app/web/http/listener.ts";
import { createWebApp } from "../../app/web/server.ts";
import { startCarillon, type TestCarillon, type TestOptions } from "./carillon.ts";
import { keptJournal } from "./journal.ts";

export const LIMITS: Limits = {
  connections: 500,
  headerMs: 15_000,
  bodyMs: 15_000,
  idleMs: 15_000,
  bodyBytes: 1024 * 1024,
  addressBytes: 64 * 1024,
};

export interface TestServer extends AsyncDisposable {
  readonly app: TestCarillon;
  readonly port: number;
  readonly entrance: Port;
  readonly listener: Listener;
  /** What the server logged. */
  readonly lines: readonly string[];
}

export interface ServerOptions extends TestOptions {
  readonly limits?: Partial<Limits>;
  /** Speaks TLS with it. */
  readonly keys?: KeyPair | undefined;
  /** Beside the port. @param folder of this Carillon */
  readonly entrances?: (folder: string) => Promise<readonly Entrance[]>;
  /** Nobody is accepted before the test starts the listener. */
  readonly isHeld?: boolean;
  readonly onAnswer?: (request: Request, response: Response) => void;
}

export async function startServer(
  files: Readonly<Record<string, string>>,
  { limits, keys, entrances, isHeld = false, onAnswer, ...options }: ServerOptions = {},
): Promise<TestServer> {
  // Tests of the server move no clock over due instants.
  const own = { keepsHostReady: false, ...options, flags: { "history-file": "", ...options.flags } };
  const app = await startCarillon(files, own);
  const { journal, lines } = keptJournal();
  const { operations, queries, auth } = app.carillon;
  const web = createWebApp({ operations, queries, auth, journal, version: "1.2.3" });
  const entrance = new Port("127.0.0.1", 0, keys);
  const listener = new Listener({
    entrances: [entrance, ...await entrances?.(app.folder.path) ?? []],
    limits: { ...LIMITS, ...limits },
    answer: async (request, received) => {
      const response = await web.fetch(request, received);
      onAnswer?.(request, response);
      return response;
    },
    journal,
  });
  if (!isHeld) listener.start();
  return {
    app,
    port: entrance.addr.port,
    entrance,
    listener,
    lines,
    async [Symbol.asyncDispose]() {
      await listener.stop();
      await app[Symbol.asyncDispose]();
    },
  };
}
