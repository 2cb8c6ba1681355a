/** Task files on the disk: which there are, what they import, and their JavaScript with the types taken out. */
import { sentence, toldOf } from "../locale/sentence.ts";
import { transformSync } from "amaro";
import { parse as parseModule } from "es-module-lexer";
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { dirname, extname, join, normalize } from "node:path";
import { codeOf } from "../base/errors.ts";
import { leadsOut, readText } from "./file_text.ts";
import { listFolder } from "./folder.ts";
import { isForeign } from "./packages/resolve.ts";
import { refuseUnusable } from "./packages/unusable.ts";
import { isScript, runsFromDisk, scriptModule, SCRIPTS } from "./script.ts";
import { problemOf, type SourceProblem } from "./source_problem.ts";

export type { SourcePlace, SourceProblem } from "./source_problem.ts";

/** A file that can be imported by tasks; `path` is relative to the tasks folder, with `/` between its parts. */
export interface SourceFile {
  readonly path: string;
  /** As it was read; undefined where it is not shown, because a link leads out of the folder. */
  readonly text: string | undefined;
  /** Without types; line and column are those of the file. */
  readonly code: string;
  /** SHA-256 of the text. */
  readonly hash: string;
  /** Relative paths of the files it imports. */
  readonly imports: readonly string[];
  /** True where it imports packages: then what it means depends on what is installed. */
  readonly usesPackages: boolean;
  readonly hasDefaultExport: boolean;
  /** True where it exports anything else. */
  readonly hasNamedExports: boolean;
}

export interface Sources {
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly problems: readonly SourceProblem[];
  /** Folders below that cannot be read: what becomes of their files is not known. */
  readonly badFolders: readonly string[];
}

const TYPESCRIPT = [".ts", ".mts"];
const MODULES = [...TYPESCRIPT, ".js", ".mjs"];
/** Not imported, but read by tasks: holiday calendars. */
const CALENDAR = ".ics";
const KEPT = [...MODULES, ...SCRIPTS, ".json", CALENDAR];
const NOT_A_TASK = /(?:^|\/)_|\.d\.m?ts$|[._]test\.m?[jt]s$/;
/** What makes a task of an export. */
const DEFINES = /\b(?:defineTask|command)\b/;

/** Files that are read in one turn of the event loop; each takes some 50 µs. */
const AT_A_TIME = 20;

/**
 * Reads all modules below a folder. Files and folders whose name begins with a dot, and `node_modules`, are passed over.
 * What cannot be read is a problem each; only the folder itself must be readable.
 *
 * @param known what was read before: a file that has the same text is not parsed again
 */
export async function readSources(
  folder: string,
  known: ReadonlyMap<string, SourceFile> = new Map(),
): Promise<Sources> {
  const files = new Map<string, SourceFile>();
  const { paths, badFiles, badFolders } = await listFolder(folder, isKept);
  const problems: SourceProblem[] = [
    ...badFiles.map(({ path, reason }) => ({ path, ...toldOf(reason) })),
    ...badFolders.map(({ path, reason }) => ({
      path,
      ...toldOf(sentence("mistake.folder", { why: reason })),
      fromSystem: true,
    })),
  ];
  const real = realpathSync(folder);
  for (const [index, path] of paths.entries()) {
    if (index % AT_A_TIME === 0) await setImmediate();
    const file = join(folder, path);
    let text: string | undefined;
    let shown = false;
    try {
      text = readText(file, runsFromDisk(path));
      shown = !leadsOut(file, real);
      files.set(path, sourceFile(path, text, file, shown, known.get(path)));
    } catch (error) {
      // It went away since the folder was listed: then it is not there.
      if (codeOf(error) !== "ENOENT") problems.push(problemOf(path, error, shown ? text : undefined));
    }
  }
  return { files, problems, badFolders: badFolders.map(({ path }) => path) };
}

function isKept(name: string): boolean {
  return KEPT.includes(extname(name));
}

function sourceFile(
  path: string,
  text: string,
  file: string,
  shown: boolean,
  known: SourceFile | undefined,
): SourceFile {
  if (known?.hash === hashOf(text) && shown === (known.text !== undefined)) return known;
  const read = readSource(path, text, file);
  return shown ? read : { ...read, text: undefined };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** True for a file that stands for a task: a module that is no test, no declaration and whose path has no `_name`. */
export function isTaskFile(path: string): boolean {
  return (MODULES.includes(extname(path)) || isScript(path)) && !NOT_A_TASK.test(path);
}

/** True where it is worth loading the file: it has a default export, or names that may be tasks. */
export function mayHaveTasks(file: SourceFile, files: ReadonlyMap<string, SourceFile>): boolean {
  if (file.hasDefaultExport) return true;
  return file.hasNamedExports && partsOf([file.path], files).some(({ code }) => DEFINES.test(code));
}

/** The task's id where it has none of its own: the file's name without its ending. */
export function taskIdOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.slice(0, -extname(name).length);
}

/**
 * One hash over a file, all it imports and all calendars: it changes when the task may behave differently.
 *
 * @param installed says which packages are installed
 */
export function versionOf(path: string, files: ReadonlyMap<string, SourceFile>, installed = ""): string {
  const seen = wholeOf(path, files);
  const hash = createHash("sha256");
  for (const { path, hash: own } of seen) hash.update(`${path}\0${own}\0`);
  if (seen.some(({ usesPackages }) => usesPackages)) hash.update(installed);
  return hash.digest("hex").slice(0, 16);
}

/** All that a version of a task is made of: its file, what that imports, and all calendars. */
export function wholeOf(path: string, files: ReadonlyMap<string, SourceFile>): readonly SourceFile[] {
  return partsOf([path, ...calendarsOf(files)], files);
}

/** Files and all that they import, in the order of their paths. */
export function partsOf(
  paths: readonly string[],
  files: ReadonlyMap<string, SourceFile>,
): readonly SourceFile[] {
  const seen = new Map<string, SourceFile>();
  const visit = (path: string) => {
    const file = files.get(path);
    if (!file || seen.has(path)) return;
    seen.set(path, file);
    file.imports.forEach(visit);
  };
  paths.forEach(visit);
  return [...seen.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Of one reading of the folder, so that they are looked for once and not for each file. */
const calendars = new WeakMap<ReadonlyMap<string, SourceFile>, readonly string[]>();

function calendarsOf(files: ReadonlyMap<string, SourceFile>): readonly string[] {
  let found = calendars.get(files);
  if (!found) calendars.set(files, found = [...files.keys()].filter((each) => extname(each) === CALENDAR));
  return found;
}

/**
 * Strips the types and reads what the module imports and exports. A script becomes the module that runs it.
 *
 * @param original the file itself
 */
export function readSource(path: string, text: string, original: string = path): SourceFile {
  const hash = hashOf(text);
  if (isScript(path)) {
    const code = scriptModule(original, text);
    return {
      path,
      text,
      code: code ?? "",
      hash,
      imports: [],
      usesPackages: false,
      hasDefaultExport: code !== undefined,
      hasNamedExports: false,
    };
  }
  if (!MODULES.includes(extname(path))) {
    return {
      path,
      text,
      code: text,
      hash,
      imports: [],
      usesPackages: false,
      hasDefaultExport: false,
      hasNamedExports: false,
    };
  }
  const source = text.replace(/^\uFEFF/, " ");
  const code = TYPESCRIPT.includes(extname(path))
    ? transformSync(source, { mode: "strip-only" }).code
    : source;
  const [imports, exports] = parseModule(code, path);
  refuseUnusable(code, path);
  return {
    path,
    text,
    code,
    hash,
    imports: imports.flatMap((each) => {
      const specifier = "specifier" in each ? each.specifier : undefined;
      return typeof specifier === "string" && /^\.\.?\//.test(specifier)
        ? [normalize(join(dirname(path), specifier))]
        : [];
    }),
    usesPackages: imports.some(({ specifier }) => typeof specifier === "string" && isForeign(specifier)),
    hasDefaultExport: exports.some((each) => "name" in each && each.name === "default"),
    hasNamedExports: exports.some((each) => !("name" in each) || each.name !== "default"),
  };
}
