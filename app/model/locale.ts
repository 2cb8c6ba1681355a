/** The languages that Carillon speaks, and texts that come in several of them. */

export const LOCALES = ["en", "zh"] as const;
export type Locale = (typeof LOCALES)[number];

/** A text that a task gives in one or in several languages. */
export type LocalText = string | Readonly<Partial<Record<Locale, string>>>;
