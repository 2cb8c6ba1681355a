/** What a policy is: keys of `defineTask`, how they become plain data, and words for the task's page. */
import type { TextKey, TextValues } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import type { CalendarDays } from "./calendar_file.ts";

declare const OPTIONS: unique symbol;

/**
 * One policy. `Options` is what an author writes, an interface with a doc comment a key; `Plain` is what the rest of
 * Carillon works with: data that survives JSON.
 */
export interface Policy<Options extends object, Plain extends object> {
  /** The keys, each with the text of its name on the page. */
  readonly keys: Readonly<Record<keyof Options & string, TextKey>>;
  /** @throws TypeError with a sentence: the key, what it is, what is allowed */
  read(given: Definition, reading: Reading): Plain | Promise<Plain>;
  /** The value of each key in words; undefined for what is as usual. */
  wordsOf(plain: Plain, locale: Locale): Readonly<Record<keyof Options & string, string | undefined>>;
  /** Never there: it carries the type of the options. */
  readonly [OPTIONS]?: Options;
}

/** A definition as it was written, by anybody: nothing in it is known to be what its type says. */
export type Definition = Readonly<Record<string, unknown>>;

/** What a definition cannot say by itself. */
export interface Reading {
  /** Days of a calendar's file, whose name is relative to the task's file. */
  readonly calendarFile: (file: string) => Promise<CalendarDays>;
  /** Keeps something that the task's author should know and that keeps nothing from running. */
  readonly warn: (warning: TaskWarning) => void;
}

/** What is wrong with a task that runs all the same, for every language to say. */
export interface TaskWarning {
  readonly key: Extract<TextKey, `warning.${string}`>;
  readonly values: TextValues;
}
