/** Files of the tasks folder that are imported and are not there: said with the place of the import, before a host looks for them. */
import { dirname, join } from "node:path/posix";
import type { Sentence } from "../base/sentence.ts";
import { sentence, toldOf, wrongWith } from "../locale/sentence.ts";
import { isForeign } from "./packages/resolve.ts";
import { type KnownImport, placeOf, rewriteImports } from "./packages/rewrite.ts";
import { isScript } from "./script.ts";
import type { SourceFile } from "./source.ts";
import type { SourceProblem } from "./source_problem.ts";

/** What somebody may have meant who has left the ending out. */
const ENDINGS = [".ts", ".mts", ".js", ".mjs"];

/**
 * The first import statement of a file that leads to none. An `import()` may be meant for a file that comes later: it says so
 * where it is called.
 *
 * @param broken paths of the files that cannot be read
 */
export function missingImport(
  file: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
  broken: ReadonlySet<string>,
): SourceProblem | undefined {
  if (isScript(file.path) || file.imports.every((path) => files.has(path))) return undefined;
  let problem: SourceProblem | undefined;
  rewriteImports(file.code, file.path, (each) => {
    const why = problem || each.dynamic ? undefined : problemOf(each, file.path, files, broken);
    if (why) {
      const said = wrongWith(`"${each.specifier}"`, why);
      problem = { path: file.path, ...toldOf(said), place: placeOf(file.code, each.start) };
    }
    return undefined;
  });
  return problem;
}

function problemOf(
  { specifier }: KnownImport,
  from: string,
  files: ReadonlyMap<string, SourceFile>,
  broken: ReadonlySet<string>,
): Sentence | undefined {
  if (!/^\.\.?\//.test(specifier) || isForeign(specifier)) return undefined;
  const path = join(dirname(from), decoded(specifier.replace(/[?#].*$/s, "")));
  if (files.has(path)) return undefined;
  if (broken.has(path)) return sentence("mistake.import.broken_file", { path });
  const ending = ENDINGS.find((each) => files.has(path + each));
  return ending === undefined
    ? sentence("mistake.import.no_file", { path })
    : sentence("mistake.import.ending", { specifier: specifier + ending });
}

/** An import is an address, in which a blank may be `%20`. */
function decoded(specifier: string): string {
  try {
    return decodeURIComponent(specifier);
  } catch {
    return specifier;
  }
}
