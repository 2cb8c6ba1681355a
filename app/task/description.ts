/** A task definition as plain data, which the worker that imported the file hands to the scheduler's thread. */
import { z } from "zod";
import { LOCALES, type LocalText } from "../locale/locale.ts";
import { suggestion } from "../nearest.ts";
import type { TriggerSpec } from "../trigger/trigger.ts";
import { isDefinedTask } from "./define.ts";
import { policiesOf, POLICY_KEYS, type ReadCalendarFile, type TaskPolicies } from "./policies.ts";

export interface TaskDescription {
  readonly title?: LocalText;
  readonly description?: LocalText;
  readonly tags: readonly string[];
  readonly triggers: readonly TriggerSpec[];
  /** What may be given as parameters. */
  readonly params: ParamsDescription;
  readonly policies: TaskPolicies;
}

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

const KNOWN_KEYS = ["title", "description", "tags", "trigger", "params", ...POLICY_KEYS, "run"];
const TRIGGER_KINDS = ["cron", "crontab", "interval", "date", "any", "all"];

/** Checks a file's default export. Rejects with a TypeError with a sentence about what is wrong in it. */
export async function describeTask(
  exported: unknown,
  readCalendarFile: ReadCalendarFile,
): Promise<TaskDescription> {
  if (!isDefinedTask(exported)) {
    throw new TypeError(
      `the default export is ${kindOf(exported)}, not a task; write "export default defineTask({ … })"`,
    );
  }
  const unknown = Object.keys(exported).find((key) => !KNOWN_KEYS.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`defineTask: unknown key "${unknown}"; ${suggestion(unknown, KNOWN_KEYS)}`);
  }
  if (typeof exported.run !== "function") {
    throw new TypeError("defineTask: run is missing; it is the function that does the work");
  }
  return {
    ...(exported.title === undefined ? {} : { title: checkedText("title", exported.title) }),
    ...(exported.description === undefined
      ? {}
      : { description: checkedText("description", exported.description) }),
    tags: tagsOf(exported.tags),
    triggers: triggersOf(exported.trigger),
    params: paramsOf(exported.params),
    policies: await policiesOf(exported, readCalendarFile),
  };
}

const MAX_TAG_LENGTH = 40;

function tagsOf(tags: unknown): string[] {
  if (tags === undefined) return [];
  const all: unknown[] = Array.isArray(tags) ? tags : [tags];
  return all.map((tag) => {
    if (typeof tag === "string" && tag.trim() !== "" && tag.length <= MAX_TAG_LENGTH) return tag.trim();
    throw new TypeError(
      `defineTask: tags has ${
        kindOf(tag)
      }; write a word of at most ${MAX_TAG_LENGTH} characters, or a list of them`,
    );
  });
}

function triggersOf(trigger: unknown): TriggerSpec[] {
  if (trigger === undefined) return [];
  const all: unknown[] = Array.isArray(trigger) ? trigger : [trigger];
  for (const each of all) {
    const kind = typeof each === "object" && each !== null && "kind" in each ? each.kind : undefined;
    if (!TRIGGER_KINDS.includes(String(kind))) {
      throw new TypeError(
        `defineTask: trigger is ${
          kindOf(each)
        }; write cron({ … }), every("10m"), at("2026-12-24T18:00") or a list of them`,
      );
    }
  }
  return all as TriggerSpec[];
}

/** The parameters as forms show them, with the defaults of this moment. */
export function paramsOf(params: unknown): ParamsDescription {
  if (params === undefined) return { fields: [], open: false };
  if (!(params instanceof z.ZodObject)) {
    throw new TypeError(`defineTask: params is ${kindOf(params)}; write z.object({ … })`);
  }
  const schema = z.toJSONSchema(params, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      // zod leaves the format of a local date and time out, because JSON Schema's wants an offset; forms need to know.
      const { def } = zodSchema._zod;
      if (def.type === "string" && "format" in def && def.format === "datetime") {
        jsonSchema.format = "date-time";
      }
    },
  });
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    required: required.has(name),
    schema: typeof property === "object" ? property as Record<string, unknown> : {},
  }));
  const rest = schema.additionalProperties;
  return { fields, open: typeof rest === "object" && rest !== null };
}

function checkedText(key: string, value: unknown): LocalText {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) {
    const wrong = Object.entries(value).find(([locale, words]) =>
      !(LOCALES as string[]).includes(locale) || typeof words !== "string"
    );
    if (!wrong && Object.keys(value).length > 0) return value as LocalText;
  }
  throw new TypeError(
    `defineTask: ${key} is ${kindOf(value)}; write a text, or texts by language: { en: "…", zh: "…" }`,
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "function" ? "a function" : `${JSON.stringify(value)}`;
}
