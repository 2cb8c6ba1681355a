/**
 * Bytes of SQL Server's protocol against what they mean: as MS-TDS 2.2.5 describes them, with the examples that the driver's
 * own tests of its tokens and types use. The server of the tests has no part in writing or reading them.
 */
import assert from "node:assert/strict";
import { closeDatabases, insertMany, query, setDatabaseFile } from "../../datasource/datasource.ts";
import { lastOfEachKey } from "../../datasource/drivers/sqlserver/insert.ts";
import { makeFolder } from "../support/folder.ts";
import { sectionFor } from "../support/servers.ts";
import { startTdsServer, type TdsServer } from "../support/tds_server.ts";
import { utf16 } from "../support/tds_wire.ts";

async function withServer(
  tokens: ReadonlyMap<string, Uint8Array>,
  work: (server: TdsServer) => Promise<void>,
  more = "",
): Promise<void> {
  await using server = await startTdsServer(tokens);
  await using folder = makeFolder();
  setDatabaseFile(folder.write("database.ini", sectionFor("db", server) + more));
  try {
    await work(server);
  } finally {
    await closeDatabases();
  }
}

const LATIN = "0904d00034";
const NOTHING_LONG = "ffffffffffffffff";
const UNKNOWN_LENGTH = "feffffffffffffff";

/** A type as the server announces it, a value as it follows, and what a task gets. */
const READ: readonly (readonly [name: string, type: string, value: string, expected: unknown])[] = [
  ["int", "38", "03000000", 3],
  ["tinyint", "30", "ff", 255],
  ["smallint", "34", "feff", -2],
  ["bigint", "7f", "0100000000000000", 1],
  ["bigint, the greatest", "7f", "ffffffffffffff7f", 9223372036854775807n],
  ["intn, nothing", "2608", "00", null],
  ["intn, the least", "2608", "080000000000000080", -9223372036854775808n],
  ["intn, below nought", "2608", "08feffffffffffffff", -2],
  ["intn of one byte", "2601", "01fe", 254],
  ["bit", "32", "01", true],
  ["bitn, nothing", "6801", "00", null],
  ["real", "3b", "00001841", 9.5],
  ["real, by its own digits", "3b", "cdcc8c3f", 1.1],
  ["float", "3e", "0000000000002340", 9.5],
  ["floatn of four bytes", "6d04", "0400001841", 9.5],
  ["floatn of four bytes, by its own digits", "6d04", "04cdcc8c3f", 1.1],
  ["floatn of eight bytes", "6d08", "080000000000002340", 9.5],
  ["smallmoney", "7a", "80d61200", "123.4560"],
  ["money", "3c", "0000000080d61200", "123.4560"],
  ["moneyn, nothing", "6e08", "00", null],
  ["moneyn of four bytes", "6e04", "0480d61200", "123.4560"],
  ["moneyn of eight bytes", "6e08", "080000000080d61200", "123.4560"],
  ["moneyn, beyond a number's digits", "6e08", "08f4102211dc6ae97d", "123456789012345.1100"],
  ["numericn", "6c110301", "05015d000000", "9.3"],
  ["numericn, below nought", "6c110301", "05005d000000", "-9.3"],
  ["numericn, nothing", "6c110301", "00", null],
  [
    "decimaln, with all digits",
    "6a112600",
    "1101ffffffffffffffffffffffffffffff0f",
    "21267647932558653966460912964485513215",
  ],
  ["uniqueidentifier", "2410", "100123456789abcdef0123456789abcdef", "67452301-AB89-EFCD-0123-456789ABCDEF"],
  ["nvarchar", `e7fe00${LATIN}`, "0600610062006300", "abc"],
  ["varchar of a code page", `a7fe00${LATIN}`, "050061626364e9", "abcd\u00e9"],
  ["varchar(max), nothing", `a7ffff${LATIN}`, NOTHING_LONG, null],
  [
    "varchar(max) of no known length",
    `a7ffff${LATIN}`,
    `${UNKNOWN_LENGTH}030000006162630300000064656600000000`,
    "abcdef",
  ],
  ["varbinary(max), nothing", "a5ffff", NOTHING_LONG, null],
  [
    "varbinary(max) in pieces",
    "a5ffff",
    `${UNKNOWN_LENGTH}02000000123402000000567800000000`,
    new Uint8Array([0x12, 0x34, 0x56, 0x78]),
  ],
  ["varbinary", "a5fe00", "02001234", new Uint8Array([0x12, 0x34])],
  ["binary, nothing", "ad0200", "ffff", null],
  ["date", "28", "03173a0b", Temporal.PlainDate.from("2015-06-19")],
  ["datetime2 of no fraction", "2a00", "067f5101163a0b", Temporal.PlainDateTime.from("2015-06-18T23:59:59")],
  [
    "datetime2 of the finest",
    "2a07",
    "080100000000173a0b",
    Temporal.PlainDateTime.from("2015-06-19T00:00:00.0000001"),
  ],
  ["datetimeoffset", "2b07", "0a0100000000173a0b7800", Temporal.Instant.from("2015-06-19T00:00:00.0000001Z")],
  ["datetime", "3d", "bca4000000000000", Temporal.PlainDateTime.from("2015-06-19T00:00")],
  [
    "datetime of a third of a hundredth",
    "3d",
    "bca4000001000000",
    Temporal.PlainDateTime.from("2015-06-19T00:00:00.003"),
  ],
  ["smalldatetime", "3a", "bca42d00", Temporal.PlainDateTime.from("2015-06-19T00:45")],
  ["datetimn, nothing", "6f08", "00", null],
];

/** The columns of an answer, and one row. */
function answerOf(type: string, value: string): Uint8Array {
  // One column: of no user's type, may be nothing, its type, its name `v`; then the row.
  return Uint8Array.fromHex(`810100000000000900${type}017600d1${value}`);
}

Deno.test("tds: bytes of every type are read as what they mean", async () => {
  const tokens = new Map(READ.map(([name, type, value]) => [`SELECT '${name}'`, answerOf(type, value)]));
  await withServer(tokens, async () => {
    for (const [name, , , expected] of READ) {
      const [row] = await query("db", `SELECT '${name}'`);
      assert.equal(Object.prototype.toString.call(row?.v), Object.prototype.toString.call(expected), name);
      if (/^\[object Temporal/.test(Object.prototype.toString.call(expected))) {
        assert.equal(String(row?.v), String(expected), name);
      } else assert.deepEqual(row?.v, expected, name);
    }
  });
});

const COLLATION = "0000000000";
const LONG = "x".repeat(4_001);
const hexOf = (text: string) => utf16(text).toHex();

/** A value, its type as the client announces it, and the bytes that follow. */
const SENT: readonly (readonly [value: unknown, type: string, bytes: string])[] = [
  [7, "2604", "0407000000"],
  [-(2 ** 31) + 1, "2604", "0401000080"],
  [123456789n, "2608", "0815cd5b0700000000"],
  [2 ** 53 - 1, "2608", "08ffffffffffff1f00"],
  [true, "6801", "0101"],
  [false, "6801", "0100"],
  [9.5, "6d08", "080000000000002340"],
  [1e-7, "6d08", "0848afbc9af2d77a3e"],
  ["abc", `e7401f${COLLATION}`, "0600610062006300"],
  [LONG, `e7ffff${COLLATION}`, `${UNKNOWN_LENGTH}421f0000${hexOf(LONG)}00000000`],
  [new Uint8Array([0x12, 0x34]), "a5ffff", `${UNKNOWN_LENGTH}02000000123400000000`],
  [Temporal.PlainDateTime.from("2015-06-19T00:00:00.0000001"), "2a07", "080100000000173a0b"],
  [Temporal.PlainDateTime.from("2015-06-18T23:59:59"), "2a07", "088029d129c9163a0b"],
  // The time is that of UTC, and the offset stands behind it: 480 minutes.
  [Temporal.Instant.from("2015-06-19T00:00:00.0000001Z"), "2b07", "0a0100000000173a0be001"],
];

Deno.test("tds: parameters are sent as the bytes that mean them, and nothing as no parameter", async () => {
  const sql = (mark: string) => `SELECT 1 AS one WHERE 1 = 1 OR 'x' = ${mark}`;
  const tokens = new Map([[sql("@p1"), answerOf("38", "01000000")]]);
  await withServer(tokens, async (server) => {
    for (const [value, type, bytes] of SENT) {
      assert.deepEqual(await query("db", sql(":v"), { v: value }), [{ v: 1 }]);
      const sent = server.calls.at(-1)?.toHex() ?? "";
      // The name after its length, no flags, the type, the value: the last that is sent.
      const expected = `03${hexOf("@p1")}00${type}${bytes}`;
      assert.equal(sent.slice(-expected.length), expected, String(value).slice(0, 40));
    }
    const before = server.calls.length;
    await query("db", "SELECT 1 AS one WHERE :v IS NULL", { v: null });
    assert.equal(server.calls.length, before);
    assert.equal(server.requests.at(-1), "batch: SELECT 1 AS one WHERE NULL IS NULL");
  }, "timezone = Asia/Shanghai\n");
});

Deno.test("tds: as many parameters as a call takes go in one, and one more is refused before it is sent", async () => {
  await withServer(new Map(), async (server) => {
    const many = (count: number) => ({ many: Array.from({ length: count }, (_, i) => i) });
    assert.deepEqual(await query("db", "SELECT 1 AS one WHERE 2097 IN (:many)", many(2_098)), [{ one: 1 }]);
    assert.match(server.requests.at(-1) ?? "", /@p2098\)$/);
    const before = server.requests.length;
    await assert.rejects(
      query("db", "SELECT 1 AS one WHERE 2097 IN (:many)", many(2_099)),
      /2098 are possible/,
    );
    assert.equal(server.requests.length, before);
  });
});

Deno.test("sqlserver: rows with the same key are those whose keys are sent alike", () => {
  const same = (rows: (string | null)[][]) => lastOfEachKey(rows, ["k", "v"], ["k"]).map(([, v]) => v);
  assert.deepEqual(same([["1", "a"], ["2", "b"], ["1", "c"]]), ["c", "b"]);
  assert.deepEqual(same([[null, "a"], ["null", "b"], ["undefined", "c"]]), ["a", "b", "c"]);
});

Deno.test("sqlserver: keys that differ in a millisecond, or in nothing and its word, are not one", async () => {
  await withServer(new Map(), async () => {
    await query("db", "CREATE TABLE moments (t NVARCHAR(40) PRIMARY KEY, v NVARCHAR(10))");
    const at = (ms: number) => new Date(Date.UTC(2026, 2, 10, 8, 0, 0, ms));
    await insertMany("db", "moments", [{ t: at(1), v: "a" }, { t: at(2), v: "b" }, { t: at(1), v: "c" }], {
      upsert: "t",
    });
    assert.deepEqual((await query("db", "SELECT v FROM moments ORDER BY t")).map(({ v }) => v), ["c", "b"]);
  });
});
