/** What an item says, in one line. */
import { duration, sizeText } from "../locale/format.ts";
import { isTextKey, text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import type { Item } from "./incident.ts";

export interface HeadlineParts {
  readonly titleOf: (taskId: string, locale: Locale) => string;
  /** This machine's name. */
  readonly machine: string;
}

/** What happened, in one line. */
export function headlineOf(
  { notice, count, over }: Item,
  locale: Locale,
  { titleOf, machine }: HeadlineParts,
): string {
  const { kind, task, subject, values = {}, error = "" } = notice;
  const name = task === undefined ? nameOf(subject, locale) : titleOf(task, locale);
  const times = { name, n: count };
  switch (kind) {
    case "failed": {
      if (over) return text(locale, "notice.unsteady", times);
      const key = `notice.failed.${values.status}`;
      return text(
        locale,
        count > 1 ? "notice.failed_again" : isTextKey(key) ? key : "notice.failed.failed",
        times,
      );
    }
    case "too_long":
      return text(locale, values.usual ? "notice.too_long_usual" : "notice.too_long", {
        name,
        ms: duration(Number(values.ms), locale),
        limit: duration(Number(values.limitMs), locale),
      });
    case "late":
      return text(locale, "notice.late", { name, ms: duration(Number(values.ms), locale) });
    case "disk":
      return text(locale, "notice.disk", {
        free: sizeText(Number(values.free)),
        folder: String(values.folder),
      });
    case "broken":
      return text(locale, "notice.broken", { name: String(values.file ?? name) });
    case "watch":
      return error;
    case "recovered": {
      const [, host = "", what = ""] = /^watch\/(.*)\/(\w+)$/.exec(subject) ?? [];
      const key = `notice.over.${what}`;
      return isTextKey(key) ? text(locale, key, { name: host }) : text(locale, "notice.recovered", times);
    }
    case "test":
      return text(locale, "notice.test", { machine, name: String(values.target ?? "") });
    case "backfill_ended": {
      const key = values.state === "cancelled" ? "notice.backfill_cancelled" : "notice.backfill_ended";
      return text(locale, key, { ...times, ...values });
    }
    case "digest":
      return text(locale, "notice.digest", { machine, ...values });
    default:
      return text(locale, `notice.${kind}`, { ...times, ...values });
  }
}

/** The name of what belongs to no task. */
function nameOf(subject: string, locale: Locale): string {
  const key = `notice.subject.${subject.replace(/^system\//, "")}`;
  return isTextKey(key) ? text(locale, key) : subject.replace(/^[a-z]+\//, "");
}
