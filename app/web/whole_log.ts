/** The whole log of a run, however long it is, part by part: as a page of text, and as a file. */
import { instantOf } from "../base/time.ts";
import type { NumberedLine, Run } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import type { LogBlock, LogBlockPiece, WholeLogProps } from "../../templates/components/whole_log.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { timeOfDay } from "../locale/format.ts";
import { plainLine } from "./ansi.ts";
import { path, withQuery } from "./paths.ts";

/** Lines that are read at a time. */
const PART = 5_000;
/** Lines, and characters, of one page: so much a browser shows and searches without trouble. */
export const PAGE_LINES = 100_000;
const PAGE_CHARACTERS = 20_000_000;
/** Lines of a block, which costs nothing while it is out of sight. */
const BLOCK = 200;

/** All lines from a number on, counted from 0. */
async function* partsOf(
  queries: Queries,
  runId: string,
  first: number,
): AsyncGenerator<readonly NumberedLine[]> {
  for (let from = first;;) {
    const lines = await queries.runs.lines(runId, { from, limit: PART });
    const last = lines.at(-1);
    if (!last) return;
    yield lines;
    from = last.number + 1;
  }
}

/** As a file: the moment, the level and the text of each line. */
export async function* logFile(queries: Queries, runId: string): AsyncGenerator<string> {
  for await (const lines of partsOf(queries, runId, 0)) {
    yield lines.map(({ at, level, text }) =>
      `${instantOf(at).toString({ smallestUnit: "millisecond" })} ${level.toUpperCase().padEnd(5)} ${
        plainLine(text)
      }\n`
    ).join("");
  }
}

/** @param wanted number of a line that is led to, counted from 1; the page has it, with its own address */
export async function wholeLog(
  queries: Queries,
  run: Run,
  wanted: number,
  viewer: ViewerView,
): Promise<WholeLogProps> {
  const { lines: total } = await queries.runs.logSize(run.id);
  const zone = queries.tasks.zoneOf(run.taskId);
  const first = Math.floor(Math.max(0, Math.min(wanted, total) - 1) / PAGE_LINES) * PAGE_LINES;
  const width = Math.max(6, String(total).length);
  const blocks: LogBlock[] = [];
  let [characters, end] = [0, first];
  for await (const lines of partsOf(queries, run.id, first)) {
    const shown = lines.slice(0, Math.max(0, first + PAGE_LINES - end));
    for (let i = 0; i < shown.length; i += BLOCK) {
      blocks.push(blockOf(shown.slice(i, i + BLOCK), wanted, (line) => {
        const { number, at, level, text } = line;
        const words = `${String(number + 1).padStart(width)}  ${timeOfDay(at, zone)}  ${level.padEnd(5)}  ${
          plainLine(text)
        }\n`;
        characters += words.length;
        return words;
      }));
    }
    end = (shown.at(-1)?.number ?? end) + 1;
    if (shown.length < lines.length || characters >= PAGE_CHARACTERS) break;
  }
  const page = path.run(run.id);
  const at = (line: number) => withQuery(page, { lines: "all", line: String(line) });
  return {
    locale: viewer.locale,
    blocks,
    back: page,
    earlier: first === 0 ? undefined : at(first - PAGE_LINES + 1),
    later: end >= total || blocks.length === 0 ? undefined : at(end + 1),
  };
}

/** Neighbours of one kind as one piece: a page of texts, not of elements. What is led to has an address of its own. */
function blockOf(
  lines: readonly NumberedLine[],
  wanted: number,
  words: (line: NumberedLine) => string,
): LogBlock {
  const pieces: { text: string; isBad: boolean; line?: number | undefined }[] = [];
  for (const line of lines) {
    const isBad = line.level === "error";
    const isWanted = line.number + 1 === wanted;
    const last = pieces.at(-1);
    if (last && last.isBad === isBad && !isWanted) last.text += words(line);
    else pieces.push({ text: words(line), isBad, line: isBad || isWanted ? line.number + 1 : undefined });
  }
  return pieces satisfies readonly LogBlockPiece[];
}
