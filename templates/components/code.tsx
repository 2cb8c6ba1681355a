/** Lines of source code, the one that matters marked. */

/** A line as pieces of text, some of them of a kind that has a colour. */
export type SourceLine = readonly { readonly text: string; readonly kind?: string | undefined }[];

export interface CodeLine {
  readonly number: number;
  readonly pieces: SourceLine;
}

export function Code({ lines, hot }: { lines: readonly CodeLine[]; hot?: number | undefined }) {
  return (
    <div class="code">
      {lines.map(({ number, pieces }) => (
        <span class={number === hot ? "hot" : undefined}>
          <i>{number}</i>
          <span>
            <Pieces line={pieces} />
          </span>
        </span>
      ))}
    </div>
  );
}

export function Pieces({ line }: { line: SourceLine }) {
  return (
    <>
      {line.map(({ text: piece, kind }) =>
        kind === undefined ? piece : <span class={`code-${kind}`}>{piece}</span>
      )}
    </>
  );
}
