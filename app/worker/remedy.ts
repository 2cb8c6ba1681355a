/** What the runtime says of permissions that are missing, and of packages, as a sentence that names the remedy. */
import { PERMISSION_KINDS } from "../model/order.ts";

/** Deno's own words, which end in a flag that nobody can give here. */
const DENIED = /^Requires (\w+) access(?: to "([^"]*)")?.*--allow-\w+/;

/** Of `require` within a package. */
const MISSING = /^Cannot find module '((?:@[^/']+\/)?[^./'][^/']*)(?:\/[^']*)?'/;

/** The text itself where it speaks of something else. @param message of an error */
export function withRemedy(message: string): string {
  const [found = "", missing] = MISSING.exec(message) ?? [];
  if (missing !== undefined) {
    return `${found}: run "npm install ${missing}" beside the tasks folder, or on another machine and copy ` +
      `node_modules here${message.slice(found.length)}`;
  }
  const [, kind = "", what] = DENIED.exec(message) ?? [];
  if (kind === "ffi") {
    return "native code cannot be held to limits, so no task with limited permissions may load it; " +
      "leave out permissions for a task that needs it";
  }
  if (!PERMISSION_KINDS.some((each) => each === kind)) return message;
  const allowed = what === undefined ? "true" : `[${JSON.stringify(what)}]`;
  return `the task lacks the permission ${kind}${what === undefined ? "" : ` for "${what}"`}; ` +
    `allow it by permissions: { ${kind}: ${allowed} }, or for a task without permissions by ` +
    `[permissions] ${kind} of carillon.ini`;
}
