/** Parameters that something else than a person gives, such as the path of a new file: whether the task takes them. */
import { sentence, suggested } from "../locale/sentence.ts";
import { refuse } from "../policy/option.ts";
import { typesOf } from "./param_text.ts";
import type { ParamsDescription } from "./params_description.ts";

/** What a parameter is given: a text, or whatever a body holds. */
export type Given = "text" | "anything";

/**
 * Refuses a task that has no such parameter, where it cannot be what it is given, or where another one is required that
 * nobody would give.
 *
 * @param key what names the parameter, such as `watch`
 */
export function checkGiven(key: string, name: string, given: Given, params: ParamsDescription): void {
  const field = params.fields.find((each) => each.name === name);
  if (!field && !params.open) {
    const known = params.fields.map((each) => each.name);
    refuse(key, sentence("mistake.param.none_given", { name, known: suggested(name, known) }));
  }
  const types = field ? typesOf(field.schema) : [];
  if (given === "text" && types.length > 0 && !types.includes("string")) {
    refuse(key, sentence("mistake.param.path", { name }));
  }
  const other = params.fields.find((each) => each.required && each.name !== name);
  if (other) {
    refuse(key, sentence("mistake.param.required", { name: other.name }));
  }
}
