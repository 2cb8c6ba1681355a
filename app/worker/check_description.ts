/** In the clock: the description of a task as a host sends it, checked as far as its shape goes. */
import { LOCALES, type LocalText } from "../model/locale.ts";
import { compileTrigger } from "../trigger/compile.ts";
import type { TriggerSpec } from "../trigger/trigger.ts";
import type { ParamsDescription, TaskDescription } from "../task/description.ts";
import { isTaskId } from "../task/task_id.ts";

/** A host has described a task in a way that its own code does not allow. */
export class DescriptionError extends Error {
  override readonly name = "DescriptionError";
}

/** Characters of all descriptions of a file as JSON. */
export const MAX_DESCRIPTION_LENGTH = 2_000_000;
const MAX_TRIGGERS = 1_000;

/** @throws DescriptionError, TriggerError */
export function checkedDescriptions(value: unknown): readonly TaskDescription[] {
  const length = JSON.stringify(value)?.length ?? 0;
  if (length > MAX_DESCRIPTION_LENGTH) {
    throw new DescriptionError(
      `the description of the file's tasks has ${length} characters; ${MAX_DESCRIPTION_LENGTH} are allowed`,
    );
  }
  if (!Array.isArray(value) || value.length === 0) fail("list of tasks");
  return value.map(checkedDescription);
}

function checkedDescription(value: unknown): TaskDescription {
  const given = fields("description", value);
  const { id, title, description, tags, triggers, params, policies, warnings } = given;
  for (const [key, each] of Object.entries({ title, description })) {
    if (each !== undefined && !isLocalText(each)) fail(key);
  }
  if (id !== undefined && (typeof id !== "string" || !isTaskId(id))) fail("id");
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== "string")) fail("tags");
  if (!Array.isArray(triggers) || triggers.length > MAX_TRIGGERS) fail("triggers");
  // What cannot be compiled would be found when the task is scheduled: here it is the file's own mistake.
  for (const each of triggers) compileTrigger(each as TriggerSpec, { timezone: "UTC", anchor: 0 });
  checkedParams(params);
  fields("policies", policies);
  if (!Array.isArray(warnings)) fail("warnings");
  return given as unknown as TaskDescription;
}

export function checkedParams(value: unknown): ParamsDescription {
  const { fields: given, open } = fields("params", value);
  if (!Array.isArray(given) || typeof open !== "boolean") fail("params");
  for (const each of given) {
    const { name, required, schema } = fields("parameter", each);
    if (typeof name !== "string" || typeof required !== "boolean") fail("params");
    fields("schema", schema);
  }
  return value as ParamsDescription;
}

function isLocalText(value: unknown): value is LocalText {
  if (typeof value === "string") return true;
  return typeof value === "object" && value !== null &&
    Object.entries(value).every(([locale, words]) =>
      LOCALES.some((each) => each === locale) && typeof words === "string"
    );
}

function fields(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(what);
  return value as Readonly<Record<string, unknown>>;
}

function fail(what: string): never {
  throw new DescriptionError(`the description of the task is not as it should be: ${what}`);
}
