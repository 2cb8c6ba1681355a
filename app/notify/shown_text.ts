/** Texts of tasks as a message may have them: every service reads them, and what is read is what was written. */

/** Control characters, and those that turn the direction of what follows: a text that is read from right to left needs none. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Without what nobody sees; half a character, which no service reads, becomes the sign for one that is not known. */
export function shownText(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, "\n").replace(
    UNSEEN,
    (each) => each === "\n" || each === "\t" ? each : "",
  );
}

/** The same in one line. */
export function oneLine(text: string): string {
  return shownText(text.replace(/[\s\u0085]+/g, " ")).trim();
}
