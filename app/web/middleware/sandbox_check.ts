/** Keeps tasks with limited permissions from starting others by the dashboard's own port. */
import type { MiddlewareHandler } from "hono";
import { peerOf } from "../client.ts";
import type { Peer } from "../http/peer.ts";
import { RequestProblem } from "../request_problem.ts";

/** A connection is looked up once. */
const known = new WeakMap<Peer, boolean>();

/** @param isSandboxed whether the other end is a process of a task with limited permissions */
export function sandboxCheck(
  isSandboxed: (peer: Peer & { readonly kind: "network" }) => boolean,
): MiddlewareHandler {
  return async (context, next) => {
    const peer = peerOf(context);
    if (peer?.kind === "network") {
      const refused = known.get(peer) ?? isSandboxed(peer);
      known.set(peer, refused);
      if (refused) throw new RequestProblem(403, "problem.sandboxed");
    }
    await next();
  };
}
