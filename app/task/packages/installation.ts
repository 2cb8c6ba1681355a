/** What is installed in a `node_modules` folder, told from names, sizes and times; no file of it is opened. */
import { type BigIntStats, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

/** What package managers write at the end of each installation, in `node_modules`: npm, pnpm, Yarn. */
const RECORDS = [".package-lock.json", ".modules.yaml", ".yarn-integrity"];

/** Packages that are looked at in one turn of the event loop; each takes some 10 µs. */
const AT_A_TIME = 100;

/** Another text once something was installed, copied, replaced or removed; empty where there is no such folder. */
export async function stateOf(nodeModules: string): Promise<string> {
  const lines = recordsOf(nodeModules);
  for (const [i, name] of namesIn(nodeModules).entries()) {
    if (i % AT_A_TIME === AT_A_TIME - 1) await setImmediate();
    lines.push(`${name} ${factsOf(join(nodeModules, name, "package.json"))}`);
  }
  return lines.join("\n");
}

/** Like {@link stateOf}, from so little that it can be looked at each second; it misses what changes inside of a package. */
export function glanceAt(nodeModules: string): string {
  return [...recordsOf(nodeModules), factsOf(nodeModules)].join("\n");
}

function recordsOf(nodeModules: string): string[] {
  return RECORDS.flatMap((name) => {
    const facts = factsOf(join(nodeModules, name));
    return facts === "" ? [] : [`${name} ${facts}`];
  });
}

/** `lodash`, `@scope/name`. What package managers keep for themselves begins with a dot. */
function namesIn(nodeModules: string): string[] {
  return visibleIn(nodeModules).flatMap((name) =>
    name.startsWith("@") ? visibleIn(join(nodeModules, name)).map((inner) => `${name}/${inner}`) : [name]
  );
}

function visibleIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith(".")).sort();
  } catch {
    // It is not there, or cannot be read: then nothing is installed in it that can be used.
    return [];
  }
}

function factsOf(path: string): string {
  let facts: BigIntStats | undefined;
  try {
    facts = statSync(path, { throwIfNoEntry: false, bigint: true });
  } catch {
    // What cannot be looked at is as good as not there.
  }
  return facts ? `${facts.mtimeNs} ${facts.size} ${facts.ino}` : "";
}
