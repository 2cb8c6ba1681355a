/** `confirm`: whoever asks for a run types the task's id first. What is due is not asked. */
import { text } from "../locale/locale.ts";
import { oneOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface ConfirmKeys {
  /** `"name"`: a run by hand needs the task's id typed, or given as `confirm` by a program. */
  readonly confirm?: ConfirmPolicy;
}

const CHOICES = ["name"] as const;
export type ConfirmPolicy = (typeof CHOICES)[number];

export const confirm: Policy<ConfirmKeys, { readonly confirm?: ConfirmPolicy | undefined }> = {
  keys: { confirm: "policy.confirm" },
  read: ({ confirm }) => ({
    confirm: confirm === undefined ? undefined : oneOf("confirm", confirm, CHOICES),
  }),
  wordsOf: ({ confirm }, locale) => ({ confirm: confirm && text(locale, `confirm.${confirm}`) }),
};

/** True where what was typed is what the task asks for, or it asks for nothing. */
export function isConfirmed(taskId: string, policy: ConfirmPolicy | undefined, typed: string | undefined) {
  return policy === undefined || typed?.trim() === taskId;
}
