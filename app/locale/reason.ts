/** Reasons in words. */
import { localDateTime } from "../base/time_zone.ts";
import type { Locale } from "../model/locale.ts";
import type { RunReason } from "../model/reason.ts";
import type { Run } from "../model/run.ts";
import { duration } from "./format.ts";
import { isTextKey, text, type TextKey, type TextValues } from "./locale.ts";

/** A reason with a key that every language has a text for. */
export function reason(key: Extract<TextKey, `reason.${string}`>, values: TextValues = {}): RunReason {
  return { key, values };
}

/** The reason as a sentence without a full stop; its bare key where this version has no text for it. */
export function reasonText({ key, values }: RunReason, locale: Locale): string {
  if (!isTextKey(key)) return key;
  const { limitMs } = values;
  // A length of time is said in the language; records of earlier versions hold it in words.
  return text(
    locale,
    key,
    typeof limitMs === "number" ? { ...values, limit: duration(limitMs, locale) } : values,
  );
}

/**
 * What a record says in one line: its reason, else what the task returned. Skipped instants that share a record are
 * counted.
 *
 * @param zone whose wall clock moments are shown in
 */
export function recordText(
  run: Pick<Run, "status" | "reason" | "instants" | "message" | "finishedAt">,
  locale: Locale,
  zone: string,
): string {
  if (!run.reason) return run.message ?? "";
  const sentence = reasonText(run.reason, locale);
  const lastAt = run.reason.lastAt ?? run.finishedAt;
  if (run.instants === 1 || run.status !== "skipped" || lastAt === undefined) return sentence;
  return text(locale, "reason.repeated", {
    reason: sentence,
    n: run.instants,
    last: localDateTime(lastAt, zone),
  });
}
