/** The files that a run has left, to download. */
import { sizeText } from "../../app/locale/format.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

export interface RunFileView {
  readonly title: string;
  /** What it is called when it is downloaded. */
  readonly name: string;
  readonly address: string;
  readonly bytes: number;
}

export function RunFiles({ files, locale }: { files: readonly RunFileView[]; locale: Locale }) {
  if (files.length === 0) return null;
  return (
    <section class="run-files">
      <h2>{text(locale, "run.files")}</h2>
      <ul>
        {files.map(({ title, name, address, bytes }) => (
          <li>
            <a href={address} download={name}>{title}</a> <span class="quiet small">{sizeText(bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
