/** How far a run is, where it has told. */
import { text } from "../../app/locale/locale.ts";
import type { RunView, ViewerView } from "../views.ts";

export function RunProgress({ run, viewer: { locale } }: { run: RunView; viewer: ViewerView }) {
  const { fraction, note } = run.progress ?? {};
  if (fraction === undefined) return note === undefined ? null : <span>{note}</span>;
  const percent = Math.round(fraction * 100);
  return (
    <span class="progress-line">
      <progress max="100" value={String(percent)} aria-label={text(locale, "run.progress")}>
        {percent} %
      </progress>{" "}
      {percent} % {note}
    </span>
  );
}
