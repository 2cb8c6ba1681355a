/** A proxy that does to a connection what networks do: it cuts it, says nothing more, or passes bytes on late and in pieces. */

export type Trouble =
  | { readonly kind: "cut"; readonly after: number }
  | { readonly kind: "stall"; readonly after: number }
  | { readonly kind: "trickle"; readonly piece: number; readonly ms: number }
  | { readonly kind: "none" };

export interface ChaosProxy extends AsyncDisposable {
  readonly port: number;
  /** Bytes that came, of both directions and all connections. */
  readonly passed: number;
  /** Cuts all connections that there are. */
  drop(): void;
}

/** @param trouble of each connection, in the order in which they come; `after` counts bytes of both directions */
export function startChaosProxy(target: number, trouble: () => Trouble): ChaosProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const running = new Set<Promise<void>>();
  let passed = 0;
  const accepting = (async () => {
    for await (const client of listener) {
      const work = serve(client).finally(() => running.delete(work));
      running.add(work);
    }
  })();

  async function serve(client: Deno.Conn): Promise<void> {
    open.add(client);
    const server = await Deno.connect({ hostname: "127.0.0.1", port: target });
    open.add(server);
    const what = trouble();
    const state = { left: "after" in what ? what.after : Infinity };
    await Promise.all([pump(client, server, what, state), pump(server, client, what, state)]);
  }

  async function pump(from: Deno.Conn, to: Deno.Conn, what: Trouble, state: { left: number }): Promise<void> {
    const space = new Uint8Array(what.kind === "trickle" ? what.piece : 16_384);
    try {
      for (;;) {
        const count = await from.read(space);
        if (count === null) break;
        passed += count;
        state.left -= count;
        if (state.left < 0 && what.kind === "cut") break;
        // What is stalled is read and goes nowhere.
        if (state.left < 0 && what.kind === "stall") continue;
        if (what.kind === "trickle") await pause(what.ms);
        for (let at = 0; at < count;) at += await to.write(space.subarray(at, count));
      }
    } catch {
      // One of the two has gone: so does the other.
    }
    close(from);
    close(to);
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, ms);
      timers.add(timer);
    });
  }

  function close(connection: Deno.Conn): void {
    if (!open.delete(connection)) return;
    try {
      connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  return {
    port: listener.addr.port,
    get passed() {
      return passed;
    },
    drop() {
      for (const each of [...open]) close(each);
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const each of [...open]) close(each);
      await accepting;
      await Promise.all(running);
    },
  };
}

/** Numbers from 0 to 1 that a seed decides. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // A linear congruential generator (Numerical Recipes): good enough to choose troubles.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
