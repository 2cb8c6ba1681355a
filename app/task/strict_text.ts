/** Files of others as text: none of their bytes is replaced by a sign that was never in them. */

/** Bytes that are no text in the encoding that they are taken for. */
export class WrongEncoding extends Error {
  override readonly name = "WrongEncoding";

  /** @param line of the first that is none, 1-based */
  constructor(readonly encoding: string, readonly line: number) {
    super(`line ${line}: it is not in ${encoding.toUpperCase()}`);
  }
}

/** @param encoding a label of the Encoding Standard; @throws WrongEncoding */
export function strictText(bytes: Uint8Array, encoding = "utf-8"): string {
  const text = decoded(bytes, encoding);
  if (text === undefined) throw new WrongEncoding(encoding, wrongLine(bytes, encoding));
  return text;
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}

/** No encoding of a file of lines has a line's end within a character. */
function wrongLine(bytes: Uint8Array, encoding: string): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    if (decoded(bytes.subarray(start, next), encoding) === undefined) return line;
    start = next;
  }
  return line;
}
