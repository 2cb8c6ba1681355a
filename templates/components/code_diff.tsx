/** What has changed in a file of code: the lines that came and went, with some around them. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

export interface CodeDiffView {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
  /** Undefined where the text is not to be had. */
  readonly hunks?: readonly (readonly CodeDiffLine[])[] | undefined;
  /** Lines that are left out, where they are too many. */
  readonly left: number;
}

export interface CodeDiffLine {
  readonly kind: "same" | "gone" | "new";
  readonly number: number;
  readonly text: string;
}

const SIGNS = { same: " ", gone: "\u2212", new: "+" } as const;
const LOOKS = { same: undefined, gone: "minus", new: "plus" } as const;

/** @param open whether its lines are seen at once */
export function CodeDiff({ file, open, locale }: { file: CodeDiffView; open: boolean; locale: Locale }) {
  const { path, added, removed, hunks, left } = file;
  if (hunks === undefined) {
    return (
      <p>
        <span class="mono">{path}</span> <span class="quiet">{text(locale, "changes.code_hidden")}</span>
      </p>
    );
  }
  return (
    <details class="code-diff" open={open}>
      <summary>
        <span class="mono">{path}</span>{" "}
        <span class="quiet">{text(locale, "changes.lines", { added, removed })}</span>
      </summary>
      {hunks.map((lines) => (
        <div class="code">
          {lines.map(({ kind, number, text: line }) => (
            <span class={LOOKS[kind]}>
              <i>{number}</i>
              <span>{`${SIGNS[kind]} ${line}`}</span>
            </span>
          ))}
        </div>
      ))}
      {left === 0 ? null : <p class="quiet small">{text(locale, "changes.more_lines", { n: left })}</p>}
    </details>
  );
}
