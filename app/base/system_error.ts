/** What the operating system refuses, in words: files that cannot be read, folders that cannot be written. */
import { lstatSync, statSync } from "node:fs";
import { codeOf, messageOf } from "./errors.ts";

/** Words for the codes (errno(3)) that a wrong path, a missing right or a full disk lead to. */
const REASONS = {
  EACCES: "permission denied; the user that runs Carillon needs the right to it",
  EEXIST: "it is there already",
  EISDIR: "it is a folder, not a file",
  ELOOP: "too many links lead to it",
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "too many files are open on this machine",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is a file, not a folder",
  EDQUOT: "the quota of the disk is used up",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only",
} as const;

export type SystemCode = keyof typeof REASONS;

/** The code of an error of the system for which there are words, such as `"EACCES"`; undefined for another error. */
export function systemCode(thrown: unknown): SystemCode | undefined {
  const code = isFileForFolder(thrown) ? "ENOTDIR" : codeOf(thrown) ?? "";
  return Object.hasOwn(REASONS, code) ? code as SystemCode : undefined;
}

/** Where a folder is to be made with those above it, what is there already is none. */
function isFileForFolder(thrown: unknown): boolean {
  const [, path] = codeOf(thrown) === "EEXIST" ? /\bmkdir '(.+)'$/s.exec(messageOf(thrown)) ?? [] : [];
  return path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

/** Why the system refused, as the rest of a sentence that names the file; the error's own message where it is no such error. */
export function systemReason(thrown: unknown): string {
  const code = systemCode(thrown);
  return code === undefined ? messageOf(thrown) : REASONS[code];
}

/**
 * True for a link that leads nowhere: what it is meant to lead to may be on a disk that is not there yet, which is another
 * matter than a file that nobody has made.
 */
export function isDanglingLink(path: string): boolean {
  try {
    const link = lstatSync(path, { throwIfNoEntry: false });
    return link?.isSymbolicLink() === true && statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    // What keeps it from being looked at keeps it from being read too, which says why.
    return false;
  }
}

/** As {@link systemReason}, where the path of the error is known. */
export function fileReason(path: string, thrown: unknown): string {
  return isDanglingLink(path) ? "it is a link that leads nowhere" : systemReason(thrown);
}

/** A sentence about an error of the system that names its own file, or undefined where it is another error. */
export function systemSentence(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || systemCode(thrown) === undefined) return undefined;
  // Deno: "Permission denied (os error 13): mkdir '/srv/data'"; node: "EACCES: permission denied, mkdir '/srv/data'".
  const [, operation = "a file"] = /(?:\(os error \d+\): |, )(.+)$/s.exec(thrown.message) ?? [];
  return `${operation}: ${systemReason(thrown)}`;
}
