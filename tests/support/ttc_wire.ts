/**
 * What Oracle's clients and servers write to each other (TNS packets, and TTC within them): numbers after their length,
 * texts in pieces, and the database's own forms of numbers and times.
 */
import { Buffer } from "node:buffer";

/** Types of packets. */
export const PACKET = { connect: 1, accept: 2, refuse: 4, data: 6, marker: 12 } as const;

/** Bytes of a packet's header, and of the flags that stand before its data. */
export const HEADER = 8;
const FLAGS = 2;

/** A text of more bytes goes in pieces, behind this length. */
const SHORT = 252;
const IN_PIECES = 254;
const PIECE = 32_767;

/** @param wide from TNS 315 on the length of a packet has four bytes */
export function packet(type: number, body: Uint8Array, wide: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + body.length);
  const view = new DataView(bytes.buffer);
  if (wide) view.setUint32(0, bytes.length);
  else view.setUint16(0, bytes.length);
  bytes[4] = type;
  bytes.set(body, HEADER);
  return bytes;
}

/** A message as a packet of data. */
export function data(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const flagged = new Uint8Array(FLAGS + body.length);
  flagged.set(body, FLAGS);
  return packet(PACKET.data, flagged, true);
}

export class TtcWriter {
  readonly #parts: Buffer[] = [];

  u8(...values: number[]): this {
    this.#parts.push(Buffer.from(values));
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes));
    return this;
  }

  /** A whole number in as few bytes as it takes, behind their count. */
  number(...values: number[]): this {
    for (const value of values) {
      const hex = value === 0 ? "" : value.toString(16);
      const bytes = Buffer.from(hex.padStart(hex.length + hex.length % 2, "0"), "hex");
      this.u8(bytes.length).raw(bytes);
    }
    return this;
  }

  /** Bytes, or a text, behind its length; nothing is a length of 0. */
  bytes(given: Uint8Array | string | null): this {
    const bytes = given === null ? Buffer.alloc(0) : Buffer.from(given as string);
    if (bytes.length <= SHORT) return this.u8(bytes.length).raw(bytes);
    this.u8(IN_PIECES);
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      this.number(piece.length).raw(piece);
    }
    return this.number(0);
  }

  /** Its length, and where there is any, the bytes. */
  counted(given: string): this {
    this.number(Buffer.byteLength(given));
    return given === "" ? this : this.bytes(given);
  }

  get done(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

export class TtcReader {
  at = 0;

  constructor(readonly buffer: Uint8Array) {}

  get more(): boolean {
    return this.at < this.buffer.length;
  }

  u8(): number {
    return this.raw(1)[0] ?? 0;
  }

  raw(length: number): Uint8Array {
    if (this.at + length > this.buffer.length) throw new Error("the client's message ends too early");
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  number(): number {
    const value = this.raw(this.u8()).reduce((sum, each) => sum * 256 + each, 0);
    return value;
  }

  bytes(): Uint8Array | null {
    const length = this.u8();
    if (length === 0 || length === 255) return null;
    if (length !== IN_PIECES) return this.raw(length);
    const pieces: Uint8Array[] = [];
    for (let size = this.number(); size > 0; size = this.number()) pieces.push(this.raw(size));
    return Buffer.concat(pieces);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes() ?? new Uint8Array());
  }

  counted(): string {
    return this.number() === 0 ? "" : this.text();
  }
}

/**
 * A NUMBER as it is stored: an exponent of 100, then digits of 100, each one more than it is; of a negative one all is turned
 * round, and 102 ends it (Oracle's "Internal Numeric Format").
 */
export function oracleNumber(text: string): Uint8Array {
  const minus = text.startsWith("-");
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const left = whole.replace(/^0+/, "");
  const digits = left.padStart(left.length + left.length % 2, "0") +
    fraction.padEnd(fraction.length + fraction.length % 2, "0");
  const pairs = digits.match(/../g)?.map(Number) ?? [];
  let exponent = Math.ceil(left.length / 2) - 1;
  while (pairs[0] === 0) {
    pairs.shift();
    exponent--;
  }
  while (pairs.at(-1) === 0) pairs.pop();
  if (pairs.length === 0) return Uint8Array.of(0x80);
  const first = exponent + 193;
  return minus
    ? Uint8Array.from([first ^ 0xff, ...pairs.map((each) => 101 - each), ...(pairs.length < 20 ? [102] : [])])
    : Uint8Array.from([first, ...pairs.map((each) => each + 1)]);
}

export function numberText(bytes: Uint8Array): string {
  const [first = 0, ...rest] = bytes;
  if (first === 0x80) return "0";
  const minus = first < 0x80;
  const exponent = (minus ? first ^ 0xff : first) - 193;
  const pairs =
    (minus ? rest.filter((each) => each !== 102).map((each) => 101 - each) : rest.map((each) => each - 1))
      .map((each) => String(each).padStart(2, "0")).join("");
  const point = (exponent + 1) * 2;
  const whole = pairs.padEnd(point, "0").slice(0, Math.max(0, point)).replace(/^0+/, "") || "0";
  const fraction = (point < 0 ? "0".repeat(-point) + pairs : pairs.slice(point)).replace(/0+$/, "");
  return `${minus ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/**
 * A time as it is stored: century and year of it, each 100 more, month, day, and each field of the time one more; then
 * nanoseconds, and for a moment 20 and 60 for an offset of none.
 */
export function oracleTime(time: Temporal.PlainDateTime, kind: "date" | "timestamp" | "moment"): Uint8Array {
  const century = Math.trunc(time.year / 100);
  const fields = [
    century + 100,
    time.year - century * 100 + 100,
    time.month,
    time.day,
    time.hour + 1,
    time.minute + 1,
    time.second + 1,
  ];
  if (kind === "date") return Uint8Array.from(fields);
  const nanoseconds = Buffer.alloc(4);
  nanoseconds.writeUInt32BE(time.millisecond * 1_000_000 + time.microsecond * 1_000 + time.nanosecond);
  return Uint8Array.from([...fields, ...nanoseconds, ...(kind === "moment" ? [20, 60] : [])]);
}

export function timeText(bytes: Uint8Array): string {
  const [century = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = bytes;
  const nanosecond = bytes.length >= 11 ? Buffer.from(bytes).readUInt32BE(7) : 0;
  return new Temporal.PlainDateTime(
    (century - 100) * 100 + year - 100,
    month,
    day,
    hour - 1,
    minute - 1,
    second - 1,
    Math.trunc(nanosecond / 1_000_000),
    Math.trunc(nanosecond / 1_000) % 1_000,
    nanosecond % 1_000,
  ).toString();
}
