/** Every line of a log as text, in blocks that cost nothing while they are out of sight; the browser's own search finds all. */
import type { Child } from "hono/jsx";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

export interface LogBlockPiece {
  readonly text: string;
  readonly isBad: boolean;
  /** Its number, for a line that has an address of its own. */
  readonly line?: number | undefined;
}

/** Lines as they are written, some hundreds. */
export type LogBlock = readonly LogBlockPiece[];

export interface WholeLogProps {
  readonly locale: Locale;
  /** The place of the {@link BlockText}s. */
  readonly blocks: Child;
  /** Address of the last lines. */
  readonly back: string;
  /** Address of the part before, of a log that is too long for one page. */
  readonly earlier?: string | undefined;
  /** The place of the link to the part behind. */
  readonly later: Child;
}

export function WholeLog({ locale, blocks, back, earlier, later }: WholeLogProps) {
  return (
    <div id="log">
      <p class="btns">
        <a href={back}>{text(locale, "log.last_lines")}</a>
        {earlier === undefined ? null : <a href={earlier}>{text(locale, "log.earlier")}</a>}
      </p>
      <div class="sheet">{blocks}</div>
      <p>{later}</p>
    </div>
  );
}

export function BlockText({ block }: { readonly block: LogBlock }) {
  return (
    <pre class="log-block">
      {block.map(({ text: piece, isBad, line }) =>
        line === undefined ? piece : (
          <span id={`L${line}`} class={isBad ? "bad" : undefined}>{piece}</span>
        )
      )}
    </pre>
  );
}
