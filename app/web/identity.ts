/** Who a request comes from, as it was found out. */
import type { Person } from "../auth/auth.ts";
import { type Access, NOTHING } from "../model/access.ts";
import type { Channel } from "../model/actor.ts";

export interface Identity {
  /** False for somebody of whom nothing is known: pages ask for a sign-in. */
  readonly isKnown: boolean;
  /** Name of the person; undefined where nobody is asked for one. */
  readonly name?: string | undefined;
  /** Name of the API token that the request came with. */
  readonly token?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** Address of the client. */
  readonly address?: string | undefined;
  /** Where it is known better than by the address that was asked. */
  readonly channel?: Channel | undefined;
  readonly access: Access;
  /** Who is behind the browser: its forms must be its own. */
  readonly person?: Person | undefined;
}

export const NOBODY: Identity = { isKnown: false, access: NOTHING };
