/**
 * Reads a crontab line: five fields (minute, hour, day, month, weekday), six (second first) or seven (year last), or a
 * nickname such as `@daily`; before them `CRON_TZ=Europe/Stockholm`, if wanted. The fields mean what they mean in croner's
 * dialect: `0` and `7` are Sunday, `?` is `*`, and a day that is restricted twice needs to match only once, unless the
 * weekday begins with `+`. Where a day or weekday begins with `*` both must match, as in cron itself and not in croner.
 */
import type { Sentence } from "../../base/sentence.ts";
import { sentence, suggested } from "../../locale/sentence.ts";
import { TriggerError } from "../errors.ts";
import { parseCrontabField } from "./crontab_field.ts";
import type { DayRule } from "./days.ts";
import { type CronFieldName, type CronFields, everyValue } from "./field.ts";

export type CrontabLine =
  & { readonly timezone?: string | undefined }
  & (
    | { readonly kind: "fields"; readonly fields: CronFields; readonly rule: DayRule }
    /** `@reboot`: at each start. */
    | { readonly kind: "start" }
  );

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const REBOOT = "@reboot";

const ORDER = ["second", "minute", "hour", "day", "month", "dayOfWeek", "year"] as const;

/** A word of the line and where it begins, counted from 1. */
interface Word {
  readonly text: string;
  readonly position: number;
}

/** Throws a {@link TriggerError} that names the line, the field, the position and what is allowed. */
export function parseCrontab(line: string): CrontabLine {
  const words = [...line.matchAll(/\S+/g)].map(({ 0: text, index }): Word => ({ text, position: index + 1 }));
  const zone = /^(?:CRON_TZ|TZ)=(.*)$/.exec(words[0]?.text ?? "");
  if (zone) words.shift();
  const timezone = zone?.[1];
  const fail = (what: Sentence) => new TriggerError(sentence("mistake.crontab.line", { line, what }));
  if (words[0]?.text.startsWith("@")) {
    const nickname = words.map(({ text }) => text.toLowerCase()).join(" ");
    if (nickname === REBOOT) return { kind: "start", timezone };
    return { kind: "fields", ...fieldsOf(wordsOfNickname(nickname, fail), fail), timezone };
  }
  return { kind: "fields", ...fieldsOf(words, fail), timezone };
}

function wordsOfNickname(nickname: string, fail: (what: Sentence) => TriggerError): Word[] {
  const meant = Object.hasOwn(NICKNAMES, nickname) ? NICKNAMES[nickname] : undefined;
  if (meant !== undefined) return meant.split(" ").map((text, index) => ({ text, position: 2 * index + 1 }));
  const length = /^@every\s+(\S.*)$/.exec(nickname)?.[1];
  throw fail(
    length === undefined
      ? sentence("mistake.crontab.nickname", {
        nickname,
        known: suggested(nickname, [...Object.keys(NICKNAMES), REBOOT]),
      })
      : sentence("mistake.crontab.every", { length }),
  );
}

function fieldsOf(
  words: readonly Word[],
  fail: (what: Sentence) => TriggerError,
): { readonly fields: CronFields; readonly rule: DayRule } {
  if (words.length < 5 || words.length > 7) {
    throw fail(
      words.length === 1
        ? sentence("mistake.crontab.fields.1", { n: words.length })
        : sentence("mistake.crontab.fields", { n: words.length }),
    );
  }
  const first = words.length === 5 ? 1 : 0;
  const field = (name: CronFieldName, fallback: string) => {
    const index = ORDER.findIndex((each) => each === name) - first;
    const word = words[index] ?? { text: fallback, position: 0 };
    return parseCrontabField(
      name,
      word.text,
      (part, position, what) =>
        fail(
          sentence("mistake.crontab.part", {
            label: sentence(`mistake.crontab.label.${name}`),
            n: index + 1,
            position: word.position + position,
            part,
            what,
          }),
        ),
    );
  };
  const day = field("day", "*");
  const weekday = field("dayOfWeek", "*");
  const together = words[5 - first]?.text.startsWith("+") ?? false;
  // crontab(5) calls a field restricted that does not begin with `*`: `*/2` is not.
  const restrictedTwice = !day.text.startsWith("*") && !weekday.text.startsWith("*");
  return {
    fields: {
      year: field("year", "*"),
      month: field("month", "*"),
      day,
      week: everyValue("week"),
      dayOfWeek: weekday,
      hour: field("hour", "*"),
      minute: field("minute", "*"),
      second: first === 1
        ? parseCrontabField("second", "0", (_part, _position, what) => fail(what))
        : field("second", "0"),
    },
    rule: restrictedTwice && !together ? "either" : "both",
  };
}
