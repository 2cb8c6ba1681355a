/** The example `get_test_data` against each database: database.ini alone is changed. */
import assert from "node:assert/strict";
import { closeDatabases, execute, setDatabaseFile } from "../../datasource/datasource.ts";
import { startCarillon, TESTER } from "../support/carillon.ts";
import { makeFolder } from "../support/folder.ts";
import {
  mariadbProgram,
  postgresProgram,
  sectionFor,
  startMariadb,
  startPostgres,
  type TestServer,
} from "../support/servers.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const TASKS = ["get_test_data.ts", "_sink.ts", "_local_time.ts"].map((name): [string, string] => [
  `tasks/${name}`,
  Deno.readTextFileSync(`${ROOT}tasks/${name}`),
]);

interface Kind {
  readonly name: string;
  readonly ignore: boolean;
  readonly start?: () => Promise<TestServer>;
  readonly moment: string;
}

const KINDS: readonly Kind[] = [
  { name: "PostgreSQL", ignore: postgresProgram() === undefined, start: startPostgres, moment: "TIMESTAMP" },
  { name: "MariaDB", ignore: mariadbProgram() === undefined, start: startMariadb, moment: "DATETIME" },
  { name: "SQLite", ignore: false, moment: "TEXT" },
];

for (const { name, ignore, start, moment } of KINDS) {
  Deno.test({
    name: `get_test_data works on ${name}`,
    ignore,
    async fn() {
      await using server = await start?.();
      await using settings = makeFolder();
      const section = server
        ? sectionFor("test_db", server)
        : `[test_db]\ntype = sqlite\ndatabase = ${settings.path}/test.db\n`;
      const file = settings.write("database.ini", section);
      setDatabaseFile(file);
      try {
        for (const table of ["tbl_test", "tbl_synced"]) {
          await execute(
            "test_db",
            `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name VARCHAR(50), value REAL, create_time ${moment})`,
          );
        }
        for (
          const [id, time] of [[1, "2026-03-10 08:59:59"], [2, "2026-03-10 09:00:00"], [
            3,
            "2026-03-10 10:00:00",
          ]]
        ) {
          await execute("test_db", "INSERT INTO tbl_test VALUES (?, ?, ?, ?)", [id, "数据", 1.5, time]);
        }
      } finally {
        await closeDatabases();
      }
      await using test = await startCarillon(Object.fromEntries(TASKS), {
        flags: { "datasource-file": file },
      });
      const params: [string, string][] = [
        ["begin_date", "2026-03-10T09:00:00"],
        ["end_date", "2026-03-10T12:00:00"],
      ];
      for (const expected of ["read 2 rows, 2 of them new", "read 2 rows, 0 of them new"]) {
        const answer = await test.carillon.operations.run(TESTER, "get_test_data", params);
        assert.ok(answer.ok);
        const run = await test.ended(answer.run.id);
        assert.equal(run.message, expected, JSON.stringify(run.error));
      }
    },
  });
}
