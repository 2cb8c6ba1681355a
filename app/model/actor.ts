/** Who asks for something. */
import type { Access } from "./access.ts";

/** Where a request came in; each is a thin adapter over `app/service`. `carillon` is the program itself. */
export type Channel = "page" | "api" | "pyscheduler" | "cli" | "hook" | "carillon";

export interface Actor {
  readonly channel: Channel;
  /** Name of the person or program, where it is known. */
  readonly name?: string | undefined;
  /** Address the request came from. */
  readonly address?: string | undefined;
  /** Name of the API token that the request came with. */
  readonly token?: string | undefined;
  /** Names of the roles it has. */
  readonly roles?: readonly string[] | undefined;
  /** `traceparent` of W3C Trace Context that the request came with; by others, so nothing of it is trusted. */
  readonly traceparent?: string | undefined;
  /** What it may do, for the guards of the door; they let in nobody without it. The program asks its own door unguarded. */
  readonly access?: Access | undefined;
}
