/** `carillon import-pyscheduler`: the jobs of a PyScheduler folder as tasks, its databases and its history. */
import { statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { IniError } from "../base/ini.ts";
import { systemReason, systemSentence } from "../base/system_error.ts";
import type { Config } from "../config/config.ts";
import { settingsWarnings } from "../../datasource/settings.ts";
import { readConfigFile } from "../task/pyscheduler/config_file.ts";
import { apiClientIn } from "../task/pyscheduler/api_client.ts";
import { usedTypes, withTypes } from "../task/pyscheduler/database_file.ts";
import type { Job } from "../task/pyscheduler/job.ts";
import { skeletonFile } from "../task/pyscheduler/skeleton.ts";
import { searchedText, sourceText } from "../task/pyscheduler/source_text.ts";
import { taskFile } from "../task/pyscheduler/task_file.ts";
import { WrongEncoding } from "../task/strict_text.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { importText } from "./history_import.ts";
import { writeNew } from "./new_files.ts";
import { print, say } from "./output.ts";
import { addSections } from "./take_databases.ts";
import { takenIds } from "./taken_ids.ts";

/** Where PyScheduler's folder has its virtual environment, if it has one. */
const INTERPRETERS = ["venv/bin/python3", ".venv/bin/python3", "env/bin/python3"];
/** Folders whose Python files are not the team's own. */
const FOREIGN = ["venv", ".venv", "env", "node_modules", "__pycache__", ".git"];
const MAX_FILE_BYTES = 5_000_000;
const MAX_FILES = 5_000;

export const importPyScheduler: Command = {
  name: "import-pyscheduler",
  usage: "<folder>",
  words: 1,
  summary: "write a task for each job of PyScheduler's config.py, take over its database.ini and its history",
  flags: {
    skeletons: {
      help: "also write, into tasks/_skeletons, a TypeScript task for each in which it can be written anew",
    },
  },
  configured: true,
  examples: [
    {
      line: "import-pyscheduler /opt/PyScheduler",
      what: "its Python files stay where they are, and are run there",
    },
    { line: "import-pyscheduler .", what: "Carillon beside it, in the same folder" },
  ],
  async run(given) {
    const folder = requiredWord(given, 0, "PyScheduler's folder");
    const config = loadConfig(given);
    const root = resolve(folder);
    const file = join(folder, "config.py");
    const text = await readConfig(file);
    const { jobs, problems } = readConfigFile(text, "config", (name) => moduleFile(root, name) !== undefined);
    for (const { line, text } of problems) say(`${file}, line ${line}: ${text}`);
    if (jobs.length === 0) say(`${file}: no add_job(…) was found that can be carried over`);
    const taken = await takenIds(config.scheduler.tasks);
    const files = jobs.map((job) => writeTask(job, root, file, config, taken));
    if (given.own.has("skeletons")) {
      for (const job of jobs) await writeSkeleton(job, root, file, config);
    }
    const left = problems.length + files.filter((written) => !written).length +
      await takeDatabases(root, config);
    await checkPython(root);
    await hintAtApi(root);
    const history = await takeHistory(root, config);
    print(
      `${jobs.length} jobs were read; "carillon check" looks at the tasks, "carillon next <task>" shows when they run`,
    );
    return left > 0 || history > 0 ? 1 : 0;
  },
};

/** @throws UsageError where it is not there, or cannot be read without a guess at its encoding */
async function readConfig(file: string): Promise<string> {
  try {
    const text = await readText(file);
    if (text !== undefined) return text;
  } catch (cause) {
    if (!(cause instanceof WrongEncoding)) throw cause;
    throw new UsageError(
      `${file}, ${cause.message}; write in its first line what it is in, such as # -*- coding: gbk -*-, or save it as UTF-8`,
      { cause },
    );
  }
  throw new UsageError(`${file} is not there; name the folder in which PyScheduler was started`);
}

/** False where a task cannot run as it is. */
function writeTask(
  job: Job,
  root: string,
  origin: string,
  config: Config,
  taken: ReadonlyMap<string, string>,
): boolean {
  const path = `${job.id}.ts`;
  const holder = taken.get(job.id) ?? path;
  if (holder !== path) {
    say(
      `${origin}, line ${job.line}: task ${job.id} is left out: ${
        join(config.scheduler.tasks, holder)
      } has a task with that id already`,
    );
    return false;
  }
  const file = moduleFile(root, job.place.module);
  if (file === undefined) {
    say(
      `${origin}, line ${job.line}: task ${job.id} is left out: there is no module ${job.place.module} in ${root}`,
    );
    return false;
  }
  const interpreter = interpreterIn(root);
  const python = {
    file: shortPath(file),
    folder: shortPath(root),
    interpreter: interpreter === undefined ? undefined : shortPath(interpreter),
  };
  const text = taskFile(job, python, `${basename(origin)}, line ${job.line}`);
  return writeNew(join(config.scheduler.tasks, path), text) !== "kept";
}

/** Beside the task that runs the Python code, and no task itself. */
async function writeSkeleton(job: Job, root: string, origin: string, config: Config): Promise<void> {
  const file = moduleFile(root, job.place.module);
  const code = file === undefined ? undefined : await readOther(file, "no skeleton is written");
  if (typeof code !== "string") return;
  writeNew(
    join(config.scheduler.tasks, "_skeletons", `${job.id}.ts`),
    skeletonFile(job, code, `${basename(origin)}, line ${job.line}`),
  );
}

async function checkPython(root: string): Promise<void> {
  const interpreter = interpreterIn(root) ?? "python3";
  try {
    const { success } = await new Deno.Command(interpreter, { args: ["--version"] }).output();
    if (success) return;
  } catch (error) {
    if (systemSentence(error) === undefined) throw error;
  }
  say(`${interpreter} is not on this machine, and the tasks need it; install Python 3.6 or later`);
}

function interpreterIn(root: string): string | undefined {
  return INTERPRETERS.map((path) => join(root, path)).find(isFile);
}

/** Relative where it is in the folder that Carillon is started in, so that both can be moved together. */
function shortPath(path: string): string {
  const below = relative(Deno.cwd(), path);
  return below.startsWith("..") ? path : below === "" ? "." : below;
}

/** The file of a module below the folder. */
function moduleFile(root: string, module: string): string | undefined {
  if (!/^[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*$/u.test(module)) return undefined;
  const path = join(root, ...module.split("."));
  return [`${path}.py`, join(path, "__init__.py")].find(isFile);
}

/** Writes database.ini with types; the answer is how much of it needs a person. */
async function takeDatabases(root: string, config: Config): Promise<number> {
  const source = join(root, "datasource/database.ini");
  const text = await readOther(source, "no databases are taken over");
  const target = config.datasource.file;
  if (text === WRONG) return 1;
  if (text === undefined) {
    print(`there is no ${source}: no databases are taken over`);
    return 0;
  }
  if (resolve(target) === source) {
    print(`${target} is used as it is`);
    return 0;
  }
  try {
    const used = usedTypes(pythonFiles(root));
    const read = withTypes(text, source, used, config.scheduler.timezone);
    for (const problem of read.problems) say(problem);
    const left = isFile(target) ? addSections(target, read.text, source) : 0;
    if (!isFile(target)) writeNew(target, read.text, 0o600);
    const warnings = read.problems.length > 0 ? [] : settingsWarnings(target);
    for (const warning of warnings) say(warning);
    return left + read.problems.length + warnings.length;
  } catch (error) {
    if (!(error instanceof IniError)) throw error;
    say(`${error.message}; no databases are taken over`);
    return 1;
  }
}

/** The account of the shared API client stands in the team's code: there it works, and there everybody reads it. */
async function hintAtApi(root: string): Promise<void> {
  const file = join(root, "api/__init__.py");
  const bytes = await readBytes(file);
  const client = bytes && apiClientIn(searchedText(bytes));
  if (client === undefined) return;
  say(
    `${file}, line ${client.line}: the API client works as it is there; TypeScript tasks ask by ` +
      `[api] of carillon.ini: base_url = ${client.baseUrl}, app_id, and the secret in [secrets]`,
  );
}

async function takeHistory(root: string, config: Config): Promise<ExitCode> {
  const file = join(root, "task_history.json");
  if (config.history.file === "") return 0;
  const text = await readOther(file, "no history is taken over");
  if (text === WRONG) return 1;
  return text === undefined ? 0 : importText(config, file, text);
}

/** The texts of the team's Python files. */
function* pythonFiles(root: string): Generator<string> {
  const folders = [root];
  let count = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of Deno.readDirSync(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory && !FOREIGN.includes(entry.name)) folders.push(path);
      const isPython = entry.isFile && entry.name.endsWith(".py") &&
        Deno.statSync(path).size <= MAX_FILE_BYTES;
      if (isPython && count++ < MAX_FILES) yield searchedText(Deno.readFileSync(path));
    }
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Stands for a file in another encoding. */
const WRONG = Symbol("another encoding");

/** A file without which the import goes on; that it is in another encoding is said, with what does not come of it. */
async function readOther(path: string, outcome: string): Promise<string | typeof WRONG | undefined> {
  try {
    return await readText(path);
  } catch (error) {
    if (!(error instanceof WrongEncoding)) throw error;
    say(`${path}, ${error.message}; ${outcome}: save it as UTF-8, and import again`);
    return WRONG;
  }
}

/** Undefined where there is no such file. @throws WrongEncoding */
async function readText(path: string): Promise<string | undefined> {
  const bytes = await readBytes(path);
  return bytes && sourceText(bytes);
}

async function readBytes(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`${path} cannot be read: ${systemReason(cause)}`, { cause });
  }
}
