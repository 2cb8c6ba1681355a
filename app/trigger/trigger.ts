/** What the other rooms know of triggers. */
export type { Trigger } from "../contracts.ts";
export type { TriggerBounds } from "./bounds.ts";
export { TriggerError } from "./errors.ts";
export type { TriggerContext } from "./kind.ts";
export { isTriggerSpec, readTrigger, TRIGGER_KINDS, type TriggerSpec } from "./kinds.ts";
