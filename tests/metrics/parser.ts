/** A strict reader of Prometheus' text format 0.0.4: what it takes, every other reader takes. */

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** @throws Error for anything that the format does not allow, and for what it allows and no one should write */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, { name: string; type: string; help: string; samples: ParsedSample[] }>();
  let help: { name: string; text: string } | undefined;
  let current: { name: string; type: string; help: string; samples: ParsedSample[] } | undefined;
  for (const line of text.split("\n").slice(0, -1)) {
    const fail = (what: string) => new Error(`${what}: ${line}`);
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment) {
      const [, kind, name = "", rest = ""] = comment;
      if (!NAME.test(name)) throw fail("no name");
      if (kind === "HELP") help = { name, text: rest };
      else {
        if (help?.name !== name) throw fail("TYPE without HELP");
        if (families.has(name)) throw fail("told twice");
        if (!["counter", "gauge", "histogram"].includes(rest)) throw fail("no type");
        current = { name, type: rest, help: help.text, samples: [] };
        families.set(name, current);
      }
      continue;
    }
    const [, name = "", labels, value = ""] = SAMPLE.exec(line) ?? [];
    if (name === "" || !current) throw fail("no sample");
    const suffixes = current.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (!suffixes.some((suffix) => name === current?.name + suffix)) throw fail("not of its family");
    current.samples.push({ name, labels: labelsIn(labels, fail), value: numberOf(value, fail) });
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function labelsIn(text: string | undefined, fail: (what: string) => Error): Record<string, string> {
  const labels: Record<string, string> = {};
  let at = 0;
  while (text !== undefined && at < text.length) {
    LABEL.lastIndex = at;
    const [whole, name = "", value = ""] = LABEL.exec(text) ?? [];
    if (whole === undefined) throw fail("labels");
    if (name in labels) throw fail("a label twice");
    labels[name] = value.replace(/\\(.)/g, (_all, each) => each === "n" ? "\n" : each);
    at += whole.length;
  }
  return labels;
}

function numberOf(text: string, fail: (what: string) => Error): number {
  if (text === "+Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  if (text === "NaN") return NaN;
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text)) throw fail("no number");
  return Number(text);
}

function checkFamily({ name, type, samples }: Family): void {
  const keys = samples.map((each) => JSON.stringify([each.name, Object.entries(each.labels).toSorted()]));
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has a series twice`);
  if (type === "counter" && samples.some(({ value }) => !(value >= 0))) {
    throw new Error(`${name} counts backwards`);
  }
  if (type === "counter" && !name.endsWith("_total")) throw new Error(`${name} is a counter without _total`);
  if (type !== "histogram") return;
  const series = Map.groupBy(
    samples.filter((each) => each.name.endsWith("_bucket")),
    ({ labels: { le: _le, ...rest } }) => JSON.stringify(rest),
  );
  for (const [rest, buckets] of series) {
    const bounds = buckets.map(({ labels }) => labels.le === "+Inf" ? Infinity : Number(labels.le));
    if (bounds.some((bound, i) => i > 0 && bound <= (bounds[i - 1] ?? 0)) || bounds.at(-1) !== Infinity) {
      throw new Error(`${name}: bounds`);
    }
    if (buckets.some(({ value }, i) => i > 0 && value < (buckets[i - 1]?.value ?? 0))) {
      throw new Error(`${name}: buckets fall`);
    }
    const count = samples.find((each) =>
      each.name === `${name}_count` && JSON.stringify(each.labels) === rest
    );
    if (count?.value !== buckets.at(-1)?.value) throw new Error(`${name}: count`);
  }
}
