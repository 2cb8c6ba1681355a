/** What a task returned, as a table, and as JSON. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

export interface ResultView {
  /** Names of the columns; none where each row says by itself what it is. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows there are. */
  readonly total: number;
  readonly json: string;
}

export function ResultTable({ result, locale }: { result: ResultView; locale: Locale }) {
  const { head, rows, total, json } = result;
  return (
    <section>
      <h2 class="sub">{text(locale, "run.result")}</h2>
      <div class="sheet scroll" tabindex={0} role="group" aria-label={text(locale, "run.result")}>
        <table class="figures result">
          {head.length === 0 ? null : (
            <thead>
              <tr>{head.map((name) => <th scope="col">{name}</th>)}</tr>
            </thead>
          )}
          <tbody>
            {rows.map((row) => (
              <tr>
                {row.map((value, i) =>
                  head.length === 0 && row.length > 1 && i === 0
                    ? <th scope="row">{value}</th>
                    : <td class={isNumber(value) ? "num mono" : "mono"}>{value}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === total
        ? null
        : <p class="quiet small">{text(locale, "run.result_rows", { n: rows.length, total })}</p>}
      <details>
        <summary class="small">{text(locale, "run.result_json")}</summary>
        <pre class="log-block" tabindex={0}>{json}</pre>
      </details>
    </section>
  );
}

function isNumber(value: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(value);
}
