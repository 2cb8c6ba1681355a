/** Property-based testing; named here and not in the import map, so that it does not end up in the executable. */
import fc from "npm:fast-check@4.10.2";

export { fc };

/** Half of a pair: no code point of a text. */
const SURROGATES = { from: 0xd800, count: 0x800 };

/**
 * Any code point, for `unit` of a string: the same ones as `"binary"`, which puts all million of them into a map before the
 * first string is made.
 */
export const codePoint: fc.Arbitrary<string> = fc.nat(0x10ffff - SURROGATES.count).map(
  (at) => String.fromCodePoint(at < SURROGATES.from ? at : at + SURROGATES.count),
  (value) => {
    const [text = "", ...more] = Array.from(typeof value === "string" ? value : "");
    const point = text.codePointAt(0);
    if (point === undefined || more.length > 0 || !text.isWellFormed()) throw new Error("no code point");
    return point < SURROGATES.from ? point : point - SURROGATES.count;
  },
);
