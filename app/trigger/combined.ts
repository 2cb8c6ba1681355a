/** Kinds `any` and `all`: several triggers as one. */
import { sentence, wrongWith } from "../locale/sentence.ts";
import { text } from "../locale/locale.ts";
import { TriggerError } from "./errors.ts";
import { countFires, type Fires, NO_FIRES } from "./fires.ts";
import type { CompiledTrigger, Json, KindContext, NestedSpec, TriggerKind } from "./kind.ts";
import { meetingFires } from "./meeting.ts";
import { checkKeys } from "./options.ts";

/** Fires when one of the triggers does, once where several coincide. */
export interface AnySpec<Spec extends NestedSpec = NestedSpec> {
  readonly kind: "any";
  readonly of: readonly Spec[];
}

/** Fires when all of the triggers do. */
export interface AllSpec<Spec extends NestedSpec = NestedSpec> {
  readonly kind: "all";
  readonly of: readonly Spec[];
}

/** More triggers than this are a fault of the code that makes them. */
const MAX_TRIGGERS = 1_000;

export function anySpec<Spec extends NestedSpec>(of: readonly Spec[]): AnySpec<Spec> {
  return { kind: "any", of: checkedList("anyOf", of) };
}

export function allSpec<Spec extends NestedSpec>(of: readonly Spec[]): AllSpec<Spec> {
  return { kind: "all", of: checkedList("allOf", of) };
}

function checkedList<Spec>(what: string, of: readonly Spec[]): readonly Spec[] {
  if (of.length === 0) throw new TriggerError(wrongWith(what, sentence("mistake.no_triggers")));
  if (of.length <= MAX_TRIGGERS) return of;
  throw new TriggerError(
    wrongWith(what, sentence("mistake.many_triggers", { n: of.length, most: MAX_TRIGGERS })),
  );
}

export const anyKind: TriggerKind<AnySpec> = {
  read: (given, nested) => anySpec(readList(given, nested)),
  compile: (spec, context) =>
    combine(
      spec.of,
      context,
      anyFires,
      "trigger.or",
      (rules) => rules.length === 1 ? rules.join() : `or[${rules.join(", ")}]`,
    ),
};

export const allKind: TriggerKind<AllSpec> = {
  read: (given, nested) => allSpec(readList(given, nested)),
  compile(spec, context) {
    const all = combine(
      spec.of,
      context,
      meetingFires,
      "trigger.and",
      (rules) => `and[${rules.join(", ")}]`,
    );
    if (all.atStart) {
      throw new TriggerError(wrongWith("allOf", sentence("mistake.all_start")));
    }
    return all;
  },
};

function readList(given: Json, nested: (given: unknown) => NestedSpec): NestedSpec[] {
  checkKeys("", given, ["kind", "of"]);
  if (!Array.isArray(given.of) || given.of.length === 0) {
    throw new TriggerError(
      wrongWith(
        "of",
        sentence("mistake.no_trigger_list", { value: JSON.stringify(given.of) ?? "undefined" }),
      ),
    );
  }
  return given.of.map(nested);
}

function combine(
  specs: readonly NestedSpec[],
  context: KindContext,
  join: (all: readonly Fires[]) => Fires,
  wordsBetween: "trigger.or" | "trigger.and",
  rule: (rules: readonly string[]) => string,
): CompiledTrigger {
  const all = specs.map((each) => context.compile(each));
  return {
    fires: join(all.map((each) => each.fires)),
    words: (locale) => all.map((each) => each.words(locale)).join(text(locale, wordsBetween)),
    rule: rule(all.map((each) => each.rule)),
    timezone: all[0]?.timezone ?? context.timezone,
    usesDefaultZone: all.some((each) => each.usesDefaultZone),
    isRhythm: all.every((each) => each.isRhythm),
    begin: earliest(all.map((each) => each.begin)),
    atStart: all.some((each) => each.atStart),
    onFiles: all.some((each) => each.onFiles),
  };
}

/** Where one of several triggers has no beginning, all of them together have none. */
function earliest(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((each) => each !== undefined);
  return known.length < moments.length || known.length === 0 ? undefined : Math.min(...known);
}

function anyFires(all: readonly Fires[]): Fires {
  const [first = NO_FIRES, ...others] = all;
  return others.reduce(either, first);
}

/** What both fire on is counted once. */
function either(a: Fires, b: Fires): Fires {
  const both = meetingFires([a, b]);
  return {
    nextMs(after) {
      const [one, other] = [a.nextMs(after), b.nextMs(after)];
      return one === null ? other : other === null ? one : Math.min(one, other);
    },
    count: (from, to) => countFires(a, from, to) + countFires(b, from, to) - countFires(both, from, to),
  };
}
