/** Writes one row every ten seconds, so that there is something to sync, and drops those of past days. */
import { defineTask, every, execute } from "carillon";
import { localText } from "./_local_time.ts";

export default defineTask({
  title: { en: "Heartbeat", zh: "心跳" },
  trigger: every("10s"),
  timeout: "5s",
  async run({ signal, run }) {
    const value = Math.round(Math.random() * 1_000) / 10;
    await execute(
      "test_db",
      "INSERT INTO tbl_test (name, value, create_time) VALUES (:name, :value, :now)",
      { name: "heartbeat", value, now: localText(run.scheduledAt) },
      { signal },
    );
    await execute("test_db", "DELETE FROM tbl_test WHERE create_time < :limit", {
      limit: localText(run.scheduledAt.subtract({ hours: 48 })),
    }, { signal });
    return `value ${value}`;
  },
});
