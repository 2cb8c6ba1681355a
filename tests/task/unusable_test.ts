/** Imports that cannot be loaded are refused with what to write instead. */
import assert from "node:assert/strict";
import { readSource } from "../../app/task/source.ts";

const UNUSABLE: readonly (readonly [string, RegExp])[] = [
  [
    `import x from "./x.cjs";`,
    /^"\.\/x\.cjs": files of the tasks folder are ES modules; .*call it \.js or \.ts$/,
  ],
  [`export { x } from "../x.cts";`, /ES modules/],
  [`import x from "./x.json";`, /write import … from "\.\/x\.json" with \{ type: "json" \}$/],
  [`import x from "https://example.com/x.ts";`, /^"https:.*nothing is loaded from an address/],
  [`import x from "jsr:@std/fs@1";`, /run "npx jsr add @std\/fs" beside/],
];

for (const [line, message] of UNUSABLE) {
  Deno.test(`refused with its line: ${line}`, () => {
    assert.throws(() => readSource("a.ts", `// first\n\n${line}\nexport default 1;\n`), (error) => {
      assert.ok(error instanceof Error && "line" in error);
      assert.match(error.message, message);
      assert.equal(error.line, 3);
      return true;
    });
  });
}

Deno.test("what can be loaded, or is only tried, is left alone", () => {
  const code = [
    `import x from "./x.json" with { type: "json" };`,
    `import type { Y } from "./y.cts";`,
    `import z from "../node_modules/z/index.cjs";`,
    `import("./x.cjs"); import("https://example.com/x.ts");`,
    `// import a from "./a.cjs"`,
    `export default "import b from './b.cjs'";`,
  ].join("\n");
  assert.ok(readSource("a.ts", code).hasDefaultExport);
});
