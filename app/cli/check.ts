/** `carillon check`: reads everything an operator writes and reports what is wrong, without running anything. */
import { dirname, join, relative, resolve } from "node:path";
import { allDatabaseSettings, settingsWarnings } from "../../datasource/settings.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "./arguments.ts";
import { brokenText } from "./broken.ts";
import { checkNames, taskCode } from "./check_code/task_code.ts";
import { checkTypes } from "./check_code/type_check.ts";
import { deadRoutes } from "./check_routes.ts";
import { settingsMistakes } from "./check_settings.ts";
import type { Command } from "./command.ts";
import { EDITOR_FILES, TYPES_PATH } from "./editor/editor_files.ts";
import { openToLook } from "./offline.ts";
import { print, say } from "./output.ts";
import { styled } from "./style.ts";

export const check: Command = {
  name: "check",
  usage: "",
  words: 0,
  summary: "read settings, database.ini and task files, and report what is wrong with them",
  flags: { "no-types": { help: "leave out type errors, for which deno or tsc is asked where there is one" } },
  configured: true,
  examples: [
    { line: "check", what: "before a restart, or before tasks are committed" },
    { line: "check --config /etc/carillon/carillon.ini", what: "with another settings file" },
  ],
  async run(given) {
    const config = loadConfig(given);
    const wrong = settingsMistakes(config);
    for (const each of wrong) say(each);
    if (wrong.length > 0) {
      print(`settings: ${config.configFile ?? "no carillon.ini, defaults"}: ${counted(wrong.length)}`);
      return 2;
    }
    print(`settings: ${config.configFile ?? "no carillon.ini, defaults"}: good`);
    for (const sentence of config.warnings) warn(sentence);
    checkDatabases(config);
    const broken = await checkTasks(config);
    const mistakes = await checkCode(config, !given.own.has("no-types"));
    return broken + mistakes > 0 ? 1 : 0;
  },
};

function counted(mistakes: number): string {
  return mistakes === 1 ? "1 mistake" : `${mistakes} mistakes`;
}

function checkDatabases({ datasource: { file } }: Config): void {
  const names = allDatabaseSettings(file).map(({ name }) => name);
  print(`databases: ${file}: ${names.length === 0 ? "none" : names.join(", ")}`);
  for (const sentence of settingsWarnings(file)) warn(sentence);
}

/** Reports on each task; the answer is how many files are broken. */
async function checkTasks(config: Config): Promise<number> {
  await using opened = await openToLook(config);
  const { carillon, unwritable } = opened;
  if (unwritable !== undefined) {
    warn(`[scheduler] data = ${config.scheduler.data} cannot be written: ${unwritable}`);
  }
  const { tasks } = carillon.queries;
  const all = tasks.all();
  for (const { task: { id }, ended } of all) {
    const warnings = [
      ...(ended ? ["its trigger has ended, it will not fire again"] : []),
      ...tasks.warnings(id, "en"),
    ];
    print(`task ${id}: ${warnings.length > 0 ? `warning: ${warnings.join("; ")}` : "good"}`);
  }
  const routed = all.map(({ task: { id, path, description: { tags } } }) => ({ id, path, tags }));
  for (const sentence of deadRoutes(config.named, routed)) warn(sentence);
  const broken = tasks.broken();
  for (const each of broken) say(`task file ${brokenText(each)}`);
  print(`${all.length} tasks good, ${broken.length} files broken`);
  return broken.length;
}

/** Reports names and types in the code; the answer is how many mistakes there are. */
async function checkCode(config: Config, withTypes: boolean): Promise<number> {
  const { tasks } = config.scheduler;
  const files = await taskCode(tasks);
  const names = checkNames(files, config);
  for (const each of names) say(`task file ${brokenText(each)}`);
  print(`names: ${names.length === 0 ? "good" : `${names.length} mistakes`}`);
  const typed = files.filter(({ path }) => /\.m?ts$/.test(path)).map(({ path }) => resolve(tasks, path));
  if (!withTypes || typed.length === 0) return names.length;
  const types = await checkTypes(tasks, typed);
  if (types.kind === "not checked") {
    print(`types: not checked: ${types.why}`);
    return names.length;
  }
  // A compiler finds many of the same: each place is said once.
  const places = new Set(names.map(({ file, place }) => `${resolve(file)}:${place?.line}:${place?.column}`));
  const others = types.mistakes.filter(({ file, line, column }) => !places.has(`${file}:${line}:${column}`));
  for (const { file, message, ...place } of others) {
    say(`task file ${brokenText({ file: join(tasks, relative(resolve(tasks), file)), place, message })}`);
  }
  print(`types: ${others.length === 0 ? "good" : `${others.length} mistakes`}, by ${types.by}`);
  warnOfOldTypes(tasks);
  return names.length + others.length;
}

/** After an upgrade the types of the folder are those of the release before. */
function warnOfOldTypes(tasks: string): void {
  const path = join(dirname(resolve(tasks)), TYPES_PATH);
  try {
    if (Deno.readTextFileSync(path) === EDITOR_FILES[TYPES_PATH]) return;
  } catch {
    // None, or none that can be read: then the compiler was given Carillon's own.
    return;
  }
  warn(`${path} is of another version of Carillon; "carillon init --types" writes it anew`);
}

function warn(sentence: string): void {
  say(`${styled(Deno.stderr, "yellow", "warning:")} ${sentence}`);
}
