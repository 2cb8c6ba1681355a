/** Why a run was skipped, missed or ended: a key and values, so that every language can say it. */
import { type Locale, text, type TextKey, type TextValues } from "../locale/locale.ts";

export interface RunReason {
  readonly key: Extract<TextKey, `reason.${string}`>;
  readonly values: TextValues;
}

/** The reason as a sentence without a full stop. */
export function reasonText({ key, values }: RunReason, locale: Locale): string {
  return text(locale, key, values);
}
