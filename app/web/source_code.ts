/** Source files as lines with colours. */
import { parse, type TokenType } from "sugar-high/core";
import * as typescript from "sugar-high/lang/typescript";
import type { CodeLine, SourceLine } from "../../templates/components/code.tsx";

/** Longer files are shown without colours: they are made in the scheduler's thread. */
const MAX_COLOURED = 100_000;
/** What is told apart by colour. */
const COLOURED: readonly TokenType[] = ["keyword", "string", "comment", "class"];

export function colouredLines(code: string): readonly SourceLine[] {
  if (code.length > MAX_COLOURED) return code.split("\n").map((line) => [{ text: line }]);
  return parse(code, typescript).lines.map(({ tokens }) =>
    tokens.map(({ type, value }) => ({ text: value, kind: COLOURED.includes(type) ? type : undefined }))
  );
}

/** The lines around one, counted from 1; none where the code has no such line. */
export function linesAround(code: string, line: number, before: number, after: number): readonly CodeLine[] {
  const lines = colouredLines(code);
  if (line < 1 || line > lines.length) return [];
  const first = Math.max(1, line - before);
  return lines.slice(first - 1, line + after).map((pieces, i) => ({ number: first + i, pieces }));
}
