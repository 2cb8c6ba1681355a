/**
 * Things by their number, where each number is larger than those before. A `Map` whose keys come and go leaves tables
 * behind that hold what was in them until V8 clears its old generation: at thousands of runs a second all that belongs to
 * a run goes there.
 */
export class NumberedList<T> {
  readonly #numbers: number[] = [];
  readonly #values: T[] = [];

  get size(): number {
    return this.#values.length;
  }

  /** The smallest number first. */
  get values(): readonly T[] {
    return this.#values;
  }

  /** @throws RangeError for a number that is not larger than the last one */
  add(number: number, value: T): void {
    const last = this.#numbers.at(-1) ?? -Infinity;
    if (number <= last) throw new RangeError(`${number} does not come after ${last}`);
    this.#numbers.push(number);
    this.#values.push(value);
  }

  get(number: number): T | undefined {
    return this.#values[this.#placeOf(number)];
  }

  remove(number: number): void {
    const place = this.#placeOf(number);
    if (place === -1) return;
    this.#numbers.splice(place, 1);
    this.#values.splice(place, 1);
  }

  /** Undefined where it has no such thing. */
  numberOf(value: T): number | undefined {
    return this.#numbers[this.#values.indexOf(value)];
  }

  entries(): [number, T][] {
    return this.#numbers.map((number, place) => [number, this.#values[place] as T]);
  }

  clear(): void {
    this.#numbers.length = this.#values.length = 0;
  }

  #placeOf(number: number): number {
    let low = 0;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#numbers[middle] ?? Infinity) < number) low = middle + 1;
      else high = middle;
    }
    return this.#numbers[low] === number ? low : -1;
  }
}
