/** A message on its way: plain data, as it is kept and shown. */
import type { EpochMs } from "../base/time.ts";
import type { Draft } from "./incident.ts";

/** `merged`: another message says it. `undelivered`: given up here. `dropped`: over before its time came. */
export type DeliveryState = "waiting" | "sent" | "merged" | "undelivered" | "dropped";

/** Why a message had to wait for its time. */
export type HeldBy = "hours" | "maintenance" | "mute";

export interface Delivery {
  /** The message's id, the same for every try. */
  readonly id: string;
  readonly target: string;
  readonly at: EpochMs;
  /** Not sent before this. */
  readonly notBefore: EpochMs;
  readonly heldBy?: HeldBy | undefined;
  readonly state: DeliveryState;
  readonly tries: number;
  readonly draft: Draft;
  /** Targets that could not deliver it, the first of them first. */
  readonly failedAt: readonly string[];
  /** What the last answer was, or why there was none. */
  readonly answer?: string | undefined;
  /** When it was sent, merged, dropped or given up. */
  readonly doneAt?: EpochMs | undefined;
  /** Id of the message that says it, where it is merged. */
  readonly into?: string | undefined;
}
