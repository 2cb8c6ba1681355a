/** Files that are no task, each with the place to look at. */
import type { BrokenFile } from "../../app/task/registry.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { counted } from "./basics.tsx";
import { Code, type CodeLine } from "./code.tsx";
import { Sign } from "./sign.tsx";

/** A broken file with the lines around its place, where they could be read. */
export interface BrokenFileView extends BrokenFile {
  readonly lines?: readonly CodeLine[] | undefined;
  /** When it is loaded again by itself. */
  readonly retry?: string | undefined;
  /** Of the line on the page of the file, where whoever looks may read it. */
  readonly address?: string | undefined;
}

export function BrokenFiles(
  { files, locale, title }: { files: readonly BrokenFileView[]; locale: Locale; title?: string | undefined },
) {
  if (files.length === 0) return null;
  return (
    <section aria-labelledby="broken-title">
      <h2 id="broken-title">{title ?? counted(locale, "broken.title", files.length)}</h2>
      <ul class="files">
        {files.map((file) => (
          <li id={`broken-${encodeURIComponent(file.path)}`} class="broken sheet">
            <p>
              <Sign name="s-file" tone="warn" /> <BrokenPlace {...file} />
            </p>
            <p class="preserve">{file.message}</p>
            {file.lines === undefined ? null : <Code lines={file.lines} hot={file.place?.line} />}
            {file.retry === undefined
              ? null
              : <p class="quiet small note">{text(locale, "broken.retry", { at: file.retry })}</p>}
            {file.taskId === undefined
              ? null
              : <p class="quiet small note">{text(locale, "broken.kept", { task: file.taskId })}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Where it is broken. */
function BrokenPlace({ path, file, place, address }: BrokenFileView) {
  const words = <code title={file}>{place ? `${path}:${place.line}:${place.column}` : path}</code>;
  return address === undefined ? words : <a href={address}>{words}</a>;
}
