/** Imports of a task file that no runtime here can load, each with what to write instead. */
import { PlacedError } from "../placed_error.ts";
import { type KnownImport, rewriteImports } from "./rewrite.ts";

/** Refuses statements only: an `import()` says what is wrong where it is called. @throws PlacedError */
export function refuseUnusable(code: string, name: string): void {
  rewriteImports(code, name, (each) => {
    const why = each.dynamic ? undefined : problemOf(each);
    if (why !== undefined) {
      throw new PlacedError(`"${each.specifier}": ${why}`, code.slice(0, each.start).split("\n").length);
    }
    return undefined;
  });
}

function problemOf({ specifier, asJson }: KnownImport): string | undefined {
  if (/^https?:/.test(specifier)) {
    return "nothing is loaded from an address; put the file beside the task, or install a package";
  }
  if (specifier.startsWith("jsr:")) {
    return `only packages in node_modules are loaded; run "npx jsr add ${
      specifier.slice(4).replace(/^\//, "").replace(/(?<=.)@[^/]*$/, "")
    }" beside the tasks folder, and import it by its name alone`;
  }
  if (!/^\.{1,2}\//.test(specifier) || /\/node_modules\//.test(specifier)) return undefined;
  if (/\.c[jt]s$/.test(specifier)) {
    return "files of the tasks folder are ES modules; write it with import and export, and call it .js or .ts";
  }
  if (specifier.endsWith(".json") && !asJson) {
    return `write import … from "${specifier}" with { type: "json" }`;
  }
  return undefined;
}
