/** One text, read as what the JSON Schema of its parameter wants. */
import { isoDate, isoLocalDateTime, readDateText } from "../base/date_text.ts";
import type { ParamDescription } from "./params_description.ts";

type Schema = ParamDescription["schema"];

/** The value that a text stands for; undefined where it stands for none that is wanted. */
export function readText(text: string, schema: Schema): unknown {
  const types = typesOf(schema);
  if (types.length === 0) return text;
  if (!types.includes("string")) return readValue(text, types);
  const format = dateFormatOf(schema);
  return format === undefined ? text : readDate(text, format) ?? readValue(text, types);
}

function readDate(text: string, format: DateFormat): string | undefined {
  if (format === "date") return isoDate(text);
  // Whether there is to be an offset, or seconds, is for the schema to say.
  if (LOCAL_ISO.test(text) && readDateText(text)) return text;
  return readDateText(text)?.kind === "instant" ? text.trim() : isoLocalDateTime(text);
}

const LOCAL_ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;

/** A value that is no text; undefined where the text is none that is wanted. */
function readValue(text: string, types: readonly string[]): unknown {
  for (const type of types) {
    if (isNumeric(type) && NUMBER.test(text) && Number.isFinite(Number(text))) return Number(text);
    if (type === "boolean" && /^(?:true|on|yes|1)$/i.test(text)) return true;
    if (type === "boolean" && /^(?:false|off|no|0)$/i.test(text)) return false;
    if (type === "array" || type === "object") {
      const parsed = parseJson(text);
      if (typeof parsed === "object" && parsed !== null && Array.isArray(parsed) === (type === "array")) {
        return parsed;
      }
    }
    if (type === "null" && text === "") return null;
  }
  return undefined;
}

/** True for a number whose digits do not all survive. */
export function losesDigits(text: string, value: unknown): boolean {
  return typeof value === "number" && /^\s*[-+]?\d+\s*$/.test(text) && !Number.isSafeInteger(value);
}

function isNumeric(type: string): boolean {
  return type === "number" || type === "integer";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the text is said to be none of what is wanted.
    return undefined;
  }
}

/** The schema itself, or those of which one has to fit. */
function alternatives(schema: Schema): readonly Schema[] {
  const { anyOf } = schema;
  return Array.isArray(anyOf) ? anyOf.flatMap((each: Schema) => alternatives(each)) : [schema];
}

/** The JSON types that a schema takes; none where it does not say. */
export function typesOf(schema: Schema): readonly string[] {
  const types = alternatives(schema).flatMap((each) => {
    if (typeof each.type === "string") return [each.type];
    if (Array.isArray(each.type)) return each.type.map(String);
    const fixed: readonly unknown[] = Array.isArray(each.enum)
      ? each.enum
      : "const" in each
      ? [each.const]
      : [];
    return fixed.map((value) => value === null ? "null" : typeof value);
  });
  return [...new Set(types)];
}

type DateFormat = "date" | "date-time";

/** The format of a parameter whose only texts are dates, or dates with times. */
export function dateFormatOf(schema: Schema): DateFormat | undefined {
  const texts = alternatives(schema).filter((each) => typesOf(each).includes("string"));
  const formats = new Set(texts.map((each) => each.format));
  const [format] = formats;
  return formats.size === 1 && (format === "date" || format === "date-time") ? format : undefined;
}

const WANTED: Readonly<Record<string, string>> = {
  "number": "a number",
  "integer": "a whole number",
  "boolean": "true or false",
  "array": "a JSON list",
  "object": "a JSON object",
  "date": 'a date such as "2026-01-31"',
  "date-time": 'a date and time such as "2026-01-31 08:00:00"',
};

/** What is wanted, as the end of a sentence. */
export function wantedText(schema: Schema): string {
  const format = dateFormatOf(schema);
  return typesOf(schema)
    .map((type) => type === "string" && format !== undefined ? format : type)
    .map((type) => Object.hasOwn(WANTED, type) ? WANTED[type] : type)
    .join(" or ");
}
