/** `carillon init`: a folder with everything one needs to begin: settings, a database, example tasks. */
import { dirname, join } from "node:path";
import { suggestion } from "../base/suggestion.ts";
import { systemReason, systemSentence } from "../base/system_error.ts";
import { ALL_SETTINGS, SETTINGS } from "../config/settings.ts";
import type { Command } from "./command.ts";
import { EDITOR_FILES } from "./editor/editor_files.ts";
import { UsageError } from "./errors.ts";
import { writeNew } from "./new_files.ts";
import { DEFAULT_STARTER, STARTERS } from "./starters.ts";
import { print } from "./output.ts";
import { ownName } from "./own_name.ts";

export const init: Command = {
  name: "init",
  usage: "[folder]",
  words: 1,
  summary: "write a settings file, a database.ini, example tasks and types for editors into a folder",
  flags: {
    template: { value: "NAME", help: `what to begin with: ${Object.keys(STARTERS).join(", ")}` },
    types: { help: "only what editors need, for a folder that is there; again after each new version" },
  },
  configured: false,
  examples: [
    { line: "init", what: "into this folder" },
    { line: "init /opt/carillon", what: "into another one, which is made" },
    { line: "init --template etl", what: "with tasks that move rows from one database to another" },
    { line: "init --types", what: "completion and errors in the editor, for the tasks that are here" },
  ],
  run({ words: [folder = "."], own }) {
    if (own.has("types")) {
      writeEditorFiles(folder);
      return 0;
    }
    const files = filesOf(own.get("template") ?? DEFAULT_STARTER);
    const taken = Object.keys(files).map((name) => join(folder, name)).filter(exists);
    if (taken.length > 0) {
      throw new UsageError(`${taken.join(", ")}: already there; nothing was written`);
    }
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      write(path, content, mayHoldPasswords(name, content) ? 0o600 : 0o644);
      print(`wrote ${path}`);
    }
    writeEditorFiles(folder);
    sayWhatNow(folder);
    return 0;
  },
};

function mayHoldPasswords(name: string, content: string): boolean {
  return name === "database.ini" || /^\[secrets\]$/m.test(content);
}

/** What the folder gets, by path. */
function filesOf(template: string): Readonly<Record<string, string>> {
  const starter = Object.hasOwn(STARTERS, template) ? STARTERS[template] : undefined;
  if (!starter) {
    throw new UsageError(
      `there is no template "${template}"; ${suggestion(template, Object.keys(STARTERS))}`,
    );
  }
  const { settings = "", files } = starter;
  return { "carillon.ini": settingsFile() + settings, ...files };
}

/** Files of `types/` are Carillon's own and follow its version; those that a team changes are left as they are. */
function writeEditorFiles(folder: string): void {
  for (const [name, content] of Object.entries(EDITOR_FILES)) {
    const path = join(folder, name);
    if (!name.startsWith("types/")) writeNew(path, content);
    else {
      write(path, content, 0o644, { replace: true });
      print(`wrote ${path}`);
    }
  }
}

function sayWhatNow(folder: string): void {
  const name = ownName(folder);
  const before = folder === "." ? "" : `cd ${folder} && `;
  print("");
  print(`try a task:       ${before}${name} run hello name=you`);
  print(`look at them all: ${before}${name} check`);
  print(`start it:         ${before}${name}`);
}

function write(path: string, content: string, mode: number, { replace = false } = {}): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, content, { createNew: !replace, mode });
  } catch (cause) {
    throw new UsageError(`${path} cannot be written: ${systemReason(cause)}`, { cause });
  }
}

/** Every setting with what it is and its default, commented out. */
function settingsFile(): string {
  const sections = Object.keys(SETTINGS).map((section) =>
    [
      `[${section}]`,
      ...ALL_SETTINGS.filter((each) => each.section === section).flatMap(({ key, fallback, help }) => [
        `# ${help}`,
        `#${key} = ${fallback}`.trimEnd(),
      ]),
    ].join("\n")
  );
  const head = "# Settings of Carillon. Every line that is commented out shows the default.";
  return `${[head, ...sections].join("\n\n")}\n`;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    // Whatever else keeps it from being looked at keeps it from being written too, which is reported then.
    if (systemSentence(error) !== undefined) return false;
    throw error;
  }
}
