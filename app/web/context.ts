/** What the handlers of pages and of the API work with. */
import type { Context } from "hono";
import type { Auth } from "../auth/auth.ts";
import type { Journal } from "../base/journal.ts";
import type { Actor, Channel } from "../model/actor.ts";
import type { Hooks } from "../service/hooks.ts";
import type { Operations } from "../service/operations.ts";
import type { Queries } from "../service/queries.ts";
import { actorBy } from "./asker.ts";

export interface WebContext {
  readonly operations: Operations;
  readonly queries: Queries;
  readonly auth: Auth;
  /** Undefined where no other program may start anything. */
  readonly hooks?: Hooks | undefined;
  /** For what goes wrong while a request is answered. */
  readonly journal: Journal;
  readonly version: string;
}

/**
 * Who asks.
 *
 * @param name whatever the caller says of itself, for where nobody signs in: it is shown, not trusted
 */
export function actorOf(context: Context, channel: Channel, name?: string): Actor {
  return { ...actorBy(channel, name), traceparent: context.req.header("traceparent") };
}
