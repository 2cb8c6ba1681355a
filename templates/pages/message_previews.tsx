/** What each target would be sent about a run that has failed. */
import { text } from "../../app/locale/locale.ts";
import { PartHead } from "../components/basics.tsx";
import type { ViewerView } from "../views.ts";

export interface MessagePreviewsProps {
  readonly viewer: ViewerView;
  /** Undefined where no run has failed. */
  readonly run: { readonly id: string; readonly task: string } | undefined;
  readonly previews: readonly {
    readonly target: string;
    readonly type: string;
    readonly title: string;
    readonly text: string;
    readonly bytes: number;
  }[];
}

export function MessagePreviews({ viewer: { locale }, run, previews }: MessagePreviewsProps) {
  return (
    <>
      {run === undefined || previews.length === 0
        ? <p class="quiet">{text(locale, "deliveries.preview_none")}</p>
        : (
          <p>
            {text(locale, "deliveries.preview_of")}:{" "}
            <a href={`/runs/${encodeURIComponent(run.id)}`}>{run.task}</a>.{" "}
            <span class="quiet">{text(locale, "deliveries.preview_note")}</span>
          </p>
        )}
      {previews.map(({ target, type, title, text: body, bytes }) => (
        <section>
          <PartHead
            title={
              <>
                <code>{target}</code> <span class="quiet">{type}</span>
              </>
            }
          />
          <p>
            {title} <span class="quiet">{text(locale, "deliveries.bytes", { n: bytes })}</span>
          </p>
          <div class="sheet sent">
            <pre class="log-block" tabindex={0}>{body}</pre>
          </div>
        </section>
      ))}
      <p>
        <a href="/deliveries">{text(locale, "page.deliveries")}</a>
      </p>
    </>
  );
}
