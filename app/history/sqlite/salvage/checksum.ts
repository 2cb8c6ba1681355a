/** The running checksum of a WAL (sqlite.org/fileformat2.html#walformat, "Checksum Algorithm"). */

export type Sum = readonly [number, number];

export const NO_SUM: Sum = [0, 0];
/** What a WAL begins with; the last bit tells the order of bytes in its sums. */
const MAGIC = 0x377f0682;
/** The header's own sum stands behind so many of its bytes. */
const SUMMED_HEADER_BYTES = 24;

/** Numbers are summed as they are in the memory of whoever wrote them, which the first number of the header tells. */
export function isLittleEndian(header: Uint8Array): boolean {
  return viewOf(header).getUint32(0) % 2 === 0;
}

/** The sum that the frames go on from; undefined where the header is damaged. */
export function headerSum(header: Uint8Array): Sum | undefined {
  // The sum of nothing but zeros is right.
  if ((viewOf(header).getUint32(0) & ~1) !== MAGIC) return undefined;
  const sum = addTo(NO_SUM, header.subarray(0, SUMMED_HEADER_BYTES), isLittleEndian(header));
  return matches(sum, header, SUMMED_HEADER_BYTES) ? sum : undefined;
}

export function addTo([first, second]: Sum, bytes: Uint8Array, littleEndian: boolean): Sum {
  const view = viewOf(bytes);
  let a = first;
  let b = second;
  for (let i = 0; i < bytes.length; i += 8) {
    a = (a + view.getUint32(i, littleEndian) + b) | 0;
    b = (b + view.getUint32(i + 4, littleEndian) + a) | 0;
  }
  return [a, b];
}

/** Checksums are stored with their high byte first, whoever wrote them. */
export function matches([a, b]: Sum, bytes: Uint8Array, at: number): boolean {
  const view = viewOf(bytes);
  return view.getInt32(at) === a && view.getInt32(at + 4) === b;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
