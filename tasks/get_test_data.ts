/** Syncs the rows of a span of time, by default the last three hours, from `tbl_test` to the sink. */
import { cron, defineTask, query, z } from "carillon";
import { localText } from "./_local_time.ts";
import { store } from "./_sink.ts";

const moment = z.iso.datetime({ local: true }).optional();

export default defineTask({
  title: { en: "Sync test data", zh: "同步测试数据" },
  description: {
    en:
      "Reads tbl_test from begin_date to end_date (the last three hours when left out) and hands the rows to the sink.",
    zh: "读取 tbl_test 中 begin_date 至 end_date 的数据(默认最近三小时),并交给接收端。",
  },
  trigger: cron({ hour: "*/2" }),
  params: z.object({ begin_date: moment, end_date: moment }),
  timeout: "10m",
  async run({ params, signal, log, run }) {
    const begin = params.begin_date?.replace("T", " ") ?? localText(run.scheduledAt.subtract({ hours: 3 }));
    const end = params.end_date?.replace("T", " ") ?? localText(run.scheduledAt);
    const rows = await query(
      "test_db",
      "SELECT * FROM tbl_test WHERE create_time >= :begin AND create_time < :end ORDER BY id",
      { begin, end },
      { signal },
    );
    log.info(`${rows.length} rows from ${begin} to ${end}`);
    const added = await store(rows, signal);
    return `read ${rows.length} rows, ${added} of them new`;
  },
});
