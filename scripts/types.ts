/**
 * Makes `app/cli/editor/carillon_types.txt`, which `carillon init` writes as `types/carillon.d.ts`: the types of the
 * module `carillon` with zod's in one file, so that an editor completes task files without anything installed.
 *
 * Its tools come from npm, into a temporary folder.
 */
import { join } from "node:path";
import manifest from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url).pathname;
export const TYPES_FILE = join(ROOT, "app/cli/editor/carillon_types.txt");
const ENTRY = join(ROOT, "app/sdk/carillon.ts");

const TOOLS = ["rollup@4.68.8", "rollup-plugin-dts@6.5.1", "typescript@5.9.3"];
const ZOD = manifest.imports.zod.replace("npm:", "");

/** What the tools are asked for, in the folder that they are in. */
const PROGRAM = `
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
const types = process.cwd() + "/node_modules/zod/index.d.ts";
const made = await rollup({
  input: ${JSON.stringify(ENTRY)},
  plugins: [
    { name: "zod", resolveId: (id) => id === "zod" ? types : null },
    dts({
      respectExternal: true,
      compilerOptions: {
        allowImportingTsExtensions: true, strict: true, skipLibCheck: true, types: [],
        paths: { zod: [types] }, target: 99, module: 199, moduleResolution: 3,
      },
    }),
  ],
  external: [/^node:/],
  // Names of the runtime that TypeScript does not know are of no matter to what is declared.
  onwarn() {},
});
const { output } = await made.generate({ format: "es" });
process.stdout.write(output[0].code);
`;

const HEAD =
  `// The module "carillon", for editors and "carillon check". Made by "carillon init"; what is changed here is lost.
// With the types of zod ${ZOD.replace("zod@", "")}, which is under this license:
`;

/** The text of the file. */
export async function editorTypes(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "carillon-types-" });
  try {
    await Deno.writeTextFile(join(folder, "package.json"), `{ "type": "module" }`);
    await Deno.writeTextFile(join(folder, "make.js"), PROGRAM);
    await run(folder, "npm", [
      "install",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      ...TOOLS,
      ZOD,
    ]);
    const code = await run(folder, "node", ["make.js"]);
    const license = await Deno.readTextFile(join(folder, "node_modules/zod/LICENSE"));
    return [HEAD, commented(license), "\n", indentedByTabs(withoutTexts(code))].join("");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(cwd: string, program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

function commented(text: string): string {
  return text.trim().split("\n").map((line) => `//   ${line}`.trimEnd()).join("\n") + "\n";
}

/** Every text of every page would be a type: for task files their keys are texts like others. */
function withoutTexts(code: string): string {
  return code.replace(
    /^declare const _exports: \{\n(?: +[^\n]*\n)+\};$/m,
    "declare const _exports: Record<string, string>;",
  );
}

/** A twentieth smaller. */
function indentedByTabs(code: string): string {
  return code.replace(/^(?: {4})+/gm, (spaces) => "\t".repeat(spaces.length / 4));
}

if (import.meta.main) {
  const text = await editorTypes();
  await Deno.writeTextFile(TYPES_FILE, text);
  Deno.stdout.writeSync(new TextEncoder().encode(`${TYPES_FILE}: ${(text.length / 1e6).toFixed(2)} MB\n`));
}
