/** Texts of others for a terminal: what could steer it, or turn the order of words, is taken out. */
import { plainLine } from "../web/ansi.ts";

/** Control characters of Unicode, and those that change the direction of a text. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** The text in one line. */
export function printable(text: string): string {
  return plainLine(text).replaceAll(/\s*[\r\n]+\s*/g, " ").replaceAll("\t", " ").replaceAll(UNSEEN, "\ufffd");
}
