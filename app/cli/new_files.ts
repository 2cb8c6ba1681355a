/** Files that an import writes: never over one that is there, and whole or not at all. */
import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { codeOf } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";
import { UsageError } from "./errors.ts";
import { print, say } from "./output.ts";

/** `same` is there with this content already, `kept` with another one. */
export type Written = "written" | "same" | "kept";

/**
 * Writes a file and says so; one that is there is left as it is, which is said too.
 *
 * @throws UsageError where it cannot be
 */
export function writeNew(path: string, content: string, mode = 0o644): Written {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    if (!isThere(path) && writeWhole(path, content, mode, "new")) {
      print(`wrote ${path}`);
      return "written";
    }
    if (Deno.readTextFileSync(path) === content) {
      print(`${path} is there already; it is left as it is`);
      return "same";
    }
    say(`${path} is there already, with other content than would be written; it is left as it is`);
    return "kept";
  } catch (cause) {
    throw new UsageError(`${path} cannot be written: ${systemReason(cause)}`, { cause });
  }
}

/** Writes a file anew, with the rights that it has. @throws UsageError where it cannot be */
export function writeAgain(path: string, content: string): void {
  try {
    writeWhole(path, content, (Deno.statSync(path).mode ?? 0o600) & 0o777, "again");
  } catch (cause) {
    throw new UsageError(`${path} cannot be written: ${systemReason(cause)}`, { cause });
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** False where somebody else was first. Who is killed on the way leaves a file whose name begins with a dot. */
function writeWhole(path: string, content: string, mode: number, as: "new" | "again"): boolean {
  const aside = join(dirname(path), `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}`);
  writeFileSync(aside, content, { mode });
  try {
    if (as === "new") linkSync(aside, path);
    else renameSync(aside, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    // A file system without links.
    if (as === "again" || isThere(path)) throw error;
    renameSync(aside, path);
    return true;
  } finally {
    rmSync(aside, { force: true });
  }
}
