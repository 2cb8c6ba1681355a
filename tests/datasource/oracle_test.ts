/** What can be known of Oracle without one: whom it reaches, what it is told when it cannot, how values are written and read. */
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
// @ts-types="npm:@types/oracledb@7.0.3"
import oracledb from "oracledb";
import { closeDatabases, query, setDatabaseFile } from "../../datasource/datasource.ts";
import { CannotConnectError, NotConfiguredError, WrongLoginError } from "../../datasource/errors.ts";
import { bindsOf, insertText, readerOf, sent } from "../../datasource/oracle_values.ts";
import { makeFolder } from "../support/folder.ts";
import { startTnsListener, type TnsAnswer } from "../support/tns_listener.ts";

const section = (port: number, more = "") =>
  `[ora]\ntype = oracle\nhost = 127.0.0.1\nport = ${port}\nservice_name = SALES\nuser = u\npassword = guessed\n${more}`;

const CASES: readonly (readonly [TnsAnswer, new (message: string) => Error, RegExp, string])[] = [
  [
    { refuse: 12514 },
    WrongLoginError,
    /^Oracle ora: 127\.0\.0\.1:\d+: the listener does not know this service \(NJS-518\)$/,
    "answers ORA-12514",
  ],
  [
    { refuse: 12528 },
    CannotConnectError,
    /^Oracle ora: cannot connect to 127\.0\.0\.1:\d+ \(the listener refused: ORA-12528\)$/,
    "refuses for another reason",
  ],
  [
    "silence",
    CannotConnectError,
    /^Oracle ora: cannot connect to 127\.0\.0\.1:\d+ \(no answer within 1 s\)$/,
    "is silent",
  ],
  ["hang up", CannotConnectError, /^Oracle ora: cannot connect to 127\.0\.0\.1:\d+ \(.+\)$/, "hangs up"],
];

for (const [answer, kind, message, name] of CASES) {
  Deno.test(`oracle: a listener that ${name} is told of in a sentence`, async () => {
    await using listener = startTnsListener(answer);
    await using folder = makeFolder();
    setDatabaseFile(folder.write("database.ini", section(listener.port, "connect_timeout = 1\n")));
    try {
      await assert.rejects(query("ora", "SELECT 1 FROM dual"), (error) => {
        assert.ok(error instanceof kind, String(error));
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /guessed/);
        return true;
      });
      assert.match(listener.asked[0] ?? "", /\(SERVICE_NAME=SALES\)/);
    } finally {
      await closeDatabases();
    }
  });
}

Deno.test("oracle: nobody there, and settings that cannot be, are told of", async () => {
  await using folder = makeFolder();
  try {
    setDatabaseFile(folder.write("database.ini", section(1)));
    await assert.rejects(query("ora", "SELECT 1 FROM dual"), (error) => {
      assert.ok(error instanceof CannotConnectError, String(error));
      assert.equal(error.message, "Oracle ora: cannot connect to 127.0.0.1:1 (connection refused)");
      return true;
    });
    await closeDatabases();
    for (
      const [text, message] of [
        [
          section(1).replace("SALES", "a)(b"),
          /line 5, section \[ora\]: "a\)\(b" is not a name of a host or a service/,
        ],
        [
          section(1, "tls = require\n"),
          /line 8, section \[ora\], key "tls": "require" is not possible with Oracle/,
        ],
        [section(1).replace(/service_name.*\n/, ""), /section \[ora\]: key "service_name" is missing/],
      ] as const
    ) {
      setDatabaseFile(folder.write("database.ini", text));
      await assert.rejects(query("ora", "SELECT 1 FROM dual"), (error) => {
        assert.ok(error instanceof NotConfiguredError, String(error));
        assert.match(error.message, message);
        return true;
      });
    }
  } finally {
    await closeDatabases();
  }
});

Deno.test("oracle: values are read as those of the other databases", () => {
  const read = (dbType: oracledb.DbType, value: unknown, strings = false) =>
    readerOf(oracledb, { dbType }, { strings })?.converter?.(value);
  assert.equal(read(oracledb.DB_TYPE_NUMBER, "7"), 7);
  assert.equal(read(oracledb.DB_TYPE_NUMBER, "9007199254740993"), 9007199254740993n);
  assert.equal(read(oracledb.DB_TYPE_NUMBER, "12345678901234567890.12345"), "12345678901234567890.12345");
  assert.equal(read(oracledb.DB_TYPE_NUMBER, "-.5"), "-0.5");
  assert.equal(read(oracledb.DB_TYPE_NUMBER, null), null);
  const local = new Date(2026, 2, 10, 10, 0, 0, 250);
  assert.equal(String(read(oracledb.DB_TYPE_DATE, local)), "2026-03-10T10:00:00.25");
  assert.equal(read(oracledb.DB_TYPE_TIMESTAMP, local, true), "2026-03-10 10:00:00.25");
  const moment = read(oracledb.DB_TYPE_TIMESTAMP_TZ, new Date("2026-03-10T08:00:00Z"));
  assert.ok(moment instanceof Temporal.Instant);
  assert.equal(String(moment), "2026-03-10T08:00:00Z");
  assert.equal(read(oracledb.DB_TYPE_TIMESTAMP_LTZ, null), null);
  assert.equal(readerOf(oracledb, { dbType: oracledb.DB_TYPE_CLOB }, {})?.type, oracledb.STRING);
  assert.equal(readerOf(oracledb, { dbType: oracledb.DB_TYPE_BLOB }, {})?.type, oracledb.BUFFER);
  assert.equal(readerOf(oracledb, { dbType: oracledb.DB_TYPE_VARCHAR }, {}), undefined);
});

Deno.test("oracle: values are sent as what it takes", () => {
  assert.equal(sent(true), 1);
  assert.equal(sent(12345678901234567890n), "12345678901234567890");
  assert.equal(sent(Temporal.PlainDateTime.from("2026-03-10T10:00:00")), "2026-03-10 10:00:00");
  assert.deepEqual(sent(Temporal.Instant.from("2026-03-10T08:00:00Z")), new Date("2026-03-10T08:00:00Z"));
  assert.deepEqual(sent(new Uint8Array([1])), Buffer.from([1]));
  assert.equal(sent(undefined), null);
  const { values, bindDefs } = bindsOf(
    oracledb,
    ["id", "name", "mixed", "bytes", "nothing"],
    [[1, "中", 5, null, null], [2, null, "x", new Uint8Array([1, 2]), null]],
  );
  assert.deepEqual(values, [[1, "中", "5", null, null], [2, null, "x", Buffer.from([1, 2]), null]]);
  assert.deepEqual(bindDefs, [
    { type: oracledb.NUMBER },
    { type: oracledb.STRING, maxSize: 3 },
    { type: oracledb.STRING, maxSize: 1 },
    { type: oracledb.BUFFER, maxSize: 2 },
    { type: oracledb.STRING, maxSize: 1 },
  ]);
});

Deno.test("oracle: rows are inserted by place, and those that are there are changed", () => {
  assert.equal(
    insertText({ table: "sales.orders", columns: ["id", "Total"] }),
    'INSERT INTO "SALES"."ORDERS" ("ID", "Total") VALUES (:1, :2)',
  );
  assert.equal(
    insertText({ table: "orders", columns: ["id", "total"], keys: ["id"] }),
    'MERGE INTO "ORDERS" t USING (SELECT :1 AS "ID", :2 AS "TOTAL" FROM dual) s ON (t."ID" = s."ID") ' +
      'WHEN MATCHED THEN UPDATE SET t."TOTAL" = s."TOTAL" ' +
      'WHEN NOT MATCHED THEN INSERT ("ID", "TOTAL") VALUES (s."ID", s."TOTAL")',
  );
});
