/** Errors that are alike: what differs from one run to the next (numbers, ids, addresses) is folded away. */
import type { Run } from "../../model/run.ts";

/** What a folded piece reads as. */
const FOLD = "#";

/** Numbers that tell causes apart: `ORA-12541`, `E11000`, `SQLSTATE 08001`, `HTTP 503`, `status code 404`, `errno 111`. */
const TELLING =
  /\b[A-Z]{1,10}-?\d+\b|\b(?:HTTP|[Ss]tatus(?: code)?|[Cc]ode|SQLSTATE|errno|[Ee]rror)[ :=#]{1,3}\d+\b/g;

const FOLDED: readonly RegExp[] = [
  // UUIDs.
  /\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b/gi,
  // Instants and dates.
  /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\b/g,
  // IPv4 addresses and IPv6 ones in brackets, with their port.
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[[\da-f:]+\](?::\d+)?/gi,
  // Hexadecimal ids; a word of letters only is none.
  /\b(?=[\da-f]*\d)[\da-f]{8,}\b/gi,
  // What stands behind the path of an address.
  /(?<=https?:\/\/[^\s?#]+)[?#]\S*/g,
  // Any other number, with its separators.
  /\d+(?:[.,:]\d+)*/g,
];

/** The text with what differs folded; equal texts are one cause. */
export function foldedError(message: string): string {
  const text = message.slice(0, 1_000);
  let folded = "";
  let from = 0;
  for (const { 0: piece, index } of text.matchAll(TELLING)) {
    folded += fold(text.slice(from, index)) + piece;
    from = index + piece.length;
  }
  return (folded + fold(text.slice(from))).replace(/\s+/g, " ").trim();
}

function fold(text: string): string {
  return FOLDED.reduce((words, pattern) => words.replace(pattern, FOLD), text);
}

/** What runs that did not go well have in common with others of the same cause. */
export function causeOf({ status, reason, error, message }: Run): string {
  if (status !== "failed" && reason) return `${status} ${reason.key}`;
  return `${status} ${foldedError(error ? `${error.name}: ${error.message}` : message ?? "")}`;
}
