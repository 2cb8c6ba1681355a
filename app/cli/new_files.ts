/** Files that an import writes: never over one that is there. */
import { dirname } from "node:path";
import { systemReason } from "../base/system_error.ts";
import { UsageError } from "./errors.ts";
import { print } from "./output.ts";

/**
 * Writes a file and says so; one that is there is left as it is, which is said too.
 *
 * @returns whether it was written
 * @throws UsageError where it cannot be
 */
export function writeNew(path: string, content: string, mode = 0o644): boolean {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, content, { createNew: true, mode });
    print(`wrote ${path}`);
    return true;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) {
      throw new UsageError(`${path} cannot be written: ${systemReason(cause)}`, { cause });
    }
    print(`${path} is there already; it is left as it is`);
    return false;
  }
}
