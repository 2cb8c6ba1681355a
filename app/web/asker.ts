/** Who asks, for as long as a request is answered: pages and the API see what this actor may see, and need not pass it on. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { MiddlewareHandler } from "hono";
import type { Actor } from "../model/actor.ts";
import type { Door } from "../service/door.ts";
import type { Queries } from "../service/queries.ts";
import { type Identity, NOBODY } from "./identity.ts";

interface Asking {
  identity: Identity;
  /** Finds out anew who it is; undefined for nobody any more. */
  again: () => Identity | undefined;
  /** Aborted once nobody waits for the answer to what is asked. */
  readonly gone?: AbortSignal | undefined;
}

const asking = new AsyncLocalStorage<Asking>();

/** What follows is answered in the name of whoever {@link setAsker} says; until then it is nobody, who may see nothing. */
export function inNameOfAsker(): MiddlewareHandler {
  return async ({ req: { method, raw } }, next) => {
    // What changes something is done to its end.
    const gone = method === "GET" || method === "HEAD" ? raw.signal : undefined;
    await asking.run({ identity: NOBODY, again: () => NOBODY, gone }, next);
  };
}

/** @param again finds out anew who it is, for answers that last; undefined for nobody any more */
export function setAsker(identity: Identity, again: () => Identity | undefined = () => identity): void {
  Object.assign(request(), { identity, again });
}

/** Whose request is being answered. @throws outside of one */
export function asker(): Identity {
  return request().identity;
}

/** @throws the reason of the request's signal, where its client has gone: nothing more need be made for it */
export function stillAsked(): void {
  asking.getStore()?.gone?.throwIfAborted();
}

function request(): Asking {
  const found = asking.getStore();
  if (!found) throw new Error("nobody asks: this is outside of a request");
  return found;
}

/** What is done later, as a body is written piece by piece, is done in the same name, for as long as it may be. */
export interface LastingName {
  as<T>(work: () => T): T;
  /** False once the session has ended, the token was revoked, or other rights were given. */
  readonly isStill: boolean;
}

export function lastingName(): LastingName {
  const found = request();
  const { key } = found.identity.access;
  return {
    as: (work) => asking.run(found, work),
    get isStill() {
      return found.again()?.access.key === key;
    },
  };
}

/**
 * The actor of a request.
 *
 * @param channel the way it came in, where the identity does not say it
 * @param calledItself the name that a caller gives itself, for where nobody signs in
 */
export function actorBy(channel: Actor["channel"], calledItself?: string): Actor {
  const { name, channel: own, address, token, roles, access } = asker();
  return { channel: own ?? channel, name: name ?? calledItself, address, token, roles, access };
}

/**
 * What whoever asks may see, for as long as there is somebody who waits for it. Each part is looked up when it is asked for,
 * so that it can be kept from the start on.
 */
export function askersQueries(door: Door): Queries {
  const own = () => {
    stillAsked();
    return door.queries(asker().access);
  };
  const parts = Object.keys(door.all).map((part) => [
    part,
    { get: () => own()[part as keyof Queries], enumerable: true },
  ]);
  return Object.defineProperties({}, Object.fromEntries(parts)) as Queries;
}
