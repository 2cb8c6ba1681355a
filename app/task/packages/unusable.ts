/** Imports of a task file that no runtime here can load, each with what to write instead. */
import type { Sentence } from "../../base/sentence.ts";
import { sentence, wrongWith } from "../../locale/sentence.ts";
import { PlacedError } from "../placed_error.ts";
import { isForeign } from "./resolve.ts";
import { type KnownImport, placeOf, rewriteImports } from "./rewrite.ts";
import { dirname, join } from "node:path/posix";

/**
 * Refuses statements, and what leads out of the folder: another `import()` says what is wrong where it is called.
 *
 * @param name path of the file in the tasks folder
 * @throws PlacedError
 */
export function refuseUnusable(code: string, name: string): void {
  rewriteImports(code, name, (each) => {
    const why = (each.dynamic ? undefined : problemOf(each)) ?? outside(each, name);
    if (why !== undefined) {
      const { line, column } = placeOf(code, each.start);
      throw new PlacedError(wrongWith(`"${each.specifier}"`, why), line, column);
    }
    return undefined;
  });
}

function problemOf({ specifier, asJson }: KnownImport): Sentence | undefined {
  if (/^https?:/.test(specifier)) {
    return sentence("mistake.import.address");
  }
  if (specifier.startsWith("jsr:")) {
    const name = specifier.slice(4).replace(/^\//, "").replace(/(?<=.)@[^/]*$/, "");
    return sentence("mistake.import.jsr", { name });
  }
  if (!/^\.{1,2}\//.test(specifier) || /\/node_modules\//.test(specifier)) return undefined;
  if (/\.c[jt]s$/.test(specifier)) {
    return sentence("mistake.import.commonjs");
  }
  if (specifier.endsWith(".json") && !asJson) {
    return sentence("mistake.import.json", { specifier });
  }
  return undefined;
}

/** Task files are imported from a copy of their folder: what lies beside it is not there. */
function outside({ specifier }: KnownImport, name: string): Sentence | undefined {
  if (!specifier.startsWith("../") || isForeign(specifier)) return undefined;
  if (!join(dirname(name), specifier).startsWith("../")) return undefined;
  return sentence("mistake.import.outside", { file: specifier.replace(/^(?:\.\.?\/)+/, "") });
}
