/** Text from bytes, strictly: where they are not UTF-8 the text would be another one, with U+FFFD in place of what was meant. */
import { readFileSync } from "node:fs";
import { OperatorError } from "./errors.ts";
import type { Sentence } from "./sentence.ts";

/** Bytes that are no text; line and column are those of the first that does not fit, from 1. */
export class NotUtf8Error extends OperatorError {
  override readonly name = "NotUtf8Error";
  constructor(readonly line: number, readonly column: number) {
    super(`line ${line}, column ${column} is not UTF-8; save it as UTF-8`);
    this.sentence = { key: "mistake.not_utf8", values: { line, column } };
  }

  readonly sentence: Sentence;
}

/** The text, with its byte order mark where it has one. @throws NotUtf8Error */
export function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw placed(bytes);
  }
}

/** The text without a byte order mark. @throws NotUtf8Error */
export function utf8Unmarked(bytes: Uint8Array): string {
  return utf8(bytes).replace(/^\uFEFF/, "");
}

/** The text of a file, for whoever names the file where it cannot be read. @throws NotUtf8Error, or what the system says */
export function readUtf8(path: string | URL): string {
  return utf8(readFileSync(path));
}

/** False where bytes that are written as `%FC` are not UTF-8: reading a query or a form would put U+FFFD in their place. */
export function isUtf8Escaped(text: string): boolean {
  try {
    for (const [escaped] of text.matchAll(/(?:%[0-9a-f]{2})+/gi)) decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}

/** Where the text ends that the bytes begin with. */
function placed(bytes: Uint8Array): NotUtf8Error {
  // So many bytes are the beginning of a text, which one more of them is not.
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (beginning(bytes.subarray(0, middle)) === undefined) bad = middle;
    else good = middle;
  }
  const lines = (beginning(bytes.subarray(0, good)) ?? "").split(/\r\n|\n|\r/);
  return new NotUtf8Error(lines.length, (lines.at(-1) ?? "").length + 1);
}

/** The whole characters of what may end within one; undefined where it is no text. */
function beginning(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
