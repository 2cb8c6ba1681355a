/** Bold and coloured words for a terminal; plain ones for a file, a pipe, and whoever sets NO_COLOR (no-color.org). */
import { isBad, RUN_STATUSES } from "../model/run.ts";

const CODES = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

/** Puts a style around a text where the stream shows it to a person. */
export function styled(stream: { isTerminal(): boolean }, style: keyof typeof CODES, text: string): string {
  const plain = !stream.isTerminal() || (Deno.env.get("NO_COLOR") ?? "") !== "" ||
    Deno.env.get("TERM") === "dumb";
  if (plain) return text;
  const [begin, end] = CODES[style];
  return `\x1b[${begin}m${text}\x1b[${end}m`;
}

/** The status of a run: red where it is bad, green where it succeeded, yellow where it goes on. */
export function styledStatus(stream: { isTerminal(): boolean }, status: string): string {
  const known = RUN_STATUSES.find((each) => each === status);
  if (known === undefined) return status.replaceAll(/[^\w-]/g, "?");
  if (isBad(known)) return styled(stream, "red", known);
  if (known === "succeeded") return styled(stream, "green", known);
  return known === "running" || known === "queued" ? styled(stream, "yellow", known) : known;
}
