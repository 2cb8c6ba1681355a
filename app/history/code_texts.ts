/** The code of tasks in memory: so much of it together, what was kept longest ago goes first. */

export class CodeTexts {
  /** What was kept longest ago comes first. */
  readonly #texts = new Map<string, string>();
  #characters = 0;

  /** @param limit of all texts together, in characters */
  constructor(readonly limit: number) {}

  /** What they take together, in characters. */
  get characters(): number {
    return this.#characters;
  }

  /** A text that is larger than all may be is not kept. */
  keep(version: string, text: string): void {
    this.#drop(version);
    if (text.length > this.limit) return;
    this.#texts.set(version, text);
    this.#characters += text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#characters <= this.limit) return;
      this.#drop(oldest);
    }
  }

  /** Undefined where it was never kept, or is not kept any more. */
  get(version: string): string | undefined {
    return this.#texts.get(version);
  }

  #drop(version: string): void {
    this.#characters -= this.#texts.get(version)?.length ?? 0;
    this.#texts.delete(version);
  }
}
