/** The parameters of a task as plain data: what forms show and texts are read by. */
import { saidBy, sentence, SentenceError, wrongWith } from "../locale/sentence.ts";
import { z } from "zod";
import { DefinitionError, refuse } from "../policy/option.ts";
import { kindOf } from "./exported.ts";

/** JSON Schema of one parameter, as far as forms and the reading of texts need it. */
export interface ParamDescription {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface ParamsDescription {
  readonly fields: readonly ParamDescription[];
  /** True where the task takes names that it does not declare. */
  readonly open: boolean;
}

const MAX_FIELDS = 200;
/** JSON of all fields: it is kept in memory for each task. */
const MAX_SCHEMA_BYTES = 256 * 1024;

/** A name that would change what an object is instead of being one of its keys. */
export const FORBIDDEN_NAME = "__proto__";

/** The parameters as forms show them, with the defaults of this moment. */
export function paramsOf(params: unknown): ParamsDescription {
  if (params === undefined) return { fields: [], open: false };
  if (!(params instanceof z.ZodObject)) {
    throw new DefinitionError(
      wrongWith("defineTask", sentence("mistake.param.schema", { kind: kindOf(params) })),
    );
  }
  const names = Object.keys(params.shape);
  if (names.includes(FORBIDDEN_NAME)) {
    refuse("params", sentence("mistake.param.name", { name: FORBIDDEN_NAME }));
  }
  if (names.length > MAX_FIELDS) {
    refuse("params", sentence("mistake.param.many", { n: names.length, most: MAX_FIELDS }));
  }
  try {
    return described(params);
  } catch (error) {
    // A default that is a function of the task's own, or a schema that cannot be written as JSON.
    return refuse("params", saidBy(error));
  }
}

function described(params: z.ZodObject): ParamsDescription {
  const json = JSON.stringify(
    z.toJSONSchema(params, {
      io: "input",
      unrepresentable: "any",
      override({ zodSchema, jsonSchema }) {
        // zod leaves the format of a local date and time out, because JSON Schema's wants an offset; forms need to know.
        const { def } = zodSchema._zod;
        if (def.type === "string" && "format" in def && def.format === "datetime") {
          jsonSchema.format = "date-time";
        }
      },
    }),
    (_key, value: unknown) => typeof value === "bigint" ? String(value) : value,
  );
  if (json.length > MAX_SCHEMA_BYTES) {
    throw new SentenceError(sentence("mistake.param.large", { kb: MAX_SCHEMA_BYTES / 1024 }));
  }
  const schema = JSON.parse(json) as {
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly required?: readonly string[];
    readonly additionalProperties?: unknown;
  };
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    required: required.has(name),
    schema: typeof property === "object" ? property as Record<string, unknown> : {},
  }));
  const rest = schema.additionalProperties;
  return { fields, open: typeof rest === "object" && rest !== null };
}
