/** The table of all kinds of trigger. A new kind is a file with a {@link TriggerKind}, a line here and its texts. */
import { sentence, wrongWith } from "../locale/sentence.ts";
import { shown } from "../base/shown.ts";
import { allKind, type AllSpec, anyKind, type AnySpec } from "./combined.ts";
import { calendarKind, type CalendarSpec } from "./calendar_interval.ts";
import { cronKind, type CronSpec } from "./cron.ts";
import { crontabKind, type CrontabSpec } from "./crontab.ts";
import { dateKind, type DateSpec } from "./date.ts";
import { TriggerError } from "./errors.ts";
import { filesKind, type FilesSpec } from "./files.ts";
import { intervalKind, type IntervalSpec } from "./interval.ts";
import type { CompiledTrigger, KindContext, NestedSpec, TriggerContext, TriggerKind } from "./kind.ts";
import { nthKind, type NthSpec } from "./nth.ts";
import { isObject } from "./options.ts";
import { startKind, type StartSpec } from "./start.ts";

/** A trigger as plain data: it travels from a worker to the scheduler, and compiles to a trigger. */
export type TriggerSpec =
  | CronSpec
  | CrontabSpec
  | IntervalSpec
  | CalendarSpec
  | DateSpec
  | StartSpec
  | FilesSpec
  | NthSpec<TriggerSpec>
  | AnySpec<TriggerSpec>
  | AllSpec<TriggerSpec>;

type KindName = TriggerSpec["kind"];

const KINDS: { readonly [K in KindName]: TriggerKind<Extract<TriggerSpec, { kind: K }>> } = {
  cron: cronKind,
  crontab: crontabKind,
  interval: intervalKind,
  calendar: calendarKind,
  date: dateKind,
  start: startKind,
  files: filesKind,
  nth: nthKind as TriggerKind<NthSpec<TriggerSpec>>,
  any: anyKind as TriggerKind<AnySpec<TriggerSpec>>,
  all: allKind as TriggerKind<AllSpec<TriggerSpec>>,
};

export const TRIGGER_KINDS = Object.keys(KINDS) as readonly KindName[];

/** True for an object that says it is of a known kind; {@link readTrigger} looks at the rest of it. */
export function isTriggerSpec(value: unknown): value is TriggerSpec {
  return isObject(value) && isKindName(value.kind);
}

/** Triggers inside triggers inside triggers: nobody writes more levels. */
const MAX_LEVELS = 20;

/** Reads and checks plain data of any kind. Throws a {@link TriggerError}. */
export function readTrigger(given: unknown): TriggerSpec {
  const spec = readLevel(given, 1);
  compileSpec(spec, { timezone: "UTC", anchor: 0 });
  return spec;
}

function readLevel(given: unknown, level: number): TriggerSpec {
  if (!isTriggerSpec(given)) throw noTrigger(given);
  if (level > MAX_LEVELS) throw tooDeep();
  return kindOf(given.kind).read({ ...given }, (nested) => readLevel(nested, level + 1));
}

/** Compiles a spec of any kind. Throws a {@link TriggerError}. */
export function compileSpec(spec: NestedSpec, context: TriggerContext, level = 1): CompiledTrigger {
  if (!isTriggerSpec(spec)) throw noTrigger(spec);
  if (level > MAX_LEVELS) throw tooDeep();
  const withKinds: KindContext = { ...context, compile: (nested) => compileSpec(nested, context, level + 1) };
  return kindOf(spec.kind).compile(spec, withKinds);
}

function kindOf(name: KindName): TriggerKind<TriggerSpec> {
  return KINDS[name] as TriggerKind<TriggerSpec>;
}

function isKindName(name: unknown): name is KindName {
  return typeof name === "string" && Object.hasOwn(KINDS, name);
}

function noTrigger(given: unknown): TriggerError {
  if (!isObject(given) || given.kind === undefined) {
    return new TriggerError(sentence("mistake.no_trigger", { value: shown(given) }));
  }
  const known = TRIGGER_KINDS.map((name) => `"${name}"`).join(", ");
  return new TriggerError(
    wrongWith("kind", sentence("mistake.none_of", { value: JSON.stringify(given.kind), known })),
  );
}

function tooDeep(): TriggerError {
  return new TriggerError(sentence("mistake.trigger_levels", { most: MAX_LEVELS }));
}
