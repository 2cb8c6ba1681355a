/** zod's schemas as JSON Schema: those with an id become components that are referred to. */
import { z } from "zod";
import { isTextKey, text } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Formats say what these patterns do, and are shorter. */
const WITHOUT_PATTERN = ["date-time", "uuid"];

export class SchemaBook {
  readonly #named = new Map<string, JsonSchema>();

  constructor(readonly locale: Locale) {}

  /** What a request may hold; what is not named is refused. */
  input(schema: z.ZodType): JsonSchema {
    return this.#convert(schema, "input");
  }

  /** What an answer holds. It may hold more one day: clients pass over what they do not know. */
  answer(schema: z.ZodType): JsonSchema {
    return this.#convert(schema, "output");
  }

  /** The components, by name. */
  named(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => a < b ? -1 : 1));
  }

  #convert(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, {
      io,
      unrepresentable: "any",
      override: ({ jsonSchema }) => this.#describe(jsonSchema, io),
    }) as { $schema?: string; $defs?: Record<string, JsonSchema> } & Record<string, unknown>;
    for (const [id, each] of Object.entries($defs)) this.#named.set(id, referring(each));
    const { id, ...rest } = own;
    if (typeof id !== "string") return referring(rest);
    this.#named.set(id, referring(rest));
    return { $ref: component(id) };
  }

  #describe(schema: Record<string, unknown>, io: "input" | "output"): void {
    const { textKey } = schema;
    delete schema.textKey;
    if (typeof textKey === "string") {
      if (!isTextKey(textKey)) throw new TypeError(`there is no text "${textKey}"`);
      schema.description = text(this.locale, textKey);
    }
    if (typeof schema.format === "string" && WITHOUT_PATTERN.includes(schema.format)) delete schema.pattern;
    if (io === "output" && schema.additionalProperties === false) delete schema.additionalProperties;
    // Every key of an object is a string.
    if (JSON.stringify(schema.propertyNames) === '{"type":"string"}') delete schema.propertyNames;
    // The limits of the numbers that JavaScript holds exactly say nothing of ours.
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  }
}

function component(id: string): string {
  return `#/components/schemas/${id}`;
}

/** The same with what refers to definitions beside it referring to components. */
function referring(schema: JsonSchema): JsonSchema {
  return JSON.parse(
    JSON.stringify(
      schema,
      (key, value: unknown) =>
        key === "$ref" && typeof value === "string"
          ? value.replace(/^#\/\$defs\//, "#/components/schemas/")
          : key === "id" && value === schema.id
          ? undefined
          : value,
    ),
  );
}
