/** Counts the rows of the past day hour by hour; takes some seconds and shows how far it is. */
import { setTimeout } from "node:timers/promises";
import { cron, defineTask, query } from "carillon";
import { localText } from "./_local_time.ts";

const HOURS = 24;

export default defineTask({
  title: { en: "Nightly report", zh: "夜间报表" },
  trigger: cron({ hour: 2, minute: 30 }),
  timeout: "5m",
  async run({ signal, log, progress, run }) {
    let total = 0;
    for (let hour = HOURS; hour > 0; hour--) {
      const begin = localText(run.scheduledAt.subtract({ hours: hour }));
      const end = localText(run.scheduledAt.subtract({ hours: hour - 1 }));
      const [row] = await query(
        "test_db",
        "SELECT count(*) AS count FROM tbl_test WHERE create_time >= :begin AND create_time < :end",
        { begin, end },
        { signal },
      );
      const count = Number(row?.count);
      if (count > 0) log.info(`${begin}: ${count} rows`);
      total += count;
      progress((HOURS - hour + 1) / HOURS, begin);
      await setTimeout(200, undefined, { signal });
    }
    return `${total} rows in the past ${HOURS} hours`;
  },
});
