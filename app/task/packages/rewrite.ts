/** Puts other addresses into the imports of a module. Every line keeps its number. */
import { type Import, parse } from "es-module-lexer";

/** An import whose specifier is a text that is known. */
export interface KnownImport {
  readonly specifier: string;
  readonly dynamic: boolean;
  /** As the module says, by `with { type: "json" }`. */
  readonly asJson: boolean;
  /** Where its specifier begins; characters from the start of the code. */
  readonly start: number;
}

/** True where a text uses `import` or `export` statements, or `import.meta`. */
export function hasModuleSyntax(code: string, name: string): boolean {
  try {
    const [imports, exports] = parse(code, name);
    return exports.length > 0 || imports.some(({ type }) => type !== "dynamic");
  } catch {
    // Not a module of either kind; the one who loads it gets the syntax error.
    return false;
  }
}

/**
 * The code with other specifiers.
 *
 * @param addressOf the specifier to write; undefined leaves the one that is there
 * @param meta what stands for `import.meta`; left as it is where undefined
 * @throws Error with a place, for code that is no module
 */
export function rewriteImports(
  code: string,
  name: string,
  addressOf: (each: KnownImport) => string | undefined,
  meta?: string,
): string {
  const [imports] = parse(code, name);
  let rewritten = "";
  let end = 0;
  for (const each of imports) {
    const piece = replacement(code, each, addressOf, meta);
    if (!piece || piece.start < end) continue;
    rewritten += code.slice(end, piece.start) + piece.text;
    end = piece.end;
  }
  return rewritten + code.slice(end);
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function replacement(
  code: string,
  each: Import,
  addressOf: (each: KnownImport) => string | undefined,
  meta: string | undefined,
): Piece | undefined {
  const { start, end } = each;
  if (each.type === "import-meta") return meta === undefined ? undefined : { start, end, text: meta };
  const { specifier, type } = each;
  const dynamic = type === "dynamic";
  if (specifier === undefined || (each.type === "dynamic" && each.glob)) return undefined;
  const asJson = each.type === "dynamic"
    ? specifier.endsWith(".json")
    : each.attributes?.some(([key, value]) => key === "type" && value === "json") ?? false;
  const address = addressOf({ specifier, dynamic, asJson, start });
  if (address === undefined) return undefined;
  // The place of a dynamic import's specifier has the quotes in it.
  const quoted = /^["'`]/.test(code.slice(start, end));
  return { start, end, text: quoted ? JSON.stringify(address) : JSON.stringify(address).slice(1, -1) };
}

/** Line and column of a character, from 1. */
export function placeOf(code: string, at: number): { readonly line: number; readonly column: number } {
  const lines = code.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
