/** What SQL Server says on the wire (MS-TDS 7.4): packets, tokens, and values of the common types. */

export const PACKET = {
  batch: 1,
  rpc: 3,
  answer: 4,
  attention: 6,
  bulk: 7,
  transaction: 14,
  login: 16,
  prelogin: 18,
};

/** Bytes of a packet's header, and most of a packet. */
const HEADER = 8;
const PACKET_SIZE = 4_096;

export class Writer {
  readonly #bytes: number[] = [];

  u8(...values: number[]): this {
    this.#bytes.push(...values.map((each) => each & 255));
    return this;
  }

  /** Lowest byte first. */
  uint(value: number | bigint, length: number): this {
    let rest = BigInt(value);
    for (let i = 0; i < length; i++, rest >>= 8n) this.#bytes.push(Number(rest & 255n));
    return this;
  }

  raw(bytes: Uint8Array): this {
    for (const each of bytes) this.#bytes.push(each);
    return this;
  }

  /** Text after its length in characters. */
  text(text: string, lengthBytes: 1 | 2): this {
    return this.uint(text.length, lengthBytes).raw(utf16(text));
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

export class Reader {
  at = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get more(): boolean {
    return this.at < this.bytes.length;
  }

  uint(length: number): number {
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#view.getUint8(this.at + i));
    this.at += length;
    return Number(value);
  }

  int(length: number): bigint {
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#view.getUint8(this.at + i));
    this.at += length;
    return BigInt.asIntN(length * 8, value);
  }

  double(): number {
    this.at += 8;
    return this.#view.getFloat64(this.at - 8, true);
  }

  raw(length: number): Uint8Array {
    this.at += length;
    return this.bytes.slice(this.at - length, this.at);
  }

  text(characters: number): string {
    return new TextDecoder("utf-16le").decode(this.raw(characters * 2));
  }
}

export function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true);
  return bytes;
}

/** A message as packets. */
export function packets(type: number, body: Uint8Array): Uint8Array {
  const room = PACKET_SIZE - HEADER;
  const count = Math.max(1, Math.ceil(body.length / room));
  const all = new Uint8Array(body.length + count * HEADER);
  for (let i = 0, at = 0; i < count; i++) {
    const part = body.subarray(i * room, (i + 1) * room);
    const length = part.length + HEADER;
    all.set([type, i === count - 1 ? 1 : 0, length >> 8, length & 255, 0, 0, (i + 1) & 255, 0], at);
    all.set(part, at + HEADER);
    at += length;
  }
  return all;
}

export interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

/** The messages of a connection, each put together from its packets. */
export async function* messages(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Message> {
  let waiting = new Uint8Array();
  let body = new Uint8Array();
  for await (const some of bytes) {
    waiting = joined(waiting, some);
    while (waiting.length >= HEADER) {
      const [type = 0, status = 0, high = 0, low = 0] = waiting;
      const length = high * 256 + low;
      if (waiting.length < length) break;
      body = joined(body, waiting.subarray(HEADER, length));
      waiting = waiting.slice(length);
      if ((status & 1) === 0) continue;
      yield { type, body };
      body = new Uint8Array();
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** A column's type: how it is announced, and how a value is written; null is written by its length. */
export interface WireType {
  readonly info: Uint8Array;
  readonly write: (value: unknown) => Uint8Array;
}

/** Latin1_General, as servers have it when nothing else was asked for. */
const COLLATION = [0x09, 0x04, 0xd0, 0x00, 0x34];
const MAX_LENGTH = 0xffff;

const short = (code: number, info: readonly number[], write: (value: unknown) => Uint8Array): WireType => ({
  info: Uint8Array.from([code, ...info]),
  write: (value) => {
    if (value === null) return Uint8Array.of(0);
    const bytes = write(value);
    return new Writer().u8(bytes.length).raw(bytes).bytes;
  },
});

const little = (value: number | bigint, length: number) => new Writer().uint(value, length).bytes;
const double = (value: unknown) => new Uint8Array(new Float64Array([Number(value)]).buffer);

/** Long values in chunks, here in one (2.2.5.2.3). */
const chunked = (bytes: Uint8Array | null) =>
  bytes === null ? little(-1n, 8) : new Writer().uint(bytes.length, 8).uint(bytes.length, 4).raw(
    bytes.length > 0 ? bytes : new Uint8Array(),
  )
    .uint(0, bytes.length > 0 ? 4 : 0).bytes;

const FIRST_DAY = Temporal.PlainDate.from("0001-01-01");
const days = (date: Temporal.PlainDate) => little(FIRST_DAY.until(date).days, 3);
/** In tenths of a microsecond, the finest there is. */
const ticks = (time: Temporal.PlainTime) =>
  little(Temporal.PlainTime.from("00:00").until(time).total("nanoseconds") / 100, 5);

export const WIRE = {
  int: short(0x26, [4], (value) => little(Number(value), 4)),
  bigint: short(0x26, [8], (value) => little(BigInt(value as bigint), 8)),
  bit: short(0x68, [1], (value) => Uint8Array.of(Number(value))),
  float: short(0x6d, [8], double),
  date: short(0x28, [], (value) => days(Temporal.PlainDate.from(String(value)))),
  datetime2: short(0x2a, [7], (value) => {
    const moment = Temporal.PlainDateTime.from(String(value));
    return new Writer().raw(ticks(moment.toPlainTime())).raw(days(moment.toPlainDate())).bytes;
  }),
  datetimeoffset: short(0x2b, [7], (value) => {
    const moment = Temporal.Instant.from(String(value).replace(/ (?=[+-])/, ""));
    const utc = moment.toZonedDateTimeISO("UTC").toPlainDateTime();
    return new Writer().raw(ticks(utc.toPlainTime())).raw(days(utc.toPlainDate())).uint(120, 2).bytes;
  }),
  datetime: short(0x6f, [8], (value) => {
    const moment = Temporal.PlainDateTime.from(String(value));
    const since = Temporal.PlainDateTime.from("1900-01-01").until(moment, { largestUnit: "days" });
    const time = Temporal.Duration.from({ ...durationWithoutDays(since) }).total("seconds");
    return new Writer().uint(since.days, 4).uint(Math.round(time * 300), 4).bytes;
  }),
  money: short(0x6e, [8], (value) => {
    const whole = BigInt(String(value).replace(".", ""));
    return new Writer().uint(whole >> 32n, 4).uint(whole & 0xffffffffn, 4).bytes;
  }),
  guid: short(0x24, [16], (value) => {
    const bytes = Uint8Array.fromHex(String(value).replaceAll("-", ""));
    return Uint8Array.from(
      [3, 2, 1, 0, 5, 4, 7, 6, ...bytes.slice(8)].map((each, i) => i < 8 ? bytes[each] ?? 0 : each),
    );
  }),
  nvarchar: {
    info: Uint8Array.from([0xe7, MAX_LENGTH & 255, MAX_LENGTH >> 8, ...COLLATION]),
    write: (value: unknown) => chunked(value === null ? null : utf16(String(value))),
  },
  varbinary: {
    info: Uint8Array.from([0xa5, MAX_LENGTH & 255, MAX_LENGTH >> 8]),
    write: (value: unknown) => chunked(value as Uint8Array | null),
  },
} satisfies Record<string, WireType>;

function durationWithoutDays({ hours, minutes, seconds, milliseconds }: Temporal.Duration) {
  return { hours, minutes, seconds, milliseconds };
}

export function decimalType(precision: number, scale: number): WireType {
  return short(0x6a, [17, precision, scale], (value) => {
    const [whole = "", fraction = ""] = String(value).replace("-", "").split(".");
    return new Writer().u8(String(value).startsWith("-") ? 0 : 1).uint(
      BigInt(whole + fraction.padEnd(scale, "0")),
      16,
    ).bytes;
  });
}

/** A value as a client sends it, after its type (2.2.5.4, 2.2.5.5). */
export function readTyped(reader: Reader): unknown {
  return readerFor(reader)(reader);
}

/** Reads a type, and answers with what reads the values of it. */
export function readerFor(reader: Reader): (reader: Reader) => unknown {
  const code = reader.uint(1);
  switch (code) {
    case 0x26:
      reader.uint(1);
      return (from) => sized(from, (length) => from.int(length));
    case 0x68:
      reader.uint(1);
      return (from) => sized(from, () => BigInt(from.uint(1)));
    case 0x6d:
      reader.uint(1);
      return (from) => sized(from, () => from.double());
    case 0x2a:
    case 0x2b:
      reader.uint(1);
      return (from) => sized(from, () => momentFrom(from, code === 0x2b));
    case 0xe7:
    case 0xa5: {
      const most = reader.uint(2);
      if (code === 0xe7) reader.raw(5);
      return (from) => {
        const bytes = most === MAX_LENGTH ? chunks(from) : counted(from);
        return bytes && code === 0xe7 ? new TextDecoder("utf-16le").decode(bytes) : bytes;
      };
    }
    default:
      throw new Error(`the test server does not read values of type 0x${code.toString(16)}`);
  }
}

/** A time of the finest scale, a day, and where there is one the offset in minutes. */
function momentFrom(reader: Reader, hasOffset: boolean): string {
  const nanoseconds = BigInt(reader.uint(5)) * 100n;
  const day = FIRST_DAY.add({ days: reader.uint(3) });
  const utc = day.toZonedDateTime("UTC").add({
    nanoseconds: Number(nanoseconds % 1_000n),
    microseconds: Number(nanoseconds / 1_000n),
  });
  if (!hasOffset) return utc.toPlainDateTime().toString();
  const minutes = Number(reader.int(2));
  const sign = minutes < 0 ? "-" : "+";
  const offset = `${sign}${String(Math.trunc(Math.abs(minutes) / 60)).padStart(2, "0")}:${
    String(Math.abs(minutes) % 60).padStart(2, "0")
  }`;
  return utc.withTimeZone(offset).toPlainDateTime().toString() + offset;
}

function sized(reader: Reader, read: (length: number) => unknown): unknown {
  const length = reader.uint(1);
  return length === 0 ? null : read(length);
}

function counted(reader: Reader): Uint8Array | null {
  const length = reader.uint(2);
  return length === MAX_LENGTH ? null : reader.raw(length);
}

function chunks(reader: Reader): Uint8Array | null {
  if (reader.int(8) === -1n) return null;
  let all = new Uint8Array();
  for (let length = reader.uint(4); length > 0; length = reader.uint(4)) {
    all = joined(all, reader.raw(length));
  }
  return all;
}

const DONE = { plain: 0xfd, procedure: 0xfe, inProcedure: 0xff };

/** Tokens of an answer (2.2.7). */
export const token = {
  done: (kind: keyof typeof DONE, { status = 0, rows }: { status?: number; rows?: number } = {}) =>
    new Writer().u8(DONE[kind]).uint(status | (rows === undefined ? 0 : 0x10), 2).uint(0, 2).uint(
      rows ?? 0,
      8,
    ).bytes,
  returnStatus: () => new Writer().u8(0x79).uint(0, 4).bytes,
  columns: (columns: readonly { readonly name: string; readonly type: WireType }[]) =>
    columns.reduce(
      (writer, { name, type }) => writer.uint(0, 4).uint(0x09, 2).raw(type.info).text(name, 1),
      new Writer().u8(0x81).uint(columns.length, 2),
    ).bytes,
  error: (number: number, message: string, line = 1) => {
    const inside = new Writer().uint(number, 4).u8(1, 16).text(message, 2).text("test", 1).text("", 1).uint(
      line,
      4,
    );
    return new Writer().u8(0xaa).uint(inside.bytes.length, 2).raw(inside.bytes).bytes;
  },
  loginAck: () => {
    const inside = new Writer().u8(1, 0x74, 0, 0, 4).text("Microsoft SQL Server", 1).u8(16, 0, 0x10, 0x27);
    return new Writer().u8(0xad).uint(inside.bytes.length, 2).raw(inside.bytes).bytes;
  },
  /** The beginning and the ends of a transaction: 8, 9 and 10. */
  transaction: (kind: number, descriptor: bigint) => {
    const value = new Writer().u8(8).uint(descriptor, 8).bytes;
    const inside = new Writer().u8(kind).raw(kind === 8 ? value : Uint8Array.of(0)).raw(
      kind === 8 ? Uint8Array.of(0) : value,
    );
    return new Writer().u8(0xe3).uint(inside.bytes.length, 2).raw(inside.bytes).bytes;
  },
};
