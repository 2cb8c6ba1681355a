/** How the person at the terminal calls Carillon. */
import { basename, delimiter, dirname, relative, resolve } from "node:path";

/** `./carillon` where the executable lies in that folder, `carillon` where it is on the PATH. @param folder where it will be called */
export function ownName(folder: string): string {
  if (!Deno.build.standalone) return "carillon";
  return nameFrom(Deno.execPath(), resolve(folder), Deno.env.get("PATH") ?? "");
}

/** The same of any executable. */
export function nameFrom(executable: string, folder: string, path: string): string {
  if (path.split(delimiter).includes(dirname(executable))) return basename(executable);
  const way = relative(folder, executable);
  // Further up than the folder beside, the whole path says it better.
  if (way.startsWith("../../")) return executable;
  return way.startsWith("../") ? way : `./${way}`;
}
