/** All code of the tasks folder, as `carillon check` looks at it: names in each file, and types in all of them. */
import { dirname, extname, join, resolve } from "node:path";
import { allDatabaseSettings } from "../../../datasource/settings.ts";
import { messageOf } from "../../base/errors.ts";
import type { Config } from "../../config/config.ts";
import { foldersAbove } from "../../task/packages/installed.ts";
import { isPackage, resolvePackage } from "../../task/packages/resolve.ts";
import { isScript } from "../../task/script.ts";
import { readSources, type SourceFile } from "../../task/source.ts";
import { type Finding, undeclared } from "./names.ts";

/** What is wrong in a file of the tasks folder. */
export interface CodeMistake {
  readonly file: string;
  /** Undefined where it is in what stands for a script. */
  readonly place?: { readonly line: number; readonly column: number } | undefined;
  readonly message: string;
}

const MODULE = /^\.m?[jt]s$/;
const NO_CODE = /\.d\.m?ts$|[._]test\.m?[jt]s$/;

/** Modules that tasks are made of, and scripts; in the order of their paths. */
export async function taskCode(tasks: string): Promise<readonly SourceFile[]> {
  const { files } = await readSources(tasks);
  return [...files.values()].filter(({ path }) =>
    (MODULE.test(extname(path)) && !NO_CODE.test(path)) || isScript(path)
  );
}

/** Names that nobody has declared, in all files. */
export function checkNames(files: readonly SourceFile[], config: Config): CodeMistake[] {
  const { tasks } = config.scheduler;
  const around = {
    secrets: Object.keys(config.secrets),
    databases: allDatabaseSettings(config.datasource.file).map(({ name }) => name),
  };
  return files.flatMap(({ path, code }) => {
    const file = join(tasks, path);
    const folders = foldersAbove(dirname(resolve(file)));
    const found = undeclared(code, {
      ...around,
      packageProblem: (specifier) => isPackage(specifier) ? problemOf(specifier, folders, path) : undefined,
    });
    return found.map(({ message, ...place }: Finding) => ({
      file,
      place: isScript(path) ? undefined : place,
      message,
    }));
  });
}

function problemOf(specifier: string, folders: readonly string[], place: string): string | undefined {
  try {
    resolvePackage(specifier, folders, "import", { place });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
