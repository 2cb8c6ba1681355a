/** Questions to the audit: its lines, the newest first or in their order, and those that come. */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type EpochMs, instantOf } from "../base/time.ts";
import type { Clock } from "../contracts.ts";
import type { AuditOutcome } from "../model/audit.ts";
import { dayFileOf, dayFiles, sizeOf } from "./files.ts";
import { type AuditLine, readLine } from "./line.ts";
import { linesBackwards, linesOf } from "./read_lines.ts";

/** Which lines are wanted; what is left out does not matter. */
export interface AuditQuery {
  /** The whole name. */
  readonly who?: string | undefined;
  /** The whole action, or what stands before its full stop: `run` for `run.start` and `run.cancel`. */
  readonly action?: string | undefined;
  /** Part of the target. */
  readonly target?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  /** Part of the line, whatever the case. */
  readonly text?: string | undefined;
  readonly from?: EpochMs | undefined;
  /** The first moment that is not wanted. */
  readonly to?: EpochMs | undefined;
  /** Only lines before this number. */
  readonly before?: number | undefined;
}

export interface AuditPage {
  /** The newest first. */
  readonly lines: readonly AuditLine[];
  /** Number from which on there may be older ones; undefined at the beginning. */
  readonly older?: number | undefined;
}

/** Lines of a question that are looked at; who wants more asks for the older ones. */
const MAX_LOOKED_AT = 50_000;
/** After so many lines others have their turn. */
const TURN = 500;

export async function find(folder: string, query: AuditQuery, limit: number): Promise<AuditPage> {
  const wanted = matcher(query);
  const lines: AuditLine[] = [];
  let looked = 0;
  for (const file of filesOf(folder, query).reverse()) {
    for (const text of linesBackwards(join(folder, file))) {
      if (++looked % TURN === 0) await setImmediate();
      const line = readLine(text);
      if (!line) continue;
      if (lines.length >= limit || looked > MAX_LOOKED_AT) return { lines, older: line.n + 1 };
      if (wanted(line, text)) lines.push(line);
    }
  }
  return { lines };
}

/** All lines that match, in their order, as they are written. */
export async function* exportLines(folder: string, query: AuditQuery): AsyncIterable<string> {
  const wanted = matcher(query);
  let looked = 0;
  for (const file of filesOf(folder, query)) {
    for (const text of linesOf(join(folder, file))) {
      if (++looked % TURN === 0) await setImmediate();
      const line = readLine(text);
      if (line && wanted(line, text)) yield text;
    }
  }
}

const DAY_MS = 86_400_000;
/** The end of the year 9999. */
const LAST_MS = 253_402_300_799_999;
const FOLLOW_MS = 500;

/** The same, and then those that come, until the signal is aborted. */
export async function* follow(
  folder: string,
  query: AuditQuery,
  clock: Pick<Clock, "sleep">,
  signal: AbortSignal,
): AsyncIterable<string> {
  const wanted = matcher(query);
  let last = 0;
  let at: { readonly file: string; readonly size: number } | undefined;
  while (!signal.aborted) {
    for (const file of dayFiles(folder)) {
      const size = sizeOf(join(folder, file)) ?? 0;
      if (at && (file < at.file || (file === at.file && size === at.size))) continue;
      // A file that became shorter is read again: what was told of it is known by its number.
      const begin = at?.file === file && at.size < size ? at.size : 0;
      let isWhole = true;
      for (const text of linesOf(join(folder, file), begin)) {
        const line = readLine(text);
        isWhole = line !== undefined;
        if (!line || line.n <= last) continue;
        last = line.n;
        if (wanted(line, text)) yield text;
      }
      // A line that is being written is read again when it is there.
      at = { file, size: isWhole ? size : begin };
    }
    await clock.sleep(FOLLOW_MS, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Files that may have lines of the query: a day more on each side, for clocks that were set. */
function filesOf(folder: string, { from, to }: AuditQuery): string[] {
  const first = from === undefined ? "" : dayFileOf(known(from - DAY_MS));
  const last = to === undefined ? undefined : dayFileOf(known(to + DAY_MS));
  return dayFiles(folder).filter((file) => file >= first && (last === undefined || file <= last));
}

function matcher(query: AuditQuery): (line: AuditLine, text: string) => boolean {
  const { who, action, target, outcome, text: wanted, from, to, before } = query;
  const [begin, end] = [from, to].map((at) => at === undefined ? undefined : iso(at));
  const part = wanted?.toLowerCase();
  return (line, text) =>
    (before === undefined || line.n < before) &&
    (who === undefined || line.who === who) &&
    (action === undefined || line.action === action || line.action.startsWith(`${action}.`)) &&
    (target === undefined || (line.target?.includes(target) ?? false)) &&
    (outcome === undefined || line.outcome === outcome) &&
    (begin === undefined || line.at >= begin) &&
    (end === undefined || line.at < end) &&
    (part === undefined || text.toLowerCase().includes(part));
}

/** A moment whose text sorts as it does: its year has four digits. */
function known(at: EpochMs): EpochMs {
  return Math.min(Math.max(at, 0), LAST_MS);
}

function iso(at: EpochMs): string {
  return instantOf(known(at)).toString({ smallestUnit: "millisecond" });
}
