/** What editors need beside task files: the types of `carillon`, and settings for Deno's and TypeScript's language servers. */
import carillonTypes from "./carillon_types.txt" with { type: "text" };
import runtimeTypes from "./runtime_types.txt" with { type: "text" };
import tsconfig from "./tsconfig.txt" with { type: "text" };

/** Where the types of `carillon` lie in the folder that Carillon is started in. */
export const TYPES_PATH = "types/carillon.d.ts";

/** Files by their path; `types/` is Carillon's own and written anew, the others are the team's. */
export const EDITOR_FILES: Readonly<Record<string, string>> = {
  [TYPES_PATH]: carillonTypes,
  "types/runtime.d.ts": runtimeTypes,
  "deno.json": denoSettings(`./${TYPES_PATH}`),
  "tsconfig.json": tsconfig,
};

/** Settings for Deno that find the types. @param types path or address of the file */
export function denoSettings(types: string): string {
  // Packages by the versions of package.json: a folder of node_modules without @types/node would be an error to Deno.
  return `${JSON.stringify({ imports: { carillon: types }, nodeModulesDir: "none" }, null, 2)}\n`;
}
