/** Packages in node_modules: every way in which a task file imports one, and every way in which that fails. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startCarillon, startRun, type TestCarillon, TESTER } from "../support/carillon.ts";

/** A package as files. */
function packaged(
  name: string,
  manifest: object,
  files: Readonly<Record<string, string>>,
): Record<string, string> {
  const folder = `node_modules/${name}`;
  return Object.fromEntries([
    [`${folder}/package.json`, JSON.stringify({ name, version: "1.0.0", ...manifest })],
    ...Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]),
  ]);
}

function task(imports: string, result: string, more = ""): string {
  return `import { defineTask } from "carillon";\n${imports}\nexport default defineTask({ ${more} run: async () => String(${result}) });\n`;
}

async function messageOf(test: TestCarillon, id = "t"): Promise<string | undefined> {
  const { message, error } = await test.ended((await startRun(test, id)).id);
  return message ?? error?.message;
}

const INSTALLED = {
  ...packaged("esm", {
    type: "module",
    exports: { ".": { import: "./index.js", require: "./no.cjs" }, "./sub/*": "./sub/*.js" },
    imports: { "#inner": "./inner.js" },
  }, {
    "index.js":
      `#!/usr/bin/env node\nimport { inner } from "#inner"; import { b } from "./circle.js"; import { join } from "path";\nexport const a = inner + b(); export const here = import.meta.url; export const joined = join("x", "y");\nexport const late = async () => (await import("./late.js")).default;\nexport const maybe = async () => { try { return await import("not-there"); } catch (e) { return e.code; } };`,
    "inner.js":
      `export const inner = "inner"; export { default as data } from "./d.json" with { type: "json" };`,
    "d.json": `{ "d": 1 }`,
    "circle.js":
      `import { inner } from "./inner.js"; import * as all from "./index.js"; export const b = () => inner.length + typeof all;`,
    "late.js": `export default "late";`,
    "sub/x.js": `import cjs, { named } from "cjs"; export default named + cjs.other;`,
  }),
  ...packaged("cjs", { main: "lib/main" }, {
    "lib/main.js":
      `"use strict"; exports.named = "named"; exports.other = require("./other"); exports["not an identifier"] = 1; exports.file = __filename;`,
    "lib/other.js": `module.exports = require("../data.json").value;`,
    "data.json": `{ "value": "other" }`,
  }),
  ...packaged("handed-on", { type: "commonjs" }, { "index.js": `module.exports = require("cjs");` }),
  ...packaged("untyped", { module: "x.js" }, { "index.js": `export default "an ES module by its syntax";` }),
  ...packaged("@scope/name", { type: "module", main: "m.mjs" }, { "m.mjs": `export default "scoped";` }),
  ...packaged("addon", {}, {
    "index.js": `exports.load = () => require("./a.node");`,
    "a.node": "\x7fELF _ZN2v811HandleScope",
  }),
  ...packaged("lacks", { type: "module" }, { "index.js": `import "its-dependency";` }),
  ...packaged("closed", { exports: { "./open": "./open.js" } }, { "open.js": "", "shut.js": "" }),
  ...packaged("no-file", { main: "gone.js" }, {}),
  "node_modules/no-json/package.json": "{",
  "node_modules/nameless/package.json": `{ "main": 5, "version": "../../x" }`,
  "node_modules/nameless/index.js": `exports.a = "nameless";`,
  ...packaged("climber", { exports: "./../cjs/lib/main.js" }, {}),
  ...packaged("wrong-exports", { exports: { ".": 5 } }, {}),
};

Deno.test("copies of packages that somebody has removed are there again before the next run", async () => {
  const uses = (host: string) =>
    task(
      `import { a, late, maybe } from "esm"; import x from "esm/sub/x"; import cjs from "cjs";`,
      `[a, await late(), await maybe(), x, cjs.other].join(" ")`,
      `executor: "${host}",`,
    );
  // A process is a fresh host for each run: nothing is loaded in it before.
  await using test = await startCarillon({
    ...INSTALLED,
    "tasks/t.ts": uses("process"),
    "tasks/other.ts": task(`import { named } from "cjs";`, "named", `executor: "process",`),
  });
  const good = "inner5object late ERR_MODULE_NOT_FOUND namedother other";
  assert.equal(await messageOf(test), good);
  const copies = join(test.config.scheduler.data, "mirror", String(Deno.pid), "packages");
  const files = (await Array.fromAsync(walk(copies))).toSorted();
  assert.ok(files.length >= 8, files.join("\n"));
  for (const file of files) {
    Deno.removeSync(file);
    assert.equal(await messageOf(test), good, file);
  }
  Deno.removeSync(copies, { recursive: true });
  assert.equal(await messageOf(test), good);
  assert.deepEqual((await Array.fromAsync(walk(copies))).toSorted(), files);
  // What they are made of is gone as well: the run says so, and the task of another package goes on.
  test.folder.remove("node_modules/esm/inner.js");
  Deno.removeSync(copies, { recursive: true });
  assert.match(await messageOf(test) ?? "", /Module not found .*node_modules\/esm\/inner\.js/);
  assert.equal(await messageOf(test, "other"), "named");
});

async function* walk(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* walk(path);
    else yield path;
  }
}

const WORKING: [string, string, string, string][] = [
  ["an ES module, its imports and its circle", `import { a } from "esm";`, "a", "inner5object"],
  [
    "a builtin without node:",
    `import { joined } from "esm"; import { sep } from "path";`,
    "joined + sep",
    "x/y/",
  ],
  ["import() of a package", "", `await (await import("esm")).late()`, "late"],
  [
    "an optional package that is missing",
    `import { maybe } from "esm";`,
    "await maybe()",
    "ERR_MODULE_NOT_FOUND",
  ],
  [
    "import() of one that is missing",
    "",
    `await import("gone-too").catch((e) => e.message.slice(0, 37))`,
    't.ts imports the package "gone-too", w',
  ],
  ["a pattern of exports, and CommonJS from an ES module", `import x from "esm/sub/x";`, "x", "namedother"],
  ["CommonJS by default and by name", `import d, { named } from "cjs";`, "d.named + named", "namednamed"],
  ["a name that is no identifier", `import { "not an identifier" as n } from "cjs";`, "n", "1"],
  ["exports that are handed on", `import { named } from "handed-on";`, "named", "named"],
  ["a file of a package", `import o from "cjs/lib/other.js";`, "o", "other"],
  ["a package that does not say what it is", `import u from "untyped";`, "u", "an ES module by its syntax"],
  ["a scope", `import s from "@scope/name";`, "s", "scoped"],
  [
    "npm: with a version",
    `import s from "npm:@scope/name@1.0.0"; import { named } from "npm:cjs";`,
    "s + named",
    "scopednamed",
  ],
  ["a path into node_modules", `import { named } from "../node_modules/cjs/lib/main.js";`, "named", "named"],
  [
    "a package without a name, and with a version that is a path",
    `import { a } from "nameless";`,
    "a",
    "nameless",
  ],
  ["export from a package", `export { named } from "cjs"; import * as cjs from "cjs";`, "cjs.named", "named"],
];

Deno.test("a task file imports what is installed in the folder above", async (t) => {
  const files = WORKING.map(([, imports, result], i) => [`tasks/t${i}.ts`, task(imports, result)]);
  await using test = await startCarillon({ ...INSTALLED, ...Object.fromEntries(files) });
  for (const [i, [what, , , expected]] of WORKING.entries()) {
    await t.step(what, async () => {
      assert.deepEqual(test.carillon.queries.tasks.broken().filter(({ path }) => path === `t${i}.ts`), []);
      assert.equal(await messageOf(test, `t${i}`), expected.replace("t.ts", `t${i}.ts`).slice(0, 37));
    });
  }
});

const BROKEN: [string, string, RegExp][] = [
  [
    "is not installed",
    `import "left-pad";`,
    /^t\.ts imports the package "left-pad", which is not installed; run "npm install left-pad" beside/,
  ],
  [
    "lacks a package of its own",
    `import "lacks";`,
    /^the package lacks imports the package "its-dependency", which is not installed; run "npm install its-dependency"/,
  ],
  [
    "does not export a file",
    `import "closed/shut.js";`,
    /^the package closed does not have what is imported of it/,
  ],
  [
    "lacks its main file",
    `import "no-file";`,
    /^the package no-file in .* has no file gone\.js; run "npm install no-file" again$/,
  ],
  [
    "names a file that is not its own",
    `import "climber";`,
    /^the package climber (?:names a file outside|does not have)/,
  ],
  ["has exports that are none", `import "wrong-exports";`, /^the package wrong-exports /],
  [
    "is asked for a file above it",
    `import "cjs/../handed-on/index.js";`,
    /^the package cjs names a file outside of its folder/,
  ],
  [
    "has a package.json cut off",
    `import "no-json";`,
    /no-json\/package\.json cannot be read; install the package again$/,
  ],
];

Deno.test("a package that cannot be used is named, with its line and what to do", async (t) => {
  await using test = await startCarillon({ ...INSTALLED, "tasks/ok.ts": task(`import "cjs";`, `"fine"`) });
  for (const [what, line, expected] of BROKEN) {
    await t.step(what, async () => {
      test.folder.write("tasks/t.ts", task(line, "1"));
      await test.carillon.operations.reload(TESTER);
      const [broken] = test.carillon.queries.tasks.broken();
      assert.match(broken?.message ?? "", expected);
      assert.deepEqual(broken?.place, { line: 2, column: 9 });
    });
  }
  assert.equal(await messageOf(test, "ok"), "fine");
});

Deno.test("an add-on made for V8 fails the run with a sentence and not the process", async () => {
  await using test = await startCarillon({
    ...INSTALLED,
    "tasks/t.ts": task(`import { load } from "addon";`, "load()"),
  });
  assert.match(
    await messageOf(test) ?? "",
    /^the package addon has a native add-on \(.*a\.node\) made for V8/,
  );
});

Deno.test("import.meta is that of the package, in a sandbox too", async () => {
  await using test = await startCarillon({
    ...INSTALLED,
    "tasks/t.ts": task(
      `import { here } from "esm"; import { file } from "cjs";`,
      `here + " " + file`,
      "permissions: {},",
    ),
  });
  const folder = await Deno.realPath(test.folder.path);
  assert.equal(
    await messageOf(test),
    `file://${folder}/node_modules/esm/index.js ${folder}/node_modules/cjs/lib/main.js`,
  );
});

Deno.test("the nearest node_modules counts, and none beyond the working folder", async () => {
  const near = packaged("cjs", {}, { "index.js": `exports.named = "near";` });
  await using test = await startCarillon({
    ...Object.fromEntries(Object.entries(INSTALLED).map(([path, text]) => [`app/${path}`, text])),
    ...Object.fromEntries(Object.entries(near).map(([path, text]) => [`app/tasks/sub/${path}`, text])),
    ...packaged("beyond", {}, { "index.js": "" }),
    "app/tasks/t.ts": task(`import { named } from "cjs";`, "named"),
    "app/tasks/sub/s.ts": task(`import { named } from "cjs";`, "named"),
    "app/tasks/far.ts": task(`import "beyond";`, "1"),
  }, { flags: { tasks: "app/tasks" } });
  assert.equal(await messageOf(test), "named");
  assert.equal(await messageOf(test, "s"), "near");
  assert.match(
    test.carillon.queries.tasks.broken()[0]?.message ?? "",
    /^far\.ts imports the package "beyond"/,
  );
});

Deno.test("what is installed or replaced later is used at the next reload", async () => {
  await using test = await startCarillon({
    "tasks/t.ts": task(`import { named } from "cjs"; import e from "e";`, "named + e"),
  });
  assert.equal(test.carillon.queries.tasks.broken().length, 1);
  const install = async (version: string) => {
    const files = {
      ...packaged("cjs", { version }, { "index.js": `exports.named = "cjs ${version} ";` }),
      ...packaged("e", { version, type: "module" }, { "index.js": `export default "e ${version}";` }),
      "node_modules/.package-lock.json": JSON.stringify({ version }),
    };
    for (const [path, text] of Object.entries(files)) test.folder.write(path, text);
    await test.carillon.operations.reload(TESTER);
  };
  await install("1.0.0");
  assert.deepEqual(test.carillon.queries.tasks.broken(), []);
  assert.equal(await messageOf(test), "cjs 1.0.0 e 1.0.0");
  await install("1.10.0");
  assert.equal(await messageOf(test), "cjs 1.10.0 e 1.10.0");
});

/** Packages that load parts of themselves when they are asked to; the parts are called otherwise in each version. */
function lazyPackages(version: string): Record<string, string> {
  return {
    ...packaged("cjs", { version, main: `main-${version}.js`, dependencies: { needed: "*" } }, {
      [`main-${version}.js`]:
        `exports.now = "${version}"; exports.later = () => require("./lib/later-${version}").value + require("needed/x").value;`,
      [`lib/later-${version}.js`]: `exports.value = "${version}"; exports.file = __filename;`,
    }),
    ...packaged("needed", { version }, { "x.js": `exports.value = "${version}";` }),
    ...packaged("esm", { version, type: "module", exports: "./index.js" }, {
      "index.js":
        `import { createRequire } from "node:module"; export const later = async () => (await import("./later-${version}.js")).default + createRequire(import.meta.url)("needed/x").value;`,
      [`later-${version}.js`]: `export default "${version}";`,
    }),
  };
}

/** As package managers do: the new one is another folder. One of them is kept elsewhere and linked, as pnpm does. */
function install(test: TestCarillon, version: string): void {
  const modules = join(test.folder.path, "node_modules");
  if (existsSync(modules)) Deno.removeSync(modules, { recursive: true });
  for (const [path, text] of Object.entries(lazyPackages(version))) {
    test.folder.write(path.replace("/needed/", `/.store/needed-${version}/`), text);
  }
  Deno.symlinkSync(`.store/needed-${version}`, join(modules, "needed"));
}

Deno.test("a run that is under way keeps its packages, the next one has the new ones, none has half of each", async () => {
  const held = Promise.withResolvers<void>();
  const asked = { begun: Promise.withResolvers<void>() };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
    asked.begun.resolve();
    await held.promise;
    return new Response("go on");
  });
  const uses = (options: string) =>
    task(
      `import { now, later } from "cjs"; import { later as second } from "esm";`,
      `[now, await (await fetch("http://127.0.0.1:${server.addr.port}")).text() && later(), await second(), (await import("cjs")).now].join(" ")`,
      options,
    );
  await using test = await startCarillon({
    "tasks/t.ts": uses(""),
    "tasks/limited.ts": uses("permissions: { net: true },"),
  });
  const { operations, queries: { tasks }, packages } = test.carillon;
  assert.equal(packages.news(), undefined);
  assert.deepEqual(tasks.broken().map(({ path }) => path), ["limited.ts", "t.ts"]);
  install(test, "1.0.0");
  assert.notEqual(packages.news(), undefined);
  await operations.reload(TESTER, { again: false });
  assert.deepEqual(tasks.broken(), []);
  const underWay = [];
  for (const id of ["t", "limited"]) {
    asked.begun = Promise.withResolvers<void>();
    underWay.push(await startRun(test, id));
    await asked.begun.promise;
  }
  install(test, "2.0.0");
  assert.notEqual(packages.news(), undefined);
  await operations.reload(TESTER, { again: false });
  assert.equal(packages.news(), undefined);
  held.resolve();
  for (const { id } of underWay) {
    const { message, error } = await test.ended(id);
    assert.equal(message ?? error?.message, "1.0.0 1.0.01.0.0 1.0.01.0.0 1.0.0");
  }
  const second = "2.0.0 2.0.02.0.0 2.0.02.0.0 2.0.0";
  for (const id of ["t", "limited"]) assert.equal(await messageOf(test, id), second);

  // Removed: it is said what to do, and the last good version goes on with what it was loaded from.
  for (const name of ["cjs", "needed"]) test.folder.remove(`node_modules/${name}`);
  assert.notEqual(packages.news(), undefined);
  await operations.reload(TESTER, { again: false });
  assert.match(
    tasks.broken()[0]?.message ?? "",
    /^limited\.ts imports the package "cjs", which is not installed; run "npm install cjs"/,
  );
  assert.equal(await messageOf(test), second);

  // Copied back, without the record that a package manager writes.
  install(test, "3.0.0");
  assert.notEqual(packages.news(), undefined);
  await operations.reload(TESTER, { again: false });
  assert.deepEqual(tasks.broken(), []);
  assert.equal(await messageOf(test), second.replaceAll("2.0.0", "3.0.0"));
});

Deno.test("a package that is damaged inside is tried again by itself until it is mended", async () => {
  await using test = await startCarillon({
    ...packaged("whole", { type: "module" }, { "index.js": `export { a } from "./inner.js";` }),
    ...packaged("required", {}, { "index.js": `exports.b = require("./b").b;` }),
    "tasks/t.ts": task(`import { a } from "whole";`, "a"),
    "tasks/u.ts": task(`import { b } from "required";`, "b"),
  });
  const { operations, queries: { tasks }, packages } = test.carillon;
  assert.deepEqual(tasks.broken().map(({ path, retryAt }) => [path, retryAt !== undefined]), [
    ["t.ts", true],
    ["u.ts", true],
  ]);
  assert.match(
    tasks.broken()[0]?.message ?? "",
    /^the package whole in .* has no file .*inner\.js; run "npm install whole" again$/,
  );
  test.folder.write("node_modules/whole/inner.js", `export const a = "mended";`);
  test.folder.write("node_modules/required/b.js", `exports.b = "mended too";`);
  // Nothing that is looked at each second tells of it.
  assert.equal(packages.news(), undefined);
  await test.clock.advance({ seconds: 30 });
  await operations.reload(TESTER, { again: false });
  assert.deepEqual(tasks.broken(), []);
  assert.deepEqual([await messageOf(test, "t"), await messageOf(test, "u")], ["mended", "mended too"]);
});
