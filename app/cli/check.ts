/** `carillon check`: reads everything an operator writes and tells what is wrong, without running anything. */
import { allDatabaseSettings, settingsWarnings } from "../../datasource/settings.ts";
import { expectWords, loadConfig, readArguments } from "./arguments.ts";
import type { ExitCode } from "./errors.ts";
import { openForLook } from "./look.ts";
import { print, say } from "./output.ts";

export async function check(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args);
  expectWords(given, 0, "carillon check [flags]");
  const config = loadConfig(given);
  print(`settings: ${config.configFile ?? "no carillon.ini, defaults"}: good`);
  const databases = allDatabaseSettings(config.datasource.file);
  print(
    `databases: ${config.datasource.file}: ${
      databases.length === 0 ? "none" : databases.map(({ name }) => name).join(", ")
    }`,
  );
  for (const sentence of settingsWarnings(config.datasource.file)) say(`warning: ${sentence}`);
  await using carillon = await openForLook(config);
  const { tasks, broken } = carillon.registry;
  for (const id of tasks.keys()) {
    const ended = carillon.triggerOf(id)?.ended ?? false;
    const warnings = [
      ...(ended ? ["its trigger has ended, it will not fire again"] : []),
      ...carillon.warnings(id, "en"),
    ];
    print(`task ${id}: ${warnings.length > 0 ? `warning: ${warnings.join("; ")}` : "good"}`);
  }
  for (const { file, place, message } of broken) {
    say(`task file ${file}${place ? `:${place.line}:${place.column}` : ""}: ${message}`);
  }
  print(`${tasks.size} tasks good, ${broken.length} files broken`);
  return broken.length > 0 ? 1 : 0;
}
