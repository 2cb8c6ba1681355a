/** A report as CSV and as a page of HTML, without any package. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cron, defineTask, query, type Row, z } from "carillon";

export default defineTask({
  title: "Weekly report",
  trigger: cron({ dayOfWeek: "mon", hour: 7 }),
  params: z.object({ folder: z.string().default("reports") }),
  async run({ params, signal, run }) {
    const rows = await query(
      "shop",
      "SELECT customer, count(*) AS orders, sum(total) AS total FROM orders GROUP BY customer ORDER BY total DESC",
      {},
      { signal },
    );
    const day = run.scheduledAt.toString().slice(0, 10);
    await mkdir(params.folder, { recursive: true });
    await writeFile(join(params.folder, `sales-${day}.csv`), csv(rows));
    await writeFile(join(params.folder, `sales-${day}.html`), html(day, rows));
    return `${rows.length} customers in ${params.folder}/sales-${day}.csv`;
  },
});

/** RFC 4180, with the mark that Excel knows UTF-8 by. */
function csv(rows: readonly Row[]): string {
  const cell = (value: unknown) => {
    const text = String(value ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))];
  return "\uFEFF" + lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
}

function html(day: string, rows: readonly Row[]): string {
  const escaped = (value: unknown) =>
    String(value ?? "").replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const body = rows.map((row) =>
    `<tr>${Object.values(row).map((each) => `<td>${escaped(each)}</td>`).join("")}</tr>`
  );
  const head = Object.keys(rows[0] ?? {}).map((name) => `<th>${escaped(name)}</th>`).join("");
  return `<!doctype html><meta charset="utf-8"><title>Sales ${day}</title><table><tr>${head}</tr>${
    body.join("")
  }</table>\n`;
}
