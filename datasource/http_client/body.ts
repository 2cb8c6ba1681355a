/** Bodies of requests and answers: sent as what they are, read without losing a digit. */
import { jsonOf } from "../values.ts";

export interface SentBody {
  readonly body: BodyInit | undefined;
  /** Undefined where the kind of body says its own, as a form does. */
  readonly contentType: string | undefined;
  /** False where it can be sent once only. */
  readonly repeatable: boolean;
}

/** What a body is sent as: forms, bytes, texts of their own kind and streams as such, everything else as JSON. */
export function sentBody(given: unknown): SentBody {
  if (given === undefined) return { body: undefined, contentType: undefined, repeatable: true };
  if (given instanceof URLSearchParams || given instanceof FormData || given instanceof Blob) {
    return { body: given, contentType: undefined, repeatable: true };
  }
  if (given instanceof ReadableStream) {
    return { body: given, contentType: "application/octet-stream", repeatable: false };
  }
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) {
    return { body: given as BufferSource, contentType: "application/octet-stream", repeatable: true };
  }
  return { body: jsonOf(given), contentType: "application/json", repeatable: true };
}

/** How numbers of an answer are read. */
export type NumberReading =
  /** As numbers; whole ones beyond 2^53 as bigint. */
  | "exact"
  /** All as the texts that they are. */
  | "text";

type Source = { readonly source: string };

/** JSON whose whole numbers are not rounded. */
export function parseJson(text: string, numbers: NumberReading): unknown {
  const read = (_key: string, value: unknown, { source }: Source) => {
    if (typeof value !== "number") return value;
    if (numbers === "text") return source;
    return Number.isSafeInteger(value) || !/^-?\d+$/.test(source) ? value : BigInt(source);
  };
  // The third value of a reviver is newer than the language's types.
  return JSON.parse(text, read as (key: string, value: unknown) => unknown);
}

/** A text in the character set that its answer names; UTF-8 otherwise, as JSON is. */
export function decoded(bytes: Uint8Array, contentType: string | null): string {
  const charset = /charset\s*=\s*"?([\w:-]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch (error) {
    // A character set that nobody knows.
    if (error instanceof RangeError) return new TextDecoder().decode(bytes);
    throw error;
  }
}
