/**
 * Some lines of a log, compressed: a gzip member (RFC 1952) whose extra field says how long it is and which lines it has. A
 * file is one after another, which `zcat` reads as a whole.
 */
import { constants, crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { LOG_LEVELS } from "../../base/log_level.ts";
import type { NumberedLine } from "../../model/run.ts";

export interface Block {
  /** Where it begins in the file, and how long it is. */
  readonly position: number;
  readonly bytes: number;
  /** Number of its first line, and how many it has. */
  readonly first: number;
  readonly lines: number;
}

/** What is before the compressed data: gzip's header and its extra field `CL` with three numbers. */
export const HEADER_BYTES = 28;
const TRAILER_BYTES = 8;
const MAGIC = [0x1f, 0x8b, 8, 4];
/** No block of ours unfolds to more. */
const MAX_TEXT_BYTES = 64_000_000;

export function encodeBlock(lines: readonly NumberedLine[]): Uint8Array {
  const text = new TextEncoder().encode(lines.map(asText).join(""));
  const packed = deflateRawSync(text, { level: constants.Z_BEST_SPEED });
  const block = new Uint8Array(HEADER_BYTES + packed.length + TRAILER_BYTES);
  const view = new DataView(block.buffer);
  block.set([...MAGIC, 0, 0, 0, 0, 0, 0xff, 16, 0, "C".charCodeAt(0), "L".charCodeAt(0), 12, 0]);
  view.setUint32(16, block.length, true);
  view.setUint32(20, lines[0]?.number ?? 0, true);
  view.setUint32(24, lines.length, true);
  block.set(packed, HEADER_BYTES);
  view.setUint32(block.length - 8, crc32(text), true);
  view.setUint32(block.length - 4, text.length, true);
  return block;
}

/** The block that begins with these bytes; undefined where none does. */
export function readHeader(header: Uint8Array, position: number): Block | undefined {
  if (header.length < HEADER_BYTES || MAGIC.some((byte, i) => header[i] !== byte)) return undefined;
  const view = new DataView(header.buffer, header.byteOffset);
  const bytes = view.getUint32(16, true);
  if (bytes <= HEADER_BYTES + TRAILER_BYTES || bytes > MAX_TEXT_BYTES) return undefined;
  return { position, bytes, first: view.getUint32(20, true), lines: view.getUint32(24, true) };
}

/** Its lines; none where it is damaged. */
export function decodeBlock(block: Block, bytes: Uint8Array): readonly NumberedLine[] {
  try {
    const packed = bytes.subarray(HEADER_BYTES, bytes.length - TRAILER_BYTES);
    const text = new TextDecoder().decode(inflateRawSync(packed, { maxOutputLength: MAX_TEXT_BYTES }));
    return fromText(text, block.first);
  } catch {
    // What is damaged cannot be shown; the blocks after it can.
    return [];
  }
}

/** `2026-03-10T10:00:00.000Z info text`; a text of several lines goes on after a tab. */
export function asText({ at, level, text }: Omit<NumberedLine, "number">): string {
  return `${new Date(at).toISOString()} ${level} ${text.replaceAll("\n", "\n\t")}\n`;
}

function fromText(text: string, first: number): readonly NumberedLine[] {
  return text.replace(/\n$/, "").split(/\n(?!\t)/).flatMap((entry, i) => {
    const [moment = "", name = ""] = entry.split(" ", 2);
    const level = LOG_LEVELS.find((each) => each === name);
    if (!level) return [];
    const said = entry.slice(moment.length + name.length + 2).replaceAll("\n\t", "\n");
    return [{ number: first + i, at: Date.parse(moment), level, text: said }];
  });
}
