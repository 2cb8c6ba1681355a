/** A task definition as plain data, which the host that imported the file hands to the clock. It survives JSON. */
import { saidBy, sentence, wrongWith } from "../locale/sentence.ts";
import type { Sentence } from "../base/sentence.ts";
import { shown } from "../base/shown.ts";
import { LOCALES, type LocalText } from "../model/locale.ts";
import { DefinitionError, listOf, refuse, unknownKey } from "../policy/option.ts";
import { POLICY_KEYS, readPolicies, type TaskPolicies } from "../policy/policies.ts";
import type { Definition, Reading, TaskWarning } from "../policy/policy.ts";
import { isTriggerSpec, readTrigger, type TriggerSpec } from "../trigger/trigger.ts";
import { type ExportedTask, kindOf, type ModuleExports, tasksIn } from "./exported.ts";
import { type ParamsDescription, paramsOf } from "./params_description.ts";
import { checkGiven } from "./given_param.ts";
import { checkWindow } from "./window_params.ts";

export { type ParamDescription, type ParamsDescription, paramsOf } from "./params_description.ts";

export interface TaskDescription {
  /** The id that its file gives it; undefined where it is called as the file is. */
  readonly id?: string | undefined;
  readonly title?: LocalText | undefined;
  readonly description?: LocalText | undefined;
  readonly tags: readonly string[];
  readonly triggers: readonly TriggerSpec[];
  /** What may be given as parameters. */
  readonly params: ParamsDescription;
  readonly policies: TaskPolicies;
  /** What its author should know and what keeps nothing from running. */
  readonly warnings: readonly TaskWarning[];
}

const KNOWN_KEYS = ["id", "title", "description", "tags", "trigger", "params", ...POLICY_KEYS, "run"];

/**
 * Checks what a file exports and describes its tasks. One that is wrong makes the file wrong: a reload is of a whole
 * file or none. Rejects with a TypeError with a sentence, which names the task where there are several.
 */
export async function describeTasks(
  exports: ModuleExports,
  calendarFile: Reading["calendarFile"],
): Promise<readonly TaskDescription[]> {
  const tasks = tasksIn(exports);
  const described: TaskDescription[] = [];
  for (const task of tasks) {
    try {
      described.push(await describe(task, calendarFile));
    } catch (error) {
      if (tasks.length === 1) throw error;
      const said = sentence("mistake.of_task", { task: task.id ?? "default", what: saidBy(error) });
      throw new DefinitionError(said, { cause: error });
    }
  }
  return described;
}

/** Describes the one task of a file's default export. */
export async function describeTask(
  exported: unknown,
  calendarFile: Reading["calendarFile"],
): Promise<TaskDescription> {
  const [task, second] = await describeTasks({ default: exported }, calendarFile);
  if (!task || second) throw new DefinitionError(sentence("mistake.one_task"));
  return task;
}

async function describe(
  { id, task }: ExportedTask,
  calendarFile: Reading["calendarFile"],
): Promise<TaskDescription> {
  const given: Definition = { ...task };
  const unknown = Object.keys(given).find((key) => !KNOWN_KEYS.includes(key));
  if (unknown !== undefined) throw mistake(unknownKey(unknown, KNOWN_KEYS));
  if (typeof given.run !== "function") {
    throw mistake(sentence("mistake.run_missing"));
  }
  const warnings: TaskWarning[] = [];
  const reading: Reading = { calendarFile, warn: (warning) => warnings.push(warning) };
  const params = paramsOf(given.params);
  const policies = await readPolicies(given, reading);
  checkWindow(policies.window, params);
  // A task without a schema takes what it is given.
  if (policies.watch && given.params !== undefined) checkGiven("watch", policies.watch.param, "text", params);
  const { param } = policies.hook ?? {};
  if (param !== undefined) checkGiven("hook", param, "anything", params);
  return {
    id,
    title: textOf("title", given.title, 200),
    description: textOf("description", given.description, 5_000),
    tags: tagsOf(given.tags),
    triggers: triggersOf(given.trigger),
    params,
    policies,
    warnings,
  };
}

function mistake(what: Sentence): DefinitionError {
  return new DefinitionError(wrongWith("defineTask", what));
}

const MAX_TAG_LENGTH = 40;
const MAX_TAGS = 50;
const MAX_TRIGGERS = 100;

function tagsOf(tags: unknown): string[] {
  const all = listOf("tags", tags, MAX_TAGS).map((tag) => {
    if (typeof tag === "string" && tag.trim() !== "" && tag.length <= MAX_TAG_LENGTH) return tag.trim();
    throw mistake(sentence("mistake.tags", { kind: kindOf(tag), most: MAX_TAG_LENGTH }));
  });
  return [...new Set(all)];
}

function triggersOf(trigger: unknown): TriggerSpec[] {
  return listOf("trigger", trigger, MAX_TRIGGERS).map((each) => {
    if (!isTriggerSpec(each)) {
      throw mistake(sentence("mistake.trigger_is", { kind: kindOf(each) }));
    }
    try {
      return readTrigger(each);
    } catch (error) {
      return refuse("trigger", saidBy(error));
    }
  });
}

function textOf(key: string, value: unknown, most: number): LocalText | undefined {
  if (value === undefined) return undefined;
  const texts: readonly (readonly [string, unknown])[] = typeof value === "string"
    ? [["en", value]]
    : typeof value === "object" && value !== null
    ? Object.entries(value)
    : [];
  const wrong = texts.find(([locale, words]) =>
    !LOCALES.some((each) => each === locale) || typeof words !== "string"
  );
  if (wrong || texts.length === 0) {
    throw mistake(sentence("mistake.texts", { key, kind: kindOf(value) }));
  }
  const long = texts.find(([, words]) => String(words).length > most);
  if (long) refuse(key, sentence("mistake.longer", { value: shown(long[1]), most }));
  return typeof value === "string" ? value : Object.fromEntries(texts);
}
