/** The records of one page, whichever table they belong to (sqlite.org/fileformat2.html#b_tree_pages, #record_format). */
import { PAGE_BYTES, type Pages } from "./pages.ts";

/** A value as it was stored; bytes and floating-point numbers are none of ours. */
export type Stored = string | number | null;

const INDEX_INTERIOR = 0x02;
const INDEX_LEAF = 0x0a;
const TABLE_LEAF = 0x0d;

/** Payload of a cell that its page keeps at the most, and at the least, before the rest overflows. */
const MAX_LOCAL = { table: PAGE_BYTES - 35, index: Math.floor((PAGE_BYTES - 12) * 64 / 255) - 23 };
const MIN_LOCAL = Math.floor((PAGE_BYTES - 12) * 32 / 255) - 23;
/** No record of ours is longer: parameters have 64 KB, a page of the index has no overflow. */
const MAX_PAYLOAD = 4_000_000;
/** No table of ours has more columns. */
const MAX_COLUMNS = 40;

const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** All records of a page that can be read; what is damaged is left out. */
export function* recordsOf(pages: Pages, position: number): Iterable<Stored[]> {
  const { bytes, start } = pages.at(position);
  if (bytes.length < PAGE_BYTES) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = bytes[start];
  if (type !== INDEX_INTERIOR && type !== INDEX_LEAF && type !== TABLE_LEAF) return;
  const pointers = start + (type === INDEX_INTERIOR ? 12 : 8);
  const count = Math.min(view.getUint16(start + 3), (PAGE_BYTES - pointers) >> 1);
  for (let i = 0; i < count; i++) {
    const record = readCell(pages, view, view.getUint16(pointers + 2 * i), type);
    if (record) yield record;
  }
}

function readCell(pages: Pages, page: DataView, at: number, type: number): Stored[] | undefined {
  try {
    let from = at + (type === INDEX_INTERIOR ? 4 : 0);
    const length = varint(page, from);
    from = length.next;
    if (type === TABLE_LEAF) from = varint(page, from).next;
    if (length.value > MAX_PAYLOAD) return undefined;
    return readRecord(payload(pages, page, from, length.value, type === TABLE_LEAF ? "table" : "index"));
  } catch (error) {
    // A number leads out of the page, or a text is no UTF-8: this cell is damaged, the next may be good.
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function payload(
  pages: Pages,
  page: DataView,
  from: number,
  length: number,
  kind: "table" | "index",
): DataView {
  const most = MAX_LOCAL[kind];
  const kept = MIN_LOCAL + (length - MIN_LOCAL) % (PAGE_BYTES - 4);
  const local = length <= most ? length : kept <= most ? kept : MIN_LOCAL;
  const whole = new Uint8Array(length);
  whole.set(new Uint8Array(page.buffer, page.byteOffset + from, local));
  let next = local < length ? page.getUint32(from + local) : 0;
  for (let filled = local; filled < length;) {
    const bytes = pages.overflow(next);
    const part = bytes.subarray(4, 4 + length - filled);
    if (part.length === 0) throw new RangeError("the chain of overflow pages is cut off");
    whole.set(part, filled);
    filled += part.length;
    next = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  }
  return new DataView(whole.buffer);
}

function readRecord(record: DataView): Stored[] | undefined {
  const header = varint(record, 0);
  const values: Stored[] = [];
  let at = header.value;
  for (let from = header.next; from < header.value;) {
    const type = varint(record, from);
    from = type.next;
    const length = lengthOf(type.value);
    values.push(readValue(record, at, type.value, length));
    at += length;
    if (values.length > MAX_COLUMNS) return undefined;
  }
  return at === record.byteLength ? values : undefined;
}

/** Bytes that a value of this serial type takes. */
function lengthOf(type: number): number {
  if (type >= 12) return (type - 12 - type % 2) / 2;
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type] ?? NaN;
}

function readValue(record: DataView, at: number, type: number, length: number): Stored {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type >= 13 && type % 2 === 1) return TEXT.decode(new Uint8Array(record.buffer, at, length));
  if (type <= 4) {
    let value = record.getInt8(at);
    for (let i = 1; i < length; i++) value = value * 256 + record.getUint8(at + i);
    return value;
  }
  if (type === 5) return record.getInt16(at) * 2 ** 32 + record.getUint32(at + 2);
  if (type === 6) return Number(record.getBigInt64(at));
  if (type === 7) return record.getFloat64(at);
  throw new RangeError("bytes are in no row of ours");
}

/** One to nine bytes, seven bits in each but the ninth. */
function varint(view: DataView, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = view.getUint8(from + i);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: from + i + 1 };
  }
  return { value: value * 256 + view.getUint8(from + 8), next: from + 9 };
}
