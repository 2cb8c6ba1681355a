/** One task a table, from a list: each has its own history, and all of them take turns. */
import { copyRows, defineTask, every } from "carillon";

const TABLES = ["customers", "products", "stock"];

export default TABLES.map((table) =>
  defineTask({
    id: `copy_${table}`,
    title: `Copy ${table}`,
    trigger: every("1h"),
    // Two at a time would be too much for the old server.
    locks: "old_server",
    async run({ signal }) {
      const count = await copyRows(
        { database: "shop", sql: `SELECT * FROM ${table}` },
        { database: "dwh", table },
        { upsert: "id", signal },
      );
      return `${count} rows`;
    },
  })
);
