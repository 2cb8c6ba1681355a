/** No task yet: what to do, with text to copy; the page waits and shows the first one by itself. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

const EXAMPLE = `import { defineTask, every } from "carillon";

export default defineTask({
  trigger: every("5m"),
  run: ({ log }) => log.info("hello"),
});`;

export function FirstStart({ folder, locale }: { folder: string; locale: Locale }) {
  return (
    <section class="teach">
      <h2>{text(locale, "tasks.none")}</h2>
      <ol class="steps">
        <li>
          <p>
            {text(locale, "tasks.none_how")} <code id="start-folder">{folder}</code>
          </p>
        </li>
        <li>
          <p>{text(locale, "start.example")}</p>
          <pre class="sheet pad" id="start-example" tabindex={0}>{EXAMPLE}</pre>
          <button
            type="button"
            class="btn s"
            data-copy="#start-example"
            data-copied={text(locale, "run.copied")}
            hidden
            data-script-only
          >
            {text(locale, "run.copy")}
          </button>
        </li>
      </ol>
      <p class="quiet">{text(locale, "start.waits")}</p>
    </section>
  );
}
