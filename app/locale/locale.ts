/** Every sentence by key, in each language; lists, plurals and numbers the way the language writes them. */
import { type Locale, LOCALES, type LocalText } from "../model/locale.ts";
import en from "./en.json" with { type: "json" };
import zh from "./zh.json" with { type: "json" };

export type TextKey = keyof typeof en;
export type TextValues = Readonly<Record<string, string | number>>;

const TEXTS = { en, zh } satisfies Record<Locale, Record<TextKey, string>>;

/** BCP 47 tag of a locale, for `lang` attributes and `Intl`. */
export const LANGUAGE_TAG: Readonly<Record<Locale, string>> = { en: "en", zh: "zh-CN" };

export const ALL_TEXT_KEYS = Object.keys(en) as readonly TextKey[];

export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

/** The sentence of a key, with `{name}` filled in from `values`. */
export function text(locale: Locale, key: TextKey, values: TextValues = {}): string {
  return TEXTS[locale][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The text for a locale: its own, else English, else whichever there is. */
export function localText(given: LocalText, locale: Locale): string {
  if (typeof given === "string") return given;
  return given[locale] ?? given.en ?? Object.values(given)[0] ?? "";
}

/** Made when it is needed: making it costs a start more than all of these texts. */
let englishList: Intl.ListFormat | undefined;

/** `a, b and c` as the language joins a list. */
export function list(locale: Locale, items: readonly string[]): string {
  if (locale === "zh") return items.join("、");
  englishList ??= new Intl.ListFormat("en-GB", { type: "conjunction" });
  return englishList.format(items);
}

/** Locale for an `Accept-Language` header, such as `zh-CN,zh;q=0.9,en;q=0.8` (RFC 9110, 12.5.4). */
export function preferredLocale(header: string | undefined): Locale {
  const wanted = (header ?? "").split(",").map((part) => {
    const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
    const quality = parameters.map((each) => /^\s*q=([\d.]+)\s*$/.exec(each)?.[1]).find((q) =>
      q !== undefined
    );
    return { language: tag.split("-")[0] ?? "", quality: quality === undefined ? 1 : Number(quality) };
  });
  wanted.sort((a, b) => b.quality - a.quality);
  for (const { language, quality } of wanted) {
    const locale = LOCALES.find((each) => each === language);
    if (locale && quality > 0) return locale;
  }
  return "en";
}
