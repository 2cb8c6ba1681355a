/** The hosts as the rest of Carillon asks them: a task's files are there before, and no secret is in what they answer. */
import { changed } from "../locale/sentence.ts";
import { messageOf } from "../base/errors.ts";
import type { Mask } from "../base/mask.ts";
import { maskData } from "../base/mask_data.ts";
import type { LocalText } from "../model/locale.ts";
import type { ParamDescription, ParamsDescription, TaskDescription } from "../task/description.ts";
import type { DescribeModule, TaskRegistry } from "../task/registry.ts";
import type { Hosts } from "../worker/hosts.ts";

/** Descriptions without secrets: names and defaults may have been made of them. */
export function maskedDescribe(describe: DescribeModule, mask: Mask): DescribeModule {
  return async (module, version) => {
    const answer = await describe(module, version);
    if (!answer.ok) {
      const { message, sentence } = answer;
      return { ...answer, message: mask(message), sentence: sentence && changed(sentence, mask) };
    }
    return { ok: true, descriptions: answer.descriptions.map((each) => masked(each, mask)) };
  };
}

/** What is asked about a task is asked once its files are there. */
export function guardedHosts(hosts: Hosts, registry: TaskRegistry, mask: Mask): Hosts {
  return {
    ...hosts,
    async params(task) {
      // Where its files cannot be written, the answer is what the task was loaded with.
      await registry.prepare(task)?.catch(() => {});
      return maskedParams(await hosts.params(task), mask);
    },
    async check(task, params) {
      try {
        if (task.description.params.fields.length > 0) await registry.prepare(task);
      } catch (error) {
        return [{ name: "", message: messageOf(error) }];
      }
      return await hosts.check(task, params);
    },
  };
}

function masked(described: TaskDescription, mask: Mask): TaskDescription {
  const { title, description, tags, params, warnings } = described;
  const shown = { title, description, tags, params, warnings };
  const clean = {
    title: maskedText(title, mask),
    description: maskedText(description, mask),
    tags: tags.map(mask),
    params: maskedParams(params, mask),
    warnings: warnings.map(({ key, values }) => ({
      key,
      values: valuesOf(values, (each) => typeof each === "string" ? mask(each) : each),
    })),
  };
  return JSON.stringify(clean) === JSON.stringify(shown) ? described : { ...described, ...clean };
}

function maskedText(text: LocalText | undefined, mask: Mask): LocalText | undefined {
  return typeof text === "object" ? valuesOf(text, mask) : text && mask(text);
}

/** Names stay as they are: by them parameters are given. */
function maskedParams(params: ParamsDescription, mask: Mask): ParamsDescription {
  const fields = params.fields.map((field) => ({ ...field, schema: maskedSchema(field.schema, mask) }));
  return { ...params, fields };
}

type Schema = ParamDescription["schema"];

/** What is in them are words of JSON Schema. */
const OWN_WORDS: readonly string[] = ["type", "format", "required"];
/** What is in them is data of the author's. */
const DATA: readonly string[] = ["default", "examples", "enum", "const"];

function maskedSchema(schema: Schema, mask: Mask): Schema {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, maskedPart(key, value, mask)]),
  );
}

function maskedPart(key: string, value: unknown, mask: Mask): unknown {
  if (OWN_WORDS.includes(key) && (typeof value !== "object" || Array.isArray(value))) return value;
  if (DATA.includes(key)) return maskData(value, mask);
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((each) => maskedPart("", each, mask));
  return typeof value === "object" && value !== null ? maskedSchema(value as Schema, mask) : value;
}

function valuesOf<T, R>(values: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
