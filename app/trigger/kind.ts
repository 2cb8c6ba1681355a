/** What a kind of trigger has to offer. A kind is one file that holds its options, checks, instants, words and JSON. */
import type { EpochMs } from "../base/time.ts";
import type { Locale } from "../model/locale.ts";
import type { Fires } from "./fires.ts";

/** What a spec does not say itself. */
export interface TriggerContext {
  /** Zone of triggers that name none. */
  readonly timezone: string;
  /** Anchor of intervals without a start date: when the task was first seen. */
  readonly anchor: EpochMs;
}

/** A trigger inside another one: the outer kind knows no more of it than that it has a kind. */
export interface NestedSpec {
  readonly kind: string;
}

/** A {@link TriggerContext} with the way to the other kinds, for kinds that hold triggers. */
export interface KindContext extends TriggerContext {
  compile(spec: NestedSpec): CompiledTrigger;
}

/** All that a kind makes of a spec. */
export interface CompiledTrigger {
  readonly fires: Fires;
  /** One line for people. */
  words(locale: Locale): string;
  /** The rule in APScheduler's notation. */
  readonly rule: string;
  /** The zone whose wall clock it follows. */
  readonly timezone: string;
  /** True where the context's zone has a say in when it fires. */
  readonly usesDefaultZone: boolean;
  /** True where its instants keep running when the clock is set, false for wall-clock times that come once. */
  readonly isRhythm: boolean;
  /** The moment it is declared to begin at; left out where it always was. */
  readonly begin?: EpochMs | undefined;
  /** True where it fires at each start of Carillon, too. */
  readonly atStart?: boolean | undefined;
  /** True where new files fire it, too. */
  readonly onFiles?: boolean | undefined;
}

/** A JSON object, as `carillon next` takes it or a worker sends it. */
export type Json = Readonly<Record<string, unknown>>;

export interface TriggerKind<Spec> {
  /**
   * Reads a JSON object of this kind, which may be a spec of this kind itself; `nested` reads a trigger inside it.
   *
   * @throws TriggerError
   */
  read(given: Json, nested: (given: unknown) => NestedSpec): Spec;
  /** @throws TriggerError for what cannot be */
  compile(spec: Spec, context: KindContext): CompiledTrigger;
}
