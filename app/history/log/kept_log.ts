/** What is kept of a run's log: its beginning, its end, and warnings and errors from between. */
import { ownText } from "../../base/own_text.ts";
import type { LogLine, NumberedLine } from "../../model/run.ts";

/** Lines from the beginning, and from the end. */
export const HEAD_LINES = 200;
export const TAIL_LINES = 5_000;
/** Warnings and errors from between. */
export const EXTRA_LINES = 5_000;
/** Characters kept of one line. */
export const MAX_LINE_LENGTH = 4_000;
/** Characters that the end takes, and the lines from between, at the most. */
export const TAIL_CHARACTERS = 1_000_000;
export const EXTRA_CHARACTERS = 500_000;
/** What is left of a log that was shortened, at its beginning and at its end: lines, and characters. */
export const SHORT_LINES = 20;
export const SHORT_CHARACTERS = 4_000;
/** A line takes this much beside its text, in characters. */
const LINE_WEIGHT = 100;
/** Stands where a line was that had to go, until the place is needed: its text is not kept so long. */
const GONE: NumberedLine = { number: -1, at: 0, level: "debug", text: "" };

/**
 * The line as it is kept: what it was read from is not kept with it. It ends in three dots where it was cut, because one
 * sign for them would make each character of most texts take two bytes.
 */
export function cutLine(line: LogLine): LogLine {
  const left = line.text.length - MAX_LINE_LENGTH;
  const text = left <= 0 ? line.text : `${line.text.slice(0, MAX_LINE_LENGTH)}... (${left} more characters)`;
  return { ...line, text: ownText(text) };
}

/** True for a line that is kept though it stands neither at the beginning nor at the end. */
export function isExtra({ level }: LogLine): boolean {
  return level === "warn" || level === "error";
}

/** The log of one run, as it comes in. */
export class KeptLog {
  #head: NumberedLine[] = [];
  #extras: NumberedLine[] = [];
  /** The oldest of them is at `#tailFrom`. */
  #tail: NumberedLine[] = [];
  #tailFrom = 0;
  #tailCharacters = 0;
  #extraCharacters = 0;
  #count = 0;
  #dropped = 0;
  #weight = 0;
  #isShortened = false;

  /** What it takes in memory, in characters, roughly. */
  get weight(): number {
    return this.#weight;
  }

  /** True once its end was cut to a few lines: another place may have more of it. */
  get isShortened(): boolean {
    return this.#isShortened;
  }

  /** How many lines there have been. */
  get count(): number {
    return this.#count;
  }

  /** True once lines of the end had to go. */
  get isOutgrown(): boolean {
    return this.#dropped > 0;
  }

  /** True where the next line makes one go. */
  get isFull(): boolean {
    return this.#tail.length - this.#tailFrom >= TAIL_LINES || this.#tailCharacters >= TAIL_CHARACTERS;
  }

  add(given: LogLine): NumberedLine {
    const line = { number: this.#count++, ...cutLine(given) };
    this.#weight += weightOf(line);
    if (this.#head.length < HEAD_LINES && this.#tail.length === 0) {
      this.#head.push(line);
      return line;
    }
    while (this.isFull) this.#dropOldest();
    this.#tail.push(line);
    this.#tailCharacters += line.text.length;
    return line;
  }

  /** Keeps a few lines of its beginning and of its end. */
  shorten(): void {
    const lines = this.lines();
    const head = fewOf(lines);
    this.#keep(head, fewOf(lines.slice(head.length).toReversed()).toReversed());
  }

  /** Keeps no line, and only how many there were. */
  empty(): void {
    this.#keep([], []);
  }

  #keep(head: NumberedLine[], tail: NumberedLine[]): void {
    this.#isShortened = head.length + tail.length < this.#count;
    this.#head = head;
    this.#extras = [];
    this.#tail = tail;
    this.#tailFrom = 0;
    this.#tailCharacters = tail.reduce((sum, { text }) => sum + text.length, 0);
    this.#dropped = this.#count - head.length - tail.length;
    this.#weight = [...head, ...tail].reduce((sum, line) => sum + weightOf(line), 0);
  }

  /** The lines that are kept, in their order. */
  lines(): readonly NumberedLine[] {
    return [...this.#head, ...this.#extras, ...this.#tail.slice(this.#tailFrom)];
  }

  #dropOldest(): void {
    const oldest = this.#tail[this.#tailFrom];
    if (!oldest) return;
    this.#tail[this.#tailFrom++] = GONE;
    this.#dropped++;
    this.#tailCharacters -= oldest.text.length;
    if (isExtra(oldest) && this.#extras.length < EXTRA_LINES && this.#extraCharacters < EXTRA_CHARACTERS) {
      this.#extras.push(oldest);
      this.#extraCharacters += oldest.text.length;
    } else this.#weight -= weightOf(oldest);
    if (this.#tailFrom < TAIL_LINES) return;
    this.#tail = this.#tail.slice(this.#tailFrom);
    this.#tailFrom = 0;
  }
}

function fewOf(lines: readonly NumberedLine[]): NumberedLine[] {
  let left = SHORT_CHARACTERS;
  return lines.slice(0, SHORT_LINES).filter(({ text }, i) => (left -= text.length) > 0 || i === 0);
}

function weightOf({ text }: LogLine): number {
  return text.length + LINE_WEIGHT;
}
