/** Turns a trigger's plain data into a {@link Trigger}. */
import type { Trigger } from "../contracts.ts";
import type { EpochMs } from "../base/time.ts";
import type { Locale } from "../model/locale.ts";
import { LAST_YEAR } from "./cron/days.ts";
import type { Fires } from "./fires.ts";
import type { TriggerContext } from "./kind.ts";
import { compileSpec, type TriggerSpec } from "./kinds.ts";

/** Compiles a spec. Throws a {@link TriggerError} that names the field, the expression and what is allowed. */
export function compileTrigger(spec: TriggerSpec, context: TriggerContext): Trigger {
  const compiled = compileSpec(spec, context);
  const nextMs = remembering(compiled.fires);
  // A list of tasks asks for all of them each time it is looked at.
  const words = new Map<Locale, string>();
  return {
    next(after) {
      const ms = nextMs(after.epochMilliseconds);
      return ms === null ? null : Temporal.Instant.fromEpochMilliseconds(ms);
    },
    nextMs,
    describe(locale) {
      const known = words.get(locale) ?? typeset(compiled.words(locale), locale);
      words.set(locale, known);
      return known;
    },
    rule: compiled.rule,
    timezone: compiled.timezone,
    atStart: compiled.atStart ?? false,
    onFiles: compiled.onFiles ?? false,
    isRhythm: compiled.isRhythm,
    identity: (compiled.usesDefaultZone ? `${context.timezone} ` : "") + JSON.stringify(spec),
  };
}

/** No trigger fires later: 2999-12-31T23:59:59.999Z. */
const LAST_FIRE = Date.UTC(LAST_YEAR, 11, 31, 23, 59, 59, 999);

/** Up to the fire that was found last the answer is known; and what has ended stays so. */
function remembering(fires: Fires): (after: EpochMs) => EpochMs | null {
  let asked = Infinity;
  let found: EpochMs | null = null;
  return (after) => {
    if (after >= asked && (found === null || after < found)) return found;
    const next = fires.nextMs(after);
    asked = after;
    return found = next === null || next > LAST_FIRE ? null : next;
  };
}

/** Chinese is set with a space between a character and a number, and with none between two characters. */
function typeset(words: string, locale: Locale): string {
  if (locale !== "zh") return words;
  return words
    .replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, "")
    .replace(/(?<=\p{Script=Han})(?=\d)|(?<=\d)(?=\p{Script=Han})/gu, " ");
}
