/** The text of a Python file, in the encoding that it says it is in (PEP 263). */
import { strictText } from "../strict_text.ts";

const CODING = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;

/** What Python calls some encodings, and the Encoding Standard otherwise. */
const LABELS: Readonly<Record<string, string>> = {
  "cp932": "shift_jis",
  "cp936": "gbk",
  "cp949": "euc-kr",
  "cp950": "big5",
  "ms936": "gbk",
  "euc-cn": "gbk",
  "latin-1": "latin1",
  "utf8": "utf-8",
  "utf-8-sig": "utf-8",
};

/**
 * Bytes as text: by the comment on one of the first two lines, UTF-8 without one or where the name is not known.
 *
 * @throws WrongEncoding where they are in another one
 */
export function sourceText(bytes: Uint8Array): string {
  return strictText(bytes, encodingOf(bytes));
}

/** The same for a text in which something is only looked for: what is in another encoding matches nothing. */
export function searchedText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** A label of the Encoding Standard. */
function encodingOf(bytes: Uint8Array): string {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 400)).split(/\r?\n/, 2);
  const name = head.map((line) => CODING.exec(line)?.[1]).find((found) => found !== undefined) ?? "utf-8";
  const label = name.toLowerCase().replaceAll("_", "-");
  const known = LABELS[label] ?? label;
  return isEncoding(known) ? known : "utf-8";
}

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}
