/** Kind `nth`: one in so many fires of another trigger. */
import { sentence, wrongWith } from "../locale/sentence.ts";
import { shown } from "../base/shown.ts";
import { text } from "../locale/locale.ts";
import { TriggerError } from "./errors.ts";
import { countFires, type Fires } from "./fires.ts";
import type { NestedSpec, TriggerKind } from "./kind.ts";
import { checkKeys } from "./options.ts";

export interface NthSpec<Spec extends NestedSpec = NestedSpec> {
  readonly kind: "nth";
  /** 2 for every other fire. */
  readonly n: number;
  readonly of: Spec;
}

const MAX_N = 10_000;

export function nthSpec<Spec extends NestedSpec>(n: unknown, of: Spec): NthSpec<Spec> {
  if (typeof n !== "number" || !Number.isInteger(n) || n < 1 || n > MAX_N) {
    const values = { value: shown(n), least: 1, greatest: MAX_N };
    throw new TriggerError(wrongWith("everyNth", sentence("mistake.whole_number", values)));
  }
  return { kind: "nth", n, of };
}

export const nthKind: TriggerKind<NthSpec> = {
  read(given, nested) {
    checkKeys("", given, ["kind", "n", "of"]);
    return nthSpec(given.n, nested(given.of));
  },
  compile(spec, context) {
    const inner = context.compile(spec.of);
    if (inner.atStart) {
      throw new TriggerError(wrongWith("everyNth", sentence("mistake.nth_start")));
    }
    return {
      ...inner,
      fires: nthFires(inner.fires, spec.n, inner.begin ?? context.anchor),
      words: (locale) => text(locale, "trigger.nth", { inner: inner.words(locale), n: spec.n }),
      rule: `nth[${spec.n}, ${inner.rule}]`,
    };
  },
};

/** The first fire at or after the moment from which is counted, and then every n-th. */
function nthFires(inner: Fires, n: number, countFrom: number): Fires {
  // How many fires there were up to a moment; most questions are about a later one.
  let known = { upTo: countFrom - 1, count: 0 };
  const countTo = (moment: number): number => {
    if (moment < known.upTo) known = { upTo: countFrom - 1, count: 0 };
    if (moment > known.upTo) {
      known = { upTo: moment, count: known.count + countFires(inner, known.upTo + 1, moment) };
    }
    return known.count;
  };
  return {
    gridAt: (from) => inner.gridAt?.(from),
    nextMs(after) {
      const from = Math.max(after, countFrom - 1);
      const toSkip = (n - countTo(from) % n) % n;
      let fire = inner.nextMs(from);
      for (let skipped = 0; skipped < toSkip && fire !== null; skipped++) fire = inner.nextMs(fire);
      return fire;
    },
  };
}
