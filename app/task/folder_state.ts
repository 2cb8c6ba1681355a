/** What the task folder is like, without reading it: by that it is known whether something in it has changed. */
import { type BigIntStats, lstatSync, readdirSync, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { codeOf } from "../base/errors.ts";
import { isPassedOver } from "./folder.ts";

/** Entries that are looked at in one turn of the event loop; each takes some 20 µs. */
const AT_A_TIME = 50;

/** What is in the folder, as far as it matters. */
export interface FolderState {
  /** Another one whenever something in it may have become another. */
  readonly stamp: string;
  /** The folder and those below it, as they can be watched one by one; none where it is not there. */
  readonly folders: readonly string[];
  /** Another one where a path leads to another folder than before. */
  readonly identity: string;
}

/** Names, sizes, times and rights of all that is in the folder, without opening any file. Never throws. */
export async function stateOf(folder: string): Promise<FolderState> {
  const hash = createHash("sha256");
  const folders: string[] = [];
  let identity = "";
  let looked = 0;
  const waiting = [folder];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    const own = stat(each);
    hash.update(`${each}\0${asText(own)}\0`);
    if (typeof own === "string" || !own.isDirectory()) continue;
    folders.push(each);
    identity += `${each}\0${own.dev} ${own.ino}\0`;
    for (const name of namesIn(each)) {
      if (isPassedOver(name)) continue;
      if (looked++ % AT_A_TIME === 0) await setImmediate();
      const path = join(each, name);
      const facts = lstat(path);
      hash.update(`${path}\0${asText(facts)}\0`);
      if (typeof facts === "string") continue;
      if (facts.isDirectory()) waiting.push(path);
      // What a link leads to is what is read.
      else if (facts.isSymbolicLink()) hash.update(`${asText(stat(path))}\0`);
    }
  }
  return { stamp: hash.digest("hex"), folders, identity };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    return [`? ${codeOf(error)}`];
  }
}

function lstat(path: string): BigIntStats | string {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    return codeOf(error) ?? "unknown";
  }
}

function stat(path: string): BigIntStats | string {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    return codeOf(error) ?? "unknown";
  }
}

/** The time of the last change (ctime) cannot be set by anybody. */
function asText(facts: BigIntStats | string): string {
  if (typeof facts === "string") return facts;
  const { dev, ino, mode, size, mtimeNs, ctimeNs } = facts;
  return [dev, ino, mode, size, mtimeNs, ctimeNs].join(" ");
}
