/** Copies the orders that have changed since the last run into another database. */
import { copyRows, defineTask, every, watermark } from "carillon";

export default defineTask({
  title: "Sync orders",
  trigger: every("10m"),
  timeout: "5m",
  // The databases are away for a minute now and then: another try later is better than a failure.
  retry: { attempts: 3 },
  async run({ signal }) {
    // How far the last run that succeeded has come.
    const mark = watermark();
    const count = await copyRows(
      {
        database: "shop",
        sql: "SELECT id, customer, total, changed FROM orders WHERE changed > :since ORDER BY changed",
        params: { since: mark.value ?? "" },
      },
      { database: "dwh", table: "orders" },
      // A row that is there is changed, so that copying it twice does no harm; the greatest `changed` is the next mark.
      { upsert: "id", watermark: { mark, column: "changed" }, signal },
    );
    return `${count} orders`;
  },
});
