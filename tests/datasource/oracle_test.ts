/**
 * What can be known of Oracle without one: whom it reaches, what it is told when it cannot, how values are written and read;
 * and against a server of the tests the login, statements, and what becomes of them where the server goes away.
 */
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
// @ts-types="npm:@types/oracledb@7.0.3"
import oracledb from "oracledb";
import {
  closeDatabases,
  execute,
  query,
  setDatabaseFile,
  stream,
  testDatabase,
  transaction,
} from "../../datasource/datasource.ts";
import {
  CannotConnectError,
  DatabaseError,
  NotConfiguredError,
  QueryCancelledError,
  QueryTimeoutError,
  SqlError,
  WrongLoginError,
} from "../../datasource/errors.ts";
import { decrypted192, encrypted192 } from "../../datasource/drivers/oracle/aes_192.ts";
import { bindsOf, insertText, readerOf, sent } from "../../datasource/drivers/oracle/values.ts";
import { makeFolder } from "../support/folder.ts";
import { within } from "../support/databases.ts";
import { fc } from "../support/fast_check.ts";
import { type OracleAnswer, type OracleOptions, startOracleServer } from "../support/oracle_server.ts";
import { sectionFor } from "../support/servers.ts";
import { startTnsListener, type TnsAnswer } from "../support/tns_listener.ts";
import { numberText, oracleNumber } from "../support/ttc_wire.ts";

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
  const time = (text: string) =>
    Object.assign(new Date(`${text.slice(0, 23)}Z`), { written: Temporal.PlainDateTime.from(text) });
  assert.equal(
    String(read(oracledb.DB_TYPE_DATE, time("2026-03-10T10:00:00.250"))),
    "2026-03-10T10:00:00.25",
  );
  assert.equal(
    read(oracledb.DB_TYPE_TIMESTAMP, time("2026-03-10T10:00:00.250"), true),
    "2026-03-10 10:00:00.25",
  );
  const moment = read(oracledb.DB_TYPE_TIMESTAMP_TZ, time("2026-03-10T08:00:00.123456789"));
  assert.ok(moment instanceof Temporal.Instant);
  assert.equal(String(moment), "2026-03-10T08:00:00.123456789Z");
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

/** Does the work with a server of the tests as `ora`. */
async function withServer(
  options: OracleOptions,
  work: (server: ReturnType<typeof startOracleServer>) => Promise<void>,
  more = "",
): Promise<void> {
  await using server = startOracleServer(options);
  await using folder = makeFolder();
  const wrong = sectionFor("wrong", { ...server, password: "guessed" });
  const nobody = sectionFor("nobody", { ...server, user: "somebody" });
  setDatabaseFile(folder.write("database.ini", `${sectionFor("ora", server)}${more}\n${wrong}${nobody}`));
  try {
    await work(server);
  } finally {
    await closeDatabases();
  }
}

for (const verifier of ["12c", "11g"] as const) {
  Deno.test(`oracle: a login with a password of the ${verifier} kind, and one that is refused`, async () => {
    await withServer({ verifier }, async (server) => {
      assert.equal((await testDatabase("ora")).version, "Oracle 19.3.0.0.0");
      assert.deepEqual(server.logins, [
        "connect",
        "protocol",
        "data types",
        "user carillon, AUTH_TERMINAL, AUTH_PROGRAM_NM, AUTH_MACHINE, AUTH_PID, AUTH_SID",
        `answer of carillon, AUTH_SESSKEY, ${verifier === "12c" ? "AUTH_PBKDF2_SPEEDY_KEY, " : ""}` +
        "SESSION_CLIENT_CHARSET, SESSION_CLIENT_DRIVER_NAME, SESSION_CLIENT_VERSION, AUTH_ALTER_SESSION, AUTH_PASSWORD",
        "let in",
      ]);
      for (const section of ["wrong", "nobody"]) {
        await assert.rejects(query(section, "SELECT 1 FROM dual"), (error) => {
          assert.ok(error instanceof WrongLoginError, String(error));
          assert.match(
            error.message,
            /^Oracle \w+: 127\.0\.0\.1:\d+: the user or the password is not accepted \(ORA-01017\)$/,
          );
          return true;
        });
        assert.equal(server.logins.at(-1), "refused");
      }
    });
  });
}

Deno.test("oracle: an account whose password is of a kind that is too old is told of by name", async () => {
  await withServer({ verifier: "10g" }, async () => {
    await assert.rejects(query("ora", "SELECT 1 FROM dual"), (error) => {
      assert.ok(error instanceof WrongLoginError, String(error));
      assert.match(
        error.message,
        /its account has a password of an old kind: Oracle 12\.1 or newer.*NJS-116/,
      );
      return true;
    });
  });
});

Deno.test("oracle: the cipher of the 11g kind is the one that NIST describes", () => {
  // SP 800-38A, F.2.3; its start is mixed into the first block here.
  const key = Uint8Array.fromHex("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b");
  const start = Uint8Array.fromHex("000102030405060708090a0b0c0d0e0f");
  const plain = Uint8Array.fromHex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const mixed = plain.map((each, i) => each ^ (start[i] ?? 0));
  const cipher = "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a";
  assert.equal(encrypted192(key, mixed).toString("hex"), cipher);
  assert.deepEqual(new Uint8Array(decrypted192(key, Uint8Array.fromHex(cipher))), mixed);
});

const TIMES: OracleAnswer = {
  columns: [
    { name: "ID", type: "number" },
    { name: "NAME", type: "text" },
    { name: "DAY", type: "date" },
    { name: "AT", type: "timestamp" },
    { name: "MOMENT", type: "moment" },
    { name: "OWN", type: "local" },
    { name: "BYTES", type: "bytes" },
  ],
  rows: [
    [
      "12345678901234567890.12",
      "\u6570\u636e \u{1f600}",
      // A year that `Date` takes for 1950, and an hour that clocks of Europe leave out.
      "0050-01-02T03:04:05",
      "2026-03-29T02:30:00.123456789",
      "2026-03-10T08:00:00.000000001",
      "2026-03-10T08:00:00.123456",
      new Uint8Array([0, 255]),
    ],
    ["-7", null, null, null, null, null, null],
  ],
};

Deno.test("oracle: a select gives every type to its last digit", async () => {
  await withServer(
    { answer: ({ sql }) => sql.startsWith("SELECT * FROM times") ? TIMES : undefined },
    async () => {
      for (const options of [{}, { strings: true }]) {
        const [row, nothing] = await query("ora", "SELECT * FROM times WHERE id > :id", { id: 0 }, options);
        assert.deepEqual(Object.values(row ?? {}).map(String), [
          "12345678901234567890.12",
          "\u6570\u636e \u{1f600}",
          ...[
            "0050-01-02T03:04:05",
            "2026-03-29T02:30:00.123456789",
            "2026-03-10T08:00:00.000000001Z",
            "2026-03-10T08:00:00.123456Z",
          ]
            .map((each) => "strings" in options ? each.replace("T", " ") : each),
          "0,255",
        ]);
        assert.deepEqual(nothing, {
          ID: -7,
          NAME: null,
          DAY: null,
          AT: null,
          MOMENT: null,
          OWN: null,
          BYTES: null,
        });
      }
      const batches = await Array.fromAsync(stream("ora", "SELECT * FROM times", {}, { batch: 1 }));
      assert.deepEqual(batches.map((rows) => rows.length), [1, 1]);
    },
  );
});

Deno.test("oracle: numbers arrive with all their digits", async () => {
  const seed = Number(Deno.env.get("CARILLON_TEST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]) |
    0;
  const digits = fc.sample(
    fc.tuple(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: 0, max: 40 })),
    { seed, numRuns: 300 },
  );
  const texts = digits.map(([whole, scale]) => {
    const text = String(whole < 0n ? -whole : whole).padStart(scale + 1, "0");
    const plain = scale === 0
      ? text
      : `${text.slice(0, -scale)}.${text.slice(-scale)}`.replace(/0+$/, "").replace(/\.$/, "");
    return whole < 0n ? `-${plain}` : plain;
  });
  for (const text of texts) assert.equal(numberText(oracleNumber(text)), text, `CARILLON_TEST_SEED=${seed}`);
  const answer: OracleAnswer = {
    columns: [{ name: "N", type: "number" }],
    rows: texts.map((each) => [each]),
  };
  await withServer(
    { answer: ({ sql }) => sql === "SELECT n FROM numbers" ? answer : undefined },
    async () => {
      const rows = await query("ora", "SELECT n FROM numbers");
      assert.deepEqual(rows.map(({ N }) => String(N)), texts, `CARILLON_TEST_SEED=${seed}`);
      assert.ok(rows.every(({ N }) => typeof N !== "number" || Number.isSafeInteger(N)));
    },
  );
});

Deno.test("oracle: what is sent, what is committed and what is undone", async () => {
  const answer: OracleOptions["answer"] = ({ sql, binds }) =>
    /^(?:INSERT|MERGE|UPDATE)/.test(sql) ? { changed: Math.max(1, binds.length) } : undefined;
  await withServer({ answer }, async (server) => {
    const at = Temporal.Instant.from("2026-03-10T08:00:00.123456789Z");
    assert.equal(
      await execute("ora", "UPDATE t SET a = :a, b = :b, c = :c WHERE at = :at AND id = :id", {
        a: null,
        b: "\u6570",
        c: new Uint8Array([1, 255]),
        at,
        id: -1.5,
      }),
      1,
    );
    await transaction("ora", async (tx) => {
      await tx.execute("UPDATE t SET a = 1");
      await assert.rejects(tx.transaction((inner) => inner.query("SELECT * FROM nowhere")), SqlError);
      await tx.insertMany("t", [{ id: 1, v: "a" }, { id: 2, v: null }]);
    });
    await assert.rejects(transaction("ora", () => Promise.reject(new Error("no"))), /no/);
    assert.deepEqual(
      server.requests.slice(1).map((each) =>
        typeof each === "string"
          ? each
          : [each.sql.replace(/carillon_\d+/, "carillon_N"), each.binds, each.commits]
      ),
      [
        [
          "UPDATE t SET a = :1, b = :2, c = :3 WHERE at = :4 AND id = :5",
          [[null, "\u6570", "01ff", "2026-03-10 16:00:00.123456789 +08:00", "-1.5"]],
          true,
        ],
        ["UPDATE t SET a = 1", [], false],
        ["SAVEPOINT carillon_N", [], false],
        ["SELECT * FROM nowhere", [], false],
        ["ROLLBACK TO SAVEPOINT carillon_N", [], false],
        ["SAVEPOINT carillon_N", [], false],
        ['INSERT INTO "T" ("ID", "V") VALUES (:1, :2)', [["1", "a"], ["2", null]], false],
        "commit",
        "rollback",
      ],
    );
  }, "timezone = Asia/Shanghai\n");
});

Deno.test("oracle: a refused statement is told with its code, and the connection goes on", async () => {
  await withServer({}, async (server) => {
    await assert.rejects(query("ora", "SELECT * FROM nowhere"), (error) => {
      assert.ok(error instanceof SqlError, String(error));
      assert.equal(error.code, "ORA-00942");
      assert.match(error.message, /^Oracle ora: ORA-00942: table or view does not exist/);
      return true;
    });
    assert.deepEqual(await query("ora", "SELECT 1 FROM dual"), [{ 1: 1 }]);
    assert.equal(server.logins.filter((each) => each === "let in").length, 1);
  });
});

Deno.test("oracle: a statement that takes for ever is broken off on the server, and the connection used again", async () => {
  let asked = () => {};
  const answer: OracleOptions["answer"] = ({ sql }) => {
    if (sql !== "SELECT * FROM endless") return undefined;
    asked();
    return "endless";
  };
  await withServer({ answer }, async (server) => {
    const endless = "SELECT * FROM endless";
    await query("ora", "SELECT 1 FROM dual");
    const late = assert.rejects(query("ora", endless, {}, { timeout: "1s" }), QueryTimeoutError);
    await within(20_000, "the time limit", late);
    const aborter = new AbortController();
    asked = () => aborter.abort(new Error("enough"));
    const aborted = assert.rejects(
      transaction("ora", (tx) => tx.query(endless), { signal: aborter.signal }),
      QueryCancelledError,
    );
    await within(20_000, "the signal", aborted);
    assert.equal(server.requests.filter((each) => each === "break").length, 2);
    assert.equal(server.requests.at(-1), "rollback");
    assert.deepEqual(await query("ora", "SELECT 1 FROM dual"), [{ 1: 1 }]);
    assert.equal(server.logins.filter((each) => each === "let in").length, 1);
  });
});

/** Every verb, in one connection; the commit is the last. */
async function allVerbs(section: string): Promise<void> {
  const limit = { timeout: "2s" } as const;
  await query(section, "SELECT 1 FROM dual", {}, limit);
  await Array.fromAsync(stream(section, "SELECT 1 FROM dual", {}, { batch: 1, ...limit }));
  await transaction(section, async (tx) => {
    await tx.execute("UPDATE t SET a = 1", {}, limit);
    await tx.transaction((inner) => inner.execute("UPDATE t SET a = 2", {}, limit));
  });
}

for (const then of ["cut", "silence"] as const) {
  const name = then === "cut" ? "hangs up" : "says nothing more";
  Deno.test(`oracle: a server that ${name} at any step is told of in time, and left`, async () => {
    const answer: OracleOptions["answer"] = ({ sql }) =>
      sql.startsWith("UPDATE") ? { changed: 1 } : undefined;
    let steps = 0;
    await withServer({ answer }, async (server) => {
      await allVerbs("ora");
      // A commit may take its time.
      steps = server.packets - (then === "silence" ? 1 : 0);
    });
    assert.ok(steps > 10);
    await using folder = makeFolder();
    const servers = Array.from(
      { length: steps },
      (_, packets) => startOracleServer({ answer, until: { packets, then } }),
    );
    const sections = servers.map((server, i) => `${sectionFor(`ora${i}`, server)}connect_timeout = 1\n`);
    setDatabaseFile(folder.write("database.ini", sections.join("\n")));
    try {
      await Promise.all(servers.map(async (server, i) => {
        const done = assert.rejects(allVerbs(`ora${i}`), (error) => {
          assert.ok(error instanceof DatabaseError, `${i}: ${error}`);
          assert.ok(!(error instanceof SqlError), `${i}: ${error}`);
          return true;
        });
        await within(30_000, `${then} after ${i} packets`, done);
        await within(10_000, `${then} after ${i} packets: the end of the connection`, server.left());
      }));
    } finally {
      await closeDatabases();
      for (const server of servers) await server[Symbol.asyncDispose]();
    }
  });
}
