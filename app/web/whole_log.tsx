/** The whole log of a run, however long it is, part by part: as a page of text, and as a file. */
import type { Context } from "hono";
import { html } from "hono/html";
import {
  BlockText,
  type LogBlock,
  type LogBlockPiece,
  WholeLog,
} from "../../templates/components/whole_log.tsx";
import type { PageFrame } from "../../templates/components/frame.ts";
import { LogTools, type RunLogProps } from "../../templates/pages/run_log.tsx";
import { bodyOf } from "../api/streams.ts";
import { timeOfDay } from "../locale/format.ts";
import { text } from "../locale/locale.ts";
import { missingLines } from "../locale/missing_lines.ts";
import type { Locale } from "../model/locale.ts";
import { LogGaps } from "../model/log_gaps.ts";
import type { NumberedLine, Run } from "../model/run.ts";
import type { Queries } from "../service/queries.ts";
import { plainLine } from "./ansi.ts";
import { type Answer, pageText } from "./document.tsx";
import { path, withQuery } from "./paths.ts";

/** Lines, and characters, of one page: so much a browser shows and searches without trouble. */
export const PAGE_LINES = 100_000;
const PAGE_CHARACTERS = 20_000_000;
/** Lines of a block, which costs nothing while it is out of sight. */
const BLOCK = 200;

/** As a file: the moment, the level and the text of each line. */
export async function* logFile(queries: Queries, runId: string): AsyncGenerator<string> {
  const gaps = new LogGaps();
  for await (const lines of queries.runs.logParts(runId)) {
    // `Date` writes what `Temporal` writes, in a third of the time.
    yield lines.map((line) =>
      `${missingLines(gaps.before(line), "en")}${new Date(line.at).toISOString()} ${
        line.level.toUpperCase().padEnd(5)
      } ${plainLine(line.text)}\n`
    ).join("");
  }
}

/** What of a log one page has. */
interface Asked {
  readonly run: Run;
  /** Number of a line that is led to, counted from 1; the page has it, with its own address. */
  readonly wanted: number;
}

interface PageParts extends Pick<Answer, "title" | "content"> {
  readonly log: RunLogProps;
}

/** The page: what stands before the log at once, and then the log as fast as it is read, so that none of it is kept. */
export async function answerWholeLog(
  context: Context,
  frame: PageFrame,
  queries: Queries,
  { run, wanted }: Asked,
  { title, content, log }: PageParts,
): Promise<Response> {
  const { lines: total } = await queries.runs.logSize(run.id);
  const first = Math.floor(Math.max(0, Math.min(wanted, total) - 1) / PAGE_LINES) * PAGE_LINES;
  const page = path.run(run.id);
  const at = (line: number) => withQuery(page, { lines: "all", line: String(line) });
  // Nobody can have written it into anything that the page shows.
  const mark = crypto.randomUUID();
  const { locale } = frame.viewer;
  const earlier = first === 0 ? undefined : at(first - PAGE_LINES + 1);
  const after = (
    <section class="log-box">
      <LogTools {...log} />
      <WholeLog locale={locale} back={page} earlier={earlier} blocks={mark} later={mark} />
    </section>
  );
  const [before, between, behind] = (await pageText(context, frame, { title, content, after })).split(mark);
  async function* pieces(): AsyncGenerator<string> {
    yield before ?? "";
    let end = first;
    for await (const part of partsOf(queries, { run, wanted }, first, total, locale)) {
      yield String(await html`${part.blocks.map((block) => <BlockText block={block} />)}`);
      end = part.end;
    }
    yield between ?? "";
    if (end > first && end < total) {
      yield String(await html`${<a href={at(end + 1)}>{text(locale, "log.later")}</a>}`);
    }
    yield behind ?? "";
  }
  // Who has gone reads no further; nothing is to be ended for it.
  return context.body(bodyOf(pieces(), () => {}), 200, { "content-type": "text/html; charset=UTF-8" });
}

/** The lines of one page; `end` is the number of the line behind a part, counted from 0. */
async function* partsOf(
  queries: Queries,
  { run, wanted }: Asked,
  first: number,
  total: number,
  locale: Locale,
): AsyncGenerator<{ readonly blocks: readonly LogBlock[]; readonly end: number }> {
  const zone = queries.tasks.zoneOf(run.taskId);
  const width = Math.max(6, String(total).length);
  let characters = 0;
  const gaps = new LogGaps(first);
  const words = (numbered: NumberedLine) => {
    const { number, at, level, text } = numbered;
    const line = `${missingLines(gaps.before(numbered), locale)}${String(number + 1).padStart(width)}  ${
      timeOfDay(at, zone)
    }  ${level.padEnd(5)}  ${plainLine(text)}\n`;
    characters += line.length;
    return line;
  };
  for await (const lines of queries.runs.logParts(run.id, { from: first })) {
    const shown = lines.filter(({ number }) => number < first + PAGE_LINES);
    const last = shown.at(-1);
    if (last) {
      const blocks = Array.from(
        { length: Math.ceil(shown.length / BLOCK) },
        (_, i) => blockOf(shown.slice(i * BLOCK, (i + 1) * BLOCK), wanted, words),
      );
      yield { blocks, end: last.number + 1 };
    }
    if (shown.length < lines.length || characters >= PAGE_CHARACTERS) return;
  }
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
