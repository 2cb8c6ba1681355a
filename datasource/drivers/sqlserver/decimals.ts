/** Decimals and money of SQL Server with all their digits: the driver reads them as floating point numbers. */

/** A place in the driver's reading of an answer: the value that ends there. */
interface ReadValue {
  value: unknown;
  offset: number;
}

/** What `tedious` reads every value with. */
interface ValueParser {
  readValue(
    buffer: Uint8Array,
    offset: number,
    column: { readonly type: { readonly name: string }; readonly scale?: number },
    options: unknown,
  ): ReadValue;
}

let done: Promise<void> | undefined;

/**
 * From now on the driver gives decimals as texts. Its parser is looked up by name for every value, so that it can be
 * stood in front of; tests tell when that is no longer so.
 */
export function readsDecimalsExactly(): Promise<void> {
  return done ??= (async () => {
    const parser = (await import("tedious/lib/value-parser.js")).default as ValueParser;
    const { readValue } = parser;
    parser.readValue = (buffer, offset, column, options) => {
      const read = readValue(buffer, offset, column, options);
      if (typeof read.value !== "number") return read;
      const { name } = column.type;
      // It has been read in full: the bytes are there.
      if (name === "DecimalN" || name === "NumericN") {
        read.value = decimalAt(buffer, offset, column.scale ?? 0);
      } else if (/^(Small)?Money/.test(name)) read.value = moneyAt(buffer, offset, read.offset, name);
      return read;
    };
  })();
}

/** A length, a sign (1 is plus), and the digits as one whole number, lowest byte first (MS-TDS, 2.2.5.5.1.6). */
function decimalAt(buffer: Uint8Array, offset: number, scale: number): string {
  const length = buffer[offset] ?? 0;
  let digits = 0n;
  for (let at = offset + length; at > offset + 1; at--) digits = (digits << 8n) | BigInt(buffer[at] ?? 0);
  return withPoint(buffer[offset + 1] === 1 ? digits : -digits, scale);
}

/** Ten-thousandths: four bytes, or eight with the upper half first (MS-TDS, 2.2.5.5.1.4). */
function moneyAt(buffer: Uint8Array, offset: number, end: number, name: string): string {
  const start = name === "MoneyN" ? offset + 1 : offset;
  const view = new DataView(buffer.buffer, buffer.byteOffset + start, end - start);
  const value = view.byteLength === 4
    ? BigInt(view.getInt32(0, true))
    : (BigInt(view.getInt32(0, true)) << 32n) | BigInt(view.getUint32(4, true));
  return withPoint(value, 4);
}

function withPoint(value: bigint, scale: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
