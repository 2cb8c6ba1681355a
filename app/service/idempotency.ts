/** A request that comes twice, by a double click, a page that is sent again or a client that got no answer, is acted on once. */
import { createHash } from "node:crypto";
import type { EpochMs } from "../base/time.ts";
import { Refusal } from "./refusal.ts";

/** How long a key is remembered. */
export const KEY_KEPT_MS = 24 * 3_600_000;
/** Keys that are remembered; the oldest go first. */
const MAX_KEYS = 20_000;

export interface IdempotencyParts<T> {
  readonly now: () => EpochMs;
  /** Id by which an answer is found again; undefined for one that did nothing, which is not remembered. */
  readonly idOf: (answer: T) => string | undefined;
  /** The answer with this id, as it is now. */
  readonly again: (id: string) => Promise<T>;
}

interface Done {
  /** Hash of what was asked for. */
  readonly asked: string;
  readonly at: EpochMs;
  readonly id: string;
}

export class IdempotencyKeys<T> {
  readonly #going = new Map<string, { readonly asked: string; readonly answer: Promise<T> }>();
  /** In the order they came. */
  readonly #done = new Map<string, Done>();

  constructor(readonly parts: IdempotencyParts<T>) {}

  /**
   * What the key was answered with before, or else what `act` gives now.
   *
   * @param key what makes two requests the same one; undefined for a request that stands for itself
   * @param asked what is asked for: a key stands for one thing only
   * @throws Refusal `invalid` for a key that stood for something else
   */
  async once(key: string | undefined, asked: string, act: () => Promise<T>): Promise<T> {
    if (key === undefined) return await act();
    this.#forgetOld();
    const hash = createHash("sha256").update(asked).digest("base64");
    const going = this.#going.get(key);
    const done = this.#done.get(key);
    if ((going ?? done ?? { asked: hash }).asked !== hash) throw new Refusal("invalid", "problem.key_used");
    if (going) return await going.answer;
    if (done) return await this.parts.again(done.id);
    const answer = act();
    this.#going.set(key, { asked: hash, answer });
    try {
      const id = this.parts.idOf(await answer);
      if (id !== undefined) this.#done.set(key, { asked: hash, at: this.parts.now(), id });
    } finally {
      this.#going.delete(key);
    }
    return await answer;
  }

  #forgetOld(): void {
    const oldest = this.parts.now() - KEY_KEPT_MS;
    for (const [key, { at }] of this.#done) {
      if (at > oldest && this.#done.size < MAX_KEYS) return;
      this.#done.delete(key);
    }
  }
}
