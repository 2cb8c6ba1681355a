/**
 * Long work in slices. Of all that is going on, whoever asks, one slice is done in each turn of the event loop: the clock,
 * the hosts and other connections come in between, however many work at one time.
 */
import { eventLoopTurn } from "./event_loop_turn.ts";

let last: Promise<void> = Promise.resolve();

/** Resolves when the next slice may be done; those who ask get their turn in the order in which they have asked. */
export function sliceTurn(): Promise<void> {
  return last = last.then(eventLoopTurn);
}
