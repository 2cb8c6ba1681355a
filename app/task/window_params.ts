/** Parameters that are filled from a window: which can be, and how a moment is written for each. */
import { sentence, suggested } from "../locale/sentence.ts";
import { type EpochMs, instantOf } from "../base/time.ts";
import { refuse } from "../policy/option.ts";
import type { WindowPolicy } from "../policy/window.ts";
import { dateFormatOf, typesOf } from "./param_text.ts";
import type { ParamDescription, ParamsDescription } from "./params_description.ts";

/** Refuses a window that fills parameters which are not there, or cannot hold a moment. */
export function checkWindow(window: WindowPolicy | undefined, params: ParamsDescription): void {
  for (const end of ["from", "to"] as const) {
    const name = window?.[end];
    if (name === undefined) continue;
    const schema = schemaOf(name, params);
    if (schema === undefined && !params.open) {
      const known = params.fields.map((field) => field.name);
      refuse(`window.${end}`, sentence("mistake.param.none", { name, known: suggested(name, known) }));
    }
    if (momentFor(SAMPLE, schema, "UTC") === undefined) {
      refuse(`window.${end}`, sentence("mistake.param.moment", { name }));
    }
  }
}

const SAMPLE: EpochMs = Date.UTC(2026, 0, 31, 8, 30, 15);

/** JSON Schema of a parameter; undefined for one that is not declared. */
export function schemaOf(name: string, params: ParamsDescription): ParamDescription["schema"] | undefined {
  return params.fields.find((field) => field.name === name)?.schema;
}

/** A moment as a parameter wants it, on the zone's wall clock where the schema leaves it open; undefined where it takes none. */
export function momentFor(
  at: EpochMs,
  schema: ParamDescription["schema"] | undefined,
  zone: string,
): string | undefined {
  const instant = instantOf(at);
  const zoned = instant.toZonedDateTimeISO(zone);
  const local = zoned.toPlainDateTime();
  if (schema === undefined) return local.toString().replace("T", " ");
  const types = typesOf(schema);
  // A schema that JSON cannot write, such as z.coerce.date().
  if (types.length === 0) return instant.toString();
  if (!types.includes("string")) return undefined;
  const withOffset = zoned.toString({ timeZoneName: "never" });
  const timed = [
    local.toString(),
    instant.toString(),
    withOffset,
    instant.toString({ smallestUnit: "millisecond" }),
  ];
  const format = dateFormatOf(schema);
  const forms = format === "date"
    ? [local.toPlainDate().toString()]
    : format === "date-time"
    ? timed
    : [local.toString().replace("T", " "), ...timed, local.toPlainDate().toString()];
  return forms.find((form) => fits(form, schema));
}

/** True where a pattern of the schema takes the text, or it has none. */
function fits(text: string, schema: ParamDescription["schema"]): boolean {
  const { pattern, anyOf } = schema;
  if (Array.isArray(anyOf)) return anyOf.some((each: ParamDescription["schema"]) => fits(text, each));
  if (typesOf(schema).every((type) => type !== "string")) return false;
  if (typeof pattern !== "string") return true;
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    // Not a pattern of this language: the schema itself has the last word.
    return true;
  }
}
