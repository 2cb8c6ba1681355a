/** Counters, gauges and histograms with labels, each with a bound on how many series it can have. */

/** Values of labels, in the order of their names. */
type Labels = readonly string[];

/** Series of one metric; what comes after is counted under {@link OTHER}, so that no name of a task can fill the memory. */
const MAX_SERIES = 200;
/** Stands for every value of a label that there is no room for. */
export const OTHER = "other";
/** Labels with a few values that are all known. There is always room for them: alerts ask how many runs have failed. */
const CLOSED: ReadonlySet<string> = new Set(["status", "cause", "outcome", "event", "state"]);

export interface Sample {
  /** Behind the metric's name, such as `_bucket`. */
  readonly suffix: string;
  readonly labels: readonly (readonly [string, string])[];
  readonly value: number;
}

/** A metric as it is read: name, meaning, kind, and its samples at this moment. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  samples(): readonly Sample[];
}

/** Values by labels, bounded. */
class Series<T> {
  readonly #byKey = new Map<string, { readonly labels: Labels; readonly value: T }>();

  constructor(readonly names: Labels, readonly create: () => T) {}

  at(labels: Labels): T {
    const key = labels.join("\u0000");
    const known = this.#byKey.get(key);
    if (known) return known.value;
    if (this.#byKey.size >= MAX_SERIES && labels.length > 0) {
      const rest = labels.map((label, i) => CLOSED.has(this.names[i] ?? "") ? label : OTHER);
      if (rest.join("\u0000") !== key) return this.at(rest);
    }
    const value = this.create();
    this.#byKey.set(key, { labels, value });
    return value;
  }

  *[Symbol.iterator](): Generator<readonly [(readonly [string, string])[], T]> {
    for (const { labels, value } of this.#byKey.values()) {
      yield [this.names.map((name, i) => [name, labels[i] ?? ""] as const), value];
    }
  }
}

/** A number that only grows. */
export class Counter implements Metric {
  readonly type = "counter";
  readonly #series: Series<{ value: number }>;

  constructor(readonly name: string, readonly help: string, names: Labels = []) {
    this.#series = new Series(names, () => ({ value: 0 }));
    if (names.length === 0) this.#series.at([]);
  }

  add(labels: Labels = [], by = 1): void {
    this.#series.at(labels).value += by;
  }

  samples(): readonly Sample[] {
    return [...this.#series].map(([labels, { value }]) => ({ suffix: "", labels, value }));
  }
}

/** A number that is asked for when somebody reads it; nothing is shown of what cannot be said. */
export class Gauge implements Metric {
  readonly type = "gauge";

  /** @param read values by labels; one without labels as a plain number */
  constructor(
    readonly name: string,
    readonly help: string,
    readonly names: Labels,
    readonly read: () => number | undefined | readonly (readonly [Labels, number])[],
  ) {}

  samples(): readonly Sample[] {
    const read = this.read();
    if (read === undefined) return [];
    const all = typeof read === "number" ? [[[], read] as const] : read.slice(0, MAX_SERIES);
    return all.map(([labels, value]) => ({
      suffix: "",
      labels: this.names.map((name, i) => [name, labels[i] ?? ""] as const),
      value,
    }));
  }
}

/** How often values fell into which stretch. */
export class Histogram implements Metric {
  readonly type = "histogram";
  readonly #series: Series<{ readonly counts: number[]; sum: number }>;

  /** @param bounds upper bounds, rising; the last bucket, without a bound, is there by itself */
  constructor(
    readonly name: string,
    readonly help: string,
    readonly bounds: readonly number[],
    names: Labels = [],
  ) {
    this.#series = new Series(names, () => ({ counts: new Array(bounds.length + 1).fill(0), sum: 0 }));
    if (names.length === 0) this.#series.at([]);
  }

  observe(value: number, labels: Labels = []): void {
    if (!Number.isFinite(value)) return;
    const series = this.#series.at(labels);
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    const at = bucket === -1 ? this.bounds.length : bucket;
    series.counts[at] = (series.counts[at] ?? 0) + 1;
    series.sum += Math.max(0, value);
  }

  samples(): readonly Sample[] {
    return [...this.#series].flatMap(([labels, { counts, sum }]) => {
      let below = 0;
      const buckets = counts.map((count, i): Sample => {
        below += count;
        const bound = this.bounds[i];
        return {
          suffix: "_bucket",
          labels: [...labels, ["le", bound === undefined ? "+Inf" : String(bound)]],
          value: below,
        };
      });
      return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: below }];
    });
  }
}
