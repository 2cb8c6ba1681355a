/** A question that is answered twice, by a double click or a page sent anew, is acted on once. */

/** Questions that are remembered; the oldest go first. */
const MAX_ANSWERED = 1_000;

export class Once<T> {
  readonly #answers = new Map<string, T>();

  /** What the question was answered with before, or else what `act` gives now. */
  do(question: string, act: () => T): T {
    const before = this.#answers.get(question);
    if (before !== undefined) return before;
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= MAX_ANSWERED && oldest !== undefined) this.#answers.delete(oldest);
    const answer = act();
    this.#answers.set(question, answer);
    return answer;
  }
}
