/** `interrupted`: what becomes of a run that a crash, a lost host or a lost node cut off. */
import { text } from "../locale/locale.ts";
import { oneOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface InterruptedKeys {
  /**
   * What becomes of a run that Carillon's end, or that of its process, cut off: `"leave"` (when left out) records it as
   * interrupted, `"again"` starts it once more with the same parameters, for work that may be done twice. It is no
   * attempt of `retry`.
   */
  readonly interrupted?: InterruptedPolicy;
}

const CHOICES = ["leave", "again"] as const;
export type InterruptedPolicy = (typeof CHOICES)[number];

/** A run that was cut off so often is the cause of it itself, and is left. */
export const MAX_TIMES_AGAIN = 5;

export const interrupted: Policy<InterruptedKeys, { readonly interrupted: InterruptedPolicy }> = {
  keys: { interrupted: "policy.interrupted" },
  read: ({ interrupted }) => ({ interrupted: oneOf("interrupted", interrupted ?? "leave", CHOICES) }),
  wordsOf: ({ interrupted }, locale) => ({
    interrupted: interrupted === "leave" ? undefined : text(locale, `interrupted.${interrupted}`),
  }),
};

/** @param times how often this run was cut off before and started again, 0 for the first time */
export function startsAgain(interrupted: InterruptedPolicy, times: number): boolean {
  return interrupted === "again" && times < MAX_TIMES_AGAIN;
}
