/** Imports of a task file that no runtime here can load, each with what to write instead. */
import type { Sentence } from "../../base/sentence.ts";
import { sentence, wrongWith } from "../../locale/sentence.ts";
import { PlacedError } from "../placed_error.ts";
import { type KnownImport, rewriteImports } from "./rewrite.ts";

/** Refuses statements only: an `import()` says what is wrong where it is called. @throws PlacedError */
export function refuseUnusable(code: string, name: string): void {
  rewriteImports(code, name, (each) => {
    const why = each.dynamic ? undefined : problemOf(each);
    if (why !== undefined) {
      const line = code.slice(0, each.start).split("\n").length;
      throw new PlacedError(wrongWith(`"${each.specifier}"`, why), line);
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
