/** Task files on the disk: which there are, what they import, and their JavaScript with the types taken out. */
import { transformSync } from "amaro";
import { parse as parseModule } from "es-module-lexer";
import { createHash } from "node:crypto";
import { dirname, extname, join, normalize } from "node:path";

/** Where in a file something is wrong; line and column count from 1. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** A file that can be imported by tasks; `path` is relative to the tasks folder, with `/` between its parts. */
export interface SourceFile {
  readonly path: string;
  /** Without types; line and column are those of the file. */
  readonly code: string;
  /** SHA-256 of the text. */
  readonly hash: string;
  /** Relative paths of the files it imports. */
  readonly imports: readonly string[];
  readonly hasDefaultExport: boolean;
}

/** A file that cannot be read as a module. */
export interface SourceProblem {
  readonly path: string;
  readonly message: string;
  readonly place?: SourcePlace;
}

export interface Sources {
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly problems: readonly SourceProblem[];
}

const TYPESCRIPT = [".ts", ".mts"];
const MODULES = [...TYPESCRIPT, ".js", ".mjs"];
/** Not imported, but read by tasks: holiday calendars. */
const CALENDAR = ".ics";
const KEPT = [...MODULES, ".json", CALENDAR];
const NOT_A_TASK = /(?:^|\/)_|\.d\.m?ts$|[._]test\.m?[jt]s$/;
const MAX_FILE_BYTES = 5_000_000;

/** Reads all modules below a folder. Files and folders whose name begins with a dot, and `node_modules`, are passed over. */
export async function readSources(folder: string): Promise<Sources> {
  const files = new Map<string, SourceFile>();
  const problems: SourceProblem[] = [];
  for (const path of (await listFiles(folder, "")).sort()) {
    try {
      const { size } = await Deno.stat(join(folder, path));
      if (size > MAX_FILE_BYTES) {
        throw new Error(`it has ${size} bytes; a task file has ${MAX_FILE_BYTES} at the most`);
      }
      files.set(path, readSource(path, await Deno.readTextFile(join(folder, path))));
    } catch (error) {
      problems.push(problemOf(path, error));
    }
  }
  return { files, problems };
}

/** True for a file that stands for a task: a module that is no test, no declaration and whose path has no `_name`. */
export function isTaskFile(path: string): boolean {
  return MODULES.includes(extname(path)) && !NOT_A_TASK.test(path);
}

/** The task's id: the file's name without its ending. */
export function taskIdOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.slice(0, -extname(name).length);
}

/** One hash over a file, all it imports and all calendars: it changes when the task may behave differently. */
export function versionOf(path: string, files: ReadonlyMap<string, SourceFile>): string {
  const seen = new Set<string>();
  const visit = (each: string) => {
    const file = files.get(each);
    if (!file || seen.has(each)) return;
    seen.add(each);
    file.imports.forEach(visit);
  };
  visit(path);
  [...files.keys()].filter((each) => extname(each) === CALENDAR).forEach(visit);
  const hash = createHash("sha256");
  for (const each of [...seen].sort()) hash.update(`${each}\0${files.get(each)?.hash}\0`);
  return hash.digest("hex").slice(0, 16);
}

/** Strips the types and reads what the module imports and exports. */
export function readSource(path: string, text: string): SourceFile {
  const hash = createHash("sha256").update(text).digest("hex");
  if (!MODULES.includes(extname(path))) {
    return { path, code: text, hash, imports: [], hasDefaultExport: false };
  }
  const source = text.replace(/^\uFEFF/, " ");
  const code = TYPESCRIPT.includes(extname(path))
    ? transformSync(source, { mode: "strip-only" }).code
    : source;
  const [imports, exports] = parseModule(code, path);
  return {
    path,
    code,
    hash,
    imports: imports.flatMap((each) => {
      const specifier = "specifier" in each ? each.specifier : undefined;
      return typeof specifier === "string" && /^\.\.?\//.test(specifier)
        ? [normalize(join(dirname(path), specifier))]
        : [];
    }),
    hasDefaultExport: exports.some((each) => "name" in each && each.name === "default"),
  };
}

async function listFiles(folder: string, below: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(join(folder, below))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) found.push(...await listFiles(folder, path));
    else if (KEPT.includes(extname(entry.name)) && await isFile(join(folder, path))) found.push(path);
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function problemOf(path: string, error: unknown): SourceProblem {
  if (isStripError(error)) {
    return {
      path,
      message: error.message,
      place: { line: error.startLine, column: error.startColumn + 1 },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { path, message };
}

/** What amaro throws for a text that is not TypeScript, or needs more than stripping (an enum, say). */
interface StripError {
  readonly message: string;
  readonly startLine: number;
  readonly startColumn: number;
}

function isStripError(error: unknown): error is StripError {
  return typeof error === "object" && error !== null && "startLine" in error &&
    typeof error.startLine === "number";
}
