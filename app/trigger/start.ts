/** Kind `start`: each time Carillon starts. It has no instants of its own; the scheduler fires it. */
import { text } from "../locale/locale.ts";
import { NO_FIRES } from "./fires.ts";
import type { TriggerKind } from "./kind.ts";
import { checkKeys } from "./options.ts";

export interface StartSpec {
  readonly kind: "start";
}

export const startKind: TriggerKind<StartSpec> = {
  read(given) {
    checkKeys("", given, ["kind"]);
    return { kind: "start" };
  },
  compile: (_spec, { timezone }) => ({
    fires: NO_FIRES,
    words: (locale) => text(locale, "trigger.start"),
    rule: "start[]",
    timezone,
    usesDefaultZone: false,
    isRhythm: false,
    atStart: true,
  }),
};
