/** The colours of a terminal in a line of log, as pieces of text with classes; every other control sequence is left out. */
import type { LogPiece } from "../../templates/pages/run_log.tsx";

/** CSI sequences, OSC sequences with their end, and single escapes (ECMA-48). */
const ESC = "\u001b";
const BEL = "\u0007";
const SEQUENCE = new RegExp(
  String
    .raw`${ESC}\[([\d;:]*)([@-~])|${ESC}\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\)|${ESC}[ -/]*[0-Z\\^-~]|${ESC}`,
  "g",
);
/** Red, green, yellow, blue, magenta, cyan; black and white are the page's own ink. */
const COLOURS: Readonly<Record<number, string>> = { 1: "a1", 2: "a2", 3: "a3", 4: "a4", 5: "a5", 6: "a6" };

interface Style {
  colour: string;
  bold: boolean;
  dim: boolean;
}

export function ansiPieces(line: string): readonly LogPiece[] {
  if (!line.includes("\u001b")) return [{ text: line }];
  const pieces: LogPiece[] = [];
  const style: Style = { colour: "", bold: false, dim: false };
  let from = 0;
  const add = (to: number) => {
    const text = line.slice(from, to);
    if (text === "") return;
    const look = [style.colour, style.bold ? "ab" : "", style.dim ? "ad" : ""].filter((each) => each !== "")
      .join(" ");
    pieces.push({ text, look: look === "" ? undefined : look });
  };
  for (const found of line.matchAll(SEQUENCE)) {
    add(found.index);
    from = found.index + found[0].length;
    if (found[2] === "m") apply(style, found[1] ?? "");
  }
  add(line.length);
  return pieces;
}

/** The line as it reads, without any sequence. */
export function plainLine(line: string): string {
  return line.includes("\u001b") ? line.replace(SEQUENCE, "") : line;
}

/** Select Graphic Rendition: `0` resets, `1` bold, `2` faint, `30–37` and `90–97` colours; of `38;5;n` the first sixteen. */
function apply(style: Style, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) Object.assign(style, { colour: "", bold: false, dim: false });
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 22) Object.assign(style, { bold: false, dim: false });
    else if (code === 39) style.colour = "";
    else if (code >= 30 && code <= 37) style.colour = COLOURS[code - 30] ?? "";
    else if (code >= 90 && code <= 97) style.colour = COLOURS[code - 90] ?? (code === 90 ? "ad" : "");
    else if (code === 38 || code === 48) {
      const isIndexed = codes[i + 1] === 5;
      if (code === 38) style.colour = isIndexed ? COLOURS[(codes[i + 2] ?? 0) % 8] ?? "" : "";
      i += isIndexed ? 2 : 4;
    }
  }
}
