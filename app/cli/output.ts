/** Lines for the person or the program that reads the command's output. */

import { OperatorError } from "../base/errors.ts";
import { systemReason } from "../base/system_error.ts";

/** Whoever read standard output has closed it. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
}

/** How long it is waited at the end for whoever reads what was said, in milliseconds. */
export const FLUSH_MS = 1_000;

/** Writes a line to standard output. */
export function print(line: string): void {
  writeAll(Deno.stdout, `${line}\n`);
}

/** Writes a line to standard error. */
export function say(line: string): void {
  writeAll(Deno.stderr, `${line}\n`);
}

/** Writes all of a text: one call may take only a part of it where the reader is slow. */
export function writeAll(target: { writeSync(bytes: Uint8Array): number }, words: string): void {
  let bytes = new TextEncoder().encode(words);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(target.writeSync(bytes));
  } catch (cause) {
    if (cause instanceof Deno.errors.BrokenPipe) {
      throw new OutputClosedError("the output was closed by its reader", { cause });
    }
    throw new OperatorError(`the output cannot be written: ${systemReason(cause)}`, { cause });
  }
}

/** Columns padded to their widest cell; the last one is left as it is. Wide East Asian characters count as two. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => widths[column] = Math.max(widths[column] ?? 0, cellWidth(cell)));
  }
  return rows.map((row) =>
    row.map((cell, column) =>
      column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - cellWidth(cell))
    ).join("  ")
  );
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** Colours take no room. */
const COLOUR = new RegExp(String.raw`${String.fromCharCode(27)}\[\d+m`, "g");

function cellWidth(coloured: string): number {
  const cell = coloured.replaceAll(COLOUR, "");
  return [...cell].length + (cell.match(WIDE)?.length ?? 0);
}
