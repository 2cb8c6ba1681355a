/** What became of each due instant of a span: whether what was promised was kept. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { type TaskReport, type WhyCounts, WHYS } from "../../app/service/promise_report.ts";
import type { NamedLink } from "../components/causes.tsx";

export interface ReportRow extends TaskReport {
  readonly title: string;
  readonly address: string;
  /** Address of its runs. */
  readonly runsAddress: string;
}

export interface ReportPageProps {
  readonly locale: Locale;
  /** The task that it is about, where it is about one. */
  readonly task?: NamedLink | undefined;
  readonly taskId?: string | undefined;
  /** Address of the report on all tasks. */
  readonly all: string;
  readonly action: string;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly rows: readonly ReportRow[];
}

export function ReportPage({ locale, task, taskId, all, action, from, to, zone, rows }: ReportPageProps) {
  return (
    <div>
      <h1>
        {text(locale, "report.title")}
        {task === undefined ? null : (
          <>
            {text(locale, "list.colon")}
            <a href={task.address}>{task.title}</a>
          </>
        )}
      </h1>
      <div class="bar under">
        <form class="own" method="get" action={action}>
          {taskId === undefined ? null : <input type="hidden" name="task" value={taskId} />}
          <label>
            <span class="sr">{text(locale, "window.from")}</span>
            <input class="input s" type="datetime-local" name="from" value={from} />
          </label>
          {" – "}
          <label>
            <span class="sr">{text(locale, "window.to")}</span>
            <input class="input s" type="datetime-local" name="to" value={to} />
          </label>{" "}
          <button type="submit" class="btn s">{text(locale, "window.show")}</button>
        </form>
        <span class="quiet">{zone}</span>
        {task === undefined ? null : <a href={all}>{text(locale, "report.all_tasks")}</a>}
      </div>
      {rows.length === 0
        ? <p class="quiet">{text(locale, "report.none")}</p>
        : (
          <div class="sheet scroll" tabindex={0} role="group" aria-label={text(locale, "report.title")}>
            <table class="figures report">
              <thead>
                <tr>
                  <th scope="col">{text(locale, "task.name")}</th>
                  {(["due", "ran", "late", "skipped", "missed", "unrecorded"] as const).map((each) => (
                    <th scope="col" class="num">{text(locale, `report.${each}`)}</th>
                  ))}
                </tr>
              </thead>
              <tbody>{rows.map((row) => <Row row={row} locale={locale} />)}</tbody>
            </table>
          </div>
        )}
      <p class="quiet small">{text(locale, "report.note")}</p>
    </div>
  );
}

function Row({ row, locale }: { row: ReportRow; locale: Locale }) {
  const { title, address, runsAddress, due, ran, late, unrecorded } = row;
  return (
    <tr>
      <th scope="row">
        <a href={address}>{title}</a>
      </th>
      <td class="num">{due}</td>
      <td class="num">
        <a href={runsAddress}>{ran}</a>
      </td>
      <td class={late > 0 ? "num warn" : "num"}>{late}</td>
      <td class="num">
        <Counted n={row.skipped} why={row.skippedWhy} locale={locale} />
      </td>
      <td class={row.missed > 0 ? "num bad" : "num"}>
        <Counted n={row.missed} why={row.missedWhy} locale={locale} />
      </td>
      <td class="num">{unrecorded ?? "?"}</td>
    </tr>
  );
}

/** A number, and why: pointed at, and in words below it. */
function Counted({ n, why, locale }: { n: number; why: WhyCounts; locale: Locale }) {
  const words = WHYS.flatMap((each) => {
    const count = why[each] ?? 0;
    return count === 0 ? [] : [`${count} ${text(locale, `why.${each}`)}`];
  });
  return (
    <>
      {n}
      {words.map((each) => <span class="why">{each}</span>)}
    </>
  );
}
