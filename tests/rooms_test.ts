/** The floors of the house: a file imports from its own floor and from those below, and no files import each other in a circle. */
import assert from "node:assert/strict";
import { dirname, join, normalize, relative } from "node:path";

const ROOT = new URL("../", import.meta.url).pathname;

/** From the ground up; a room that is named twice belongs to the longer name. docs/architecture.md draws them. */
const FLOORS: readonly (readonly string[])[] = [
  ["app/base"],
  ["app/contracts.ts", "app/model"],
  ["app/events", "app/config", "app/locale"],
  ["app/policy", "app/trigger", "datasource"],
  ["app/task", "app/scheduler", "app/history"],
  ["app/sdk"],
  ["app/worker"],
  ["app/run"],
  ["app/auth", "app/audit", "app/notify", "app/metrics", "app/cluster"],
  ["app/service"],
  ["templates"],
  ["app/web", "app/api"],
  ["app/cli"],
  ["main.ts"],
];

/** Imports of ours, with their line; types count: who needs to know a type knows the room. */
const IMPORT = /^(?:import|export)\b[^"'`;]*?from\s+"(\.{1,2}\/[^"]+)"|\bimport\("(\.{1,2}\/[^"]+)"\)/gm;

interface Import {
  readonly from: string;
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return sourceFiles(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const code = Deno.readTextFileSync(join(ROOT, file));
  return [...code.matchAll(IMPORT)].map(([, fixed, late]) => ({
    from: file,
    to: normalize(join(dirname(file), fixed ?? late ?? "")),
  }));
}

/** The floor of a file; undefined for what is no room, such as `static/`. */
function floorOf(file: string): number | undefined {
  let found: { readonly floor: number; readonly room: string } | undefined;
  for (const [floor, rooms] of FLOORS.entries()) {
    for (const room of rooms) {
      const isIn = file === room || file.startsWith(`${room}/`);
      if (isIn && room.length > (found?.room.length ?? 0)) found = { floor, room };
    }
  }
  return found?.floor;
}

/** A way from a file back to itself, where there is one. */
function circleFrom(start: string, imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>();
  const ways: string[][] = (imports.get(start) ?? []).map((to) => [start, to]);
  for (let way = ways.shift(); way; way = ways.shift()) {
    const at = way.at(-1) ?? "";
    if (at === start) return way;
    if (seen.has(at)) continue;
    seen.add(at);
    for (const next of imports.get(at) ?? []) ways.push([...way, next]);
  }
  return undefined;
}

const files = ["app", "datasource", "templates"].flatMap(sourceFiles).concat("main.ts");
const imports = files.flatMap(importsOf);

Deno.test("every source file stands in a room", () => {
  assert.ok(files.length > 150, `only ${files.length} files were found`);
  assert.deepEqual(files.filter((file) => floorOf(file) === undefined), []);
});

Deno.test("no file imports from a floor above its own", () => {
  const up = imports.filter(({ from, to }) => (floorOf(to) ?? -1) > (floorOf(from) ?? 0));
  assert.deepEqual(up.map(({ from, to }) => `${from} → ${to}`), []);
});

Deno.test("no files import each other in a circle", () => {
  const graph = new Map([...Map.groupBy(imports, ({ from }) => from)].map((
    [from, all],
  ) => [from, all.map(({ to }) => to)]));
  const circles = files.flatMap((file) => circleFrom(file, graph)?.join(" → ") ?? []);
  assert.deepEqual(circles, []);
});

Deno.test("the adapters go through the one door", () => {
  const inner = /^app\/(?:run|scheduler|history|worker)\//;
  const around = imports.filter(({ from, to }) => /^app\/(?:web|api)\//.test(from) && inner.test(to));
  assert.deepEqual(around.map(({ from, to }) => `${from} → ${relative("app", to)}`), []);
});
