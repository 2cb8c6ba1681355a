/** Type errors in task files, as `deno` or `tsc` finds them where one of them is on the machine. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../base/errors.ts";
import { isPackage } from "../../task/packages/resolve.ts";
import { denoSettings, EDITOR_FILES, TYPES_PATH } from "../editor/editor_files.ts";

export interface TypeMistake {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type TypeReport =
  /** @param by which program found them, such as `deno` */
  | { readonly kind: "checked"; readonly by: string; readonly mistakes: readonly TypeMistake[] }
  | { readonly kind: "not checked"; readonly why: string };

/** A compiler that takes longer is not waited for. */
const LIMIT_MS = 120_000;

/**
 * @param tasks folder of the task files; settings of `deno` and `tsc` are looked for beside it
 * @param path folders with programs, as `PATH` has them
 */
export async function checkTypes(
  tasks: string,
  files: readonly string[],
  path = Deno.env.get("PATH") ?? "",
): Promise<TypeReport> {
  const folder = dirname(resolve(tasks));
  const compiler = compilerFor(folder, path.split(":").filter((each) => each !== ""));
  if (!compiler) {
    return {
      kind: "not checked",
      why:
        `neither deno nor tsc is on this machine; "npm install --save-dev typescript" beside the tasks folder is enough`,
    };
  }
  const temporary = await Deno.makeTempDir({ prefix: "carillon-types-" });
  try {
    const args = compiler.name === "deno"
      ? denoArguments(folder, temporary, files)
      : tscArguments(folder, temporary, files);
    return await report(compiler, args, resolve(tasks));
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

interface Compiler {
  readonly name: "deno" | "tsc";
  readonly path: string;
}

function compilerFor(folder: string, places: readonly string[]): Compiler | undefined {
  const find = (name: Compiler["name"], folders: readonly string[]): Compiler | undefined => {
    const path = folders.map((each) => join(each, name)).find(isFile);
    return path === undefined ? undefined : { name, path };
  };
  return find("deno", places) ?? find("tsc", [join(folder, "node_modules/.bin"), ...places]);
}

function denoArguments(folder: string, temporary: string, files: readonly string[]): string[] {
  const own = isFile(join(folder, "deno.json")) || isFile(join(folder, "deno.jsonc"));
  const config = own ? [] : [`--config=${writeSettings(temporary, "deno.json", denoSettings)}`];
  return ["check", "--no-lock", "--quiet", ...config, ...files];
}

function tscArguments(folder: string, temporary: string, files: readonly string[]): string[] {
  if (isFile(join(folder, "tsconfig.json"))) return ["--noEmit", "--pretty", "false", "-p", folder];
  const runtime = join(temporary, "runtime.d.ts");
  Deno.writeTextFileSync(runtime, EDITOR_FILES["types/runtime.d.ts"] ?? "");
  const path = writeSettings(temporary, "tsconfig.json", (types) =>
    (EDITOR_FILES["tsconfig.json"] ?? "")
      .replace(`./${TYPES_PATH}`, types)
      .replace(/"include": \[.*\]/, () => `"files": ${JSON.stringify([runtime, ...files])}`));
  return ["--noEmit", "--pretty", "false", "-p", path];
}

/** For a folder without settings of its own. */
function writeSettings(folder: string, name: string, settings: (types: string) => string): string {
  const types = join(folder, "carillon.d.ts");
  Deno.writeTextFileSync(types, EDITOR_FILES[TYPES_PATH] ?? "");
  const path = join(folder, name);
  Deno.writeTextFileSync(path, settings(types));
  return path;
}

async function report(
  { name, path }: Compiler,
  args: readonly string[],
  tasks: string,
): Promise<TypeReport> {
  const folder = dirname(tasks);
  const limit = AbortSignal.timeout(LIMIT_MS);
  let output;
  try {
    output = await new Deno.Command(path, {
      args: [...args],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
      signal: limit,
    }).output();
  } catch (error) {
    return { kind: "not checked", why: `${path} cannot be started: ${messageOf(error)}` };
  }
  if (limit.aborted) {
    return { kind: "not checked", why: `${path} was not done after ${LIMIT_MS / 1_000} seconds` };
  }
  const text = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr);
  const all = name === "deno" ? denoMistakes(text) : tscMistakes(text, folder);
  if (!output.success && all.length === 0) {
    const reason = text.split("\n").find((line) => /error/i.test(line)) ?? `exit code ${output.code}`;
    return { kind: "not checked", why: `${path} could not: ${reason.slice(0, 300)}` };
  }
  // What it says of the types themselves is of no use to whoever writes tasks.
  const mistakes = all.filter(({ file, message }) =>
    file.startsWith(`${tasks}/`) && !isMissingPackage(message)
  );
  return { kind: "checked", by: name, mistakes };
}

/** Whether a package is there is looked at without a compiler, which knows other places. */
function isMissingPackage(message: string): boolean {
  const [, specifier] = /^(?:Import|Cannot find module) ["']([^"']+)["']/.exec(message) ?? [];
  return specifier !== undefined && isPackage(specifier);
}

/** `TS2551 [ERROR]: …`, the code, and `at file:///…:7:9`, four blanks in; what is further in explains it. */
export function denoMistakes(text: string): TypeMistake[] {
  const found: TypeMistake[] = [];
  let message: string | undefined;
  for (const line of text.split("\n")) {
    message = /^TS\d+ \[ERROR\]: (.*)$/.exec(line)?.[1] ?? message;
    const [, address, row, column] = /^ {4}at (file:\S+):(\d+):(\d+)$/.exec(line) ?? [];
    if (message === undefined || address === undefined) continue;
    found.push({ file: fileURLToPath(address), line: Number(row), column: Number(column), message });
    message = undefined;
  }
  return found;
}

/** `tasks/a.ts(7,9): error TS2551: …`; lines that begin with blanks explain the one before. */
export function tscMistakes(text: string, folder: string): TypeMistake[] {
  return text.split("\n").flatMap((line) => {
    const [, file, row, column, message] = /^(.+?)\((\d+),(\d+)\): error TS\d+: (.*?)\r?$/.exec(line) ?? [];
    if (file === undefined || message === undefined) return [];
    return [{ file: resolve(folder, file), line: Number(row), column: Number(column), message }];
  });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Whatever keeps it from being looked at, it is of no use.
    return false;
  }
}
