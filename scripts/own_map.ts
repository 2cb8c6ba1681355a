/** The part of a source map (ECMA-426) that is about our own files. */
import { decode, encode } from "npm:@jridgewell/sourcemap-codec@1.6.0";

interface SourceMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly mappings: string;
}

/**
 * Leaves out the packages' part, names, texts and all but the first column of a line, which is a quarter of the rest: it
 * is there for stack traces only. Undefined where nothing is ours.
 *
 * @param pathOf the path to show for a source, undefined for one of a package
 */
export function ownMap(text: string, pathOf: (source: string) => string | undefined): string | undefined {
  const { sources, mappings } = JSON.parse(text) as SourceMap;
  const paths = sources.map(pathOf);
  const own = [...new Set(paths.filter((path) => path !== undefined))];
  if (own.length === 0) return undefined;
  const lines = decode(mappings).map((segments) => {
    let before = "";
    return segments.flatMap((segment): typeof segments => {
      const [column, source, line, place] = segment;
      const path = source === undefined ? undefined : paths[source];
      const ours = path !== undefined && line !== undefined && place !== undefined;
      // One segment for a line, and one without a source, which ends what was mapped before it.
      const at = ours ? `${path}:${line}` : "";
      if (at === before) return [];
      before = at;
      return [ours ? [column, own.indexOf(path), line, place] : [column]];
    });
  });
  return JSON.stringify({ version: 3, sources: own, names: [], mappings: encode(lines) });
}
