/** Everything that a task can do with a database, as things to try: in table `t{n}`, from table `source` with the rows 1 to 40. */
import { copyRows, execute, insertMany, query, stream, transaction } from "../../datasource/datasource.ts";

export const ROWS = Array.from({ length: 40 }, (_, i) => ({ id: i + 1, v: `v${i}`.repeat(20) }));

export interface Verb {
  readonly work: (section: string, table: string) => Promise<unknown>;
  /** Rows of the table after it; as many as before, none, where it only reads. */
  readonly rows: number;
}

export const VERBS: Readonly<Record<string, Verb>> = {
  query: { work: (section) => query(section, "SELECT * FROM source WHERE id > :id", { id: 0 }), rows: 0 },
  execute: {
    work: (section, table) => execute(section, `INSERT INTO ${table} SELECT id, v FROM source`),
    rows: ROWS.length,
  },
  stream: {
    work: (section) => Array.fromAsync(stream(section, "SELECT * FROM source", {}, { batch: 7 })),
    rows: 0,
  },
  "stream, left early": {
    async work(section) {
      for await (const _ of stream(section, "SELECT * FROM source", {}, { batch: 7 })) break;
    },
    rows: 0,
  },
  transaction: {
    work: (section, table) =>
      transaction(section, async (tx) => {
        for (const row of ROWS) await tx.execute(`INSERT INTO ${table} VALUES (:id, :v)`, row);
      }),
    rows: ROWS.length,
  },
  nested: {
    work: (section, table) =>
      transaction(section, async (tx) => {
        await tx.insertMany(table, ROWS.slice(0, 10));
        await tx.transaction((inner) => inner.insertMany(table, ROWS.slice(10)));
        await Array.fromAsync(tx.stream(`SELECT id FROM ${table}`, {}, { batch: 7 }));
      }),
    rows: ROWS.length,
  },
  insertMany: {
    work: (section, table) => insertMany(section, table, ROWS, { batch: 13 }),
    rows: ROWS.length,
  },
  upsert: {
    work: (section, table) => insertMany(section, table, ROWS, { batch: 13, upsert: "id" }),
    rows: ROWS.length,
  },
  copyRows: {
    work: (section, table) =>
      copyRows({ database: section, sql: "SELECT id, v FROM source" }, { database: section, table }, {
        batch: 13,
      }),
    rows: ROWS.length,
  },
};
