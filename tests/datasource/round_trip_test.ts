/**
 * Every type of PostgreSQL, MariaDB and SQLite to every other database by `copyRows`, 200 rows each, made at random: what
 * arrives is what the target's own client prints of the same values, or the copy is refused with its column.
 *
 * The seed is printed; `CARILLON_TEST_SEED` sets it.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { copyRows, execute, insertMany, query } from "../../datasource/datasource.ts";
import { fc } from "../support/fast_check.ts";
import { hasServers, startDatabases, within } from "../support/databases.ts";
import { type OwnClient, startMariadbClient, startPsql } from "../support/own_clients.ts";

type Section = "pg" | "my" | "lite";

interface Kind {
  readonly name: string;
  /** The type in each database; a database without it is no source, and takes texts. */
  readonly types: Readonly<Record<Section, string>>;
  /** Which of them are a source of it. */
  readonly sources: readonly Section[];
  /** Texts as they are written into a statement of the source, by the source's own rules. */
  readonly values: fc.Arbitrary<string>;
  /** What is compared: the value in the target's own words, as an expression; the text when left out. */
  readonly shown?: Readonly<Partial<Record<Section, string>>>;
  /** Both sides' texts in one form; the same when left out. */
  readonly plain?: (text: string) => string;
}

const ALL: readonly Section[] = ["pg", "my", "lite"];
const pad = (value: number, length: number) => String(value).padStart(length, "0");

/** Years that every one of them has. */
const date = fc.tuple(
  fc.integer({ min: 1_000, max: 9_999 }),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 28 }),
)
  .map(([year, month, day]) => `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`);
const time = fc.tuple(
  fc.integer({ min: 0, max: 23 }),
  fc.integer({ min: 0, max: 59 }),
  fc.integer({ min: 0, max: 59 }),
  fc.integer({
    min: 0,
    max: 999_999,
  }),
).map(([hour, minute, second, micro]) =>
  `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(micro, 6)}`
);
/** Within the years of a TIMESTAMP. */
const stamp = fc.tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: 0, max: 999_999 })).map((
  [seconds, micro],
) =>
  `${Temporal.Instant.fromEpochMilliseconds(seconds * 1_000).toString().slice(0, 19).replace("T", " ")}.${
    pad(micro, 6)
  }`
);
/** Without NUL, which PostgreSQL has not. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      "\\",
      "\t",
      "\n",
      "\r",
      "%",
      "`",
      ",",
      "{",
      "}",
      "\\N",
      "数",
      "😀",
      "é",
      " ",
      "$",
      ":a",
      "?",
      "\u2028",
      "\x01",
    ),
    fc.string({ minLength: 1, maxLength: 1 }).filter((each) => each !== "\0"),
  ),
  maxLength: 30,
});
const decimal = (whole: number, fraction: number) =>
  fc.tuple(
    fc.bigInt({ min: 0n, max: 10n ** BigInt(whole) - 1n }),
    fc.bigInt({ min: 0n, max: 10n ** BigInt(fraction) - 1n }),
    fc.boolean(),
  )
    .map(([left, right, minus]) =>
      `${minus && left + right > 0n ? "-" : ""}${left}.${String(right).padStart(fraction, "0")}`
    );
const json = fc.jsonValue({ maxDepth: 3 }).map((each) => JSON.stringify(each)).filter((each) =>
  !/\\u0000|\\ud[89a-f]/i.test(each)
);

/** Trailing noughts of a fraction are a matter of writing. */
const withoutNoughts = (given: string) => given.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
/** Bytes as their digits. */
const hex = {
  pg: "upper(encode(v, 'hex'))",
  my: "HEX(v)",
  lite: "CASE WHEN v IS NULL THEN NULL ELSE hex(v) END",
};
const moment = (given: string) => withoutNoughts(given.replace("T", " ").replace(/(?:Z|\+00(?::00)?)$/, ""));

const KINDS: readonly Kind[] = [
  {
    name: "int2",
    types: { pg: "int2", my: "SMALLINT", lite: "INTEGER" },
    sources: ALL,
    values: fc.integer({ min: -32_768, max: 32_767 }).map(String),
  },
  {
    name: "int4",
    types: { pg: "int4", my: "INT", lite: "INT" },
    sources: ALL,
    values: fc.integer().map(String),
  },
  {
    name: "int8",
    types: { pg: "int8", my: "BIGINT", lite: "BIGINT" },
    sources: ALL,
    values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  },
  {
    name: "unsigned",
    types: { pg: "numeric(20)", my: "BIGINT UNSIGNED", lite: "TEXT" },
    sources: ["my", "pg"],
    values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  },
  {
    name: "decimal",
    types: { pg: "numeric(38,10)", my: "DECIMAL(38,10)", lite: "TEXT" },
    sources: ["pg", "my"],
    values: decimal(28, 10),
    plain: withoutNoughts,
  },
  {
    name: "short decimal in numbers of SQLite",
    types: { pg: "numeric(12,2)", my: "DECIMAL(12,2)", lite: "DECIMAL(12,2)" },
    sources: ["pg", "my"],
    values: decimal(10, 2),
    plain: (given) => withoutNoughts(given),
  },
  {
    name: "float8",
    types: { pg: "float8", my: "DOUBLE", lite: "REAL" },
    sources: ALL,
    values: fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) =>
      Object.is(each, -0) ? "0.0" : each.toExponential(16)
    ),
    // Each writes the same number in its own way: compared are the bits.
    shown: { lite: "v" },
    plain: (given) => String(Number(given)),
  },
  {
    name: "float4",
    types: { pg: "float4", my: "FLOAT", lite: "REAL" },
    sources: ["pg", "my"],
    values: fc.float({ noNaN: true, noDefaultInfinity: true }).filter((each) =>
      each === 0 || (Math.abs(each) > 1e-30 && Math.abs(each) < 3.4e38)
    )
      .map((each) => Object.is(each, -0) ? "0.0" : each.toExponential(9)),
    // With six digits of a FLOAT it would print too few.
    shown: { my: "v + 0e0", lite: "v" },
    plain: (given) => String(Math.fround(Number(given))),
  },
  { name: "text", types: { pg: "text", my: "TEXT", lite: "TEXT" }, sources: ALL, values: text },
  {
    name: "varchar",
    types: { pg: "varchar(80)", my: "VARCHAR(80)", lite: "VARCHAR(80)" },
    sources: ALL,
    // Digits stay a text: they lose no nought.
    values: fc.oneof(text, fc.stringMatching(/^0\d{0,20}$/)),
  },
  {
    name: "bytes",
    types: { pg: "bytea", my: "BLOB", lite: "BLOB" },
    sources: ALL,
    values: fc.uint8Array({ maxLength: 40 }).map((each) => new Uint8Array(each).toHex()),
    shown: hex,
  },
  { name: "date", types: { pg: "date", my: "DATE", lite: "TEXT" }, sources: ["pg", "my"], values: date },
  {
    name: "time",
    types: { pg: "time(6)", my: "TIME(6)", lite: "TEXT" },
    sources: ["pg", "my"],
    values: time,
    plain: withoutNoughts,
  },
  {
    name: "datetime",
    types: { pg: "timestamp(6)", my: "DATETIME(6)", lite: "TEXT" },
    sources: ["pg", "my"],
    values: fc.tuple(date, time).map((parts) => parts.join(" ")),
    plain: moment,
  },
  {
    name: "timestamp with zone",
    types: { pg: "timestamptz(6)", my: "TIMESTAMP(6) NULL", lite: "TEXT" },
    sources: ["pg", "my"],
    values: stamp,
    plain: moment,
  },
  { name: "json", types: { pg: "json", my: "JSON", lite: "TEXT" }, sources: ["pg", "my"], values: json },
  { name: "jsonb", types: { pg: "jsonb", my: "LONGTEXT", lite: "TEXT" }, sources: ["pg"], values: json },
  {
    name: "boolean",
    types: { pg: "boolean", my: "BIT(1)", lite: "INTEGER" },
    sources: ["pg", "my"],
    values: fc.boolean().map((each) => each ? "1" : "0"),
    shown: { pg: "v::int", my: "v + 0", lite: "v" },
  },
  {
    name: "enum",
    types: { pg: "text", my: "ENUM('a','b','中')", lite: "TEXT" },
    sources: ["my"],
    values: fc.constantFrom("a", "b", "中"),
  },
  {
    name: "uuid",
    types: { pg: "uuid", my: "UUID", lite: "TEXT" },
    sources: ["pg", "my"],
    // MariaDB takes those of no other version from PostgreSQL: it refuses them by name.
    values: fc.uuid({ version: [1, 3, 4, 5] }),
  },
  {
    name: "int1",
    types: { pg: "int2", my: "TINYINT", lite: "TINYINT" },
    sources: ALL,
    values: fc.integer({ min: -128, max: 127 }).map(String),
  },
  {
    name: "int3",
    types: { pg: "int4", my: "MEDIUMINT", lite: "MEDIUMINT" },
    sources: ALL,
    values: fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }).map(String),
  },
  {
    name: "year",
    types: { pg: "int2", my: "YEAR", lite: "INTEGER" },
    sources: ["my"],
    values: fc.integer({ min: 1901, max: 2155 }).map(String),
  },
  {
    name: "char",
    types: { pg: "char(20)", my: "CHAR(20)", lite: "TEXT" },
    sources: ["pg", "my"],
    values: fc.stringMatching(/^[a-zA-Z0-9\u00e9\u6570]{1,20}$/),
    // Where it is filled up with blanks is a matter of writing.
    plain: (given) => given.trimEnd(),
  },
  {
    name: "set",
    types: { pg: "text", my: "SET('a','b','c')", lite: "TEXT" },
    sources: ["my"],
    values: fc.subarray(["a", "b", "c"]).map((each) => each.join(",")),
  },
  {
    name: "addresses",
    types: { pg: "inet", my: "INET6", lite: "TEXT" },
    sources: ["pg", "my"],
    values: fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.map((each) => each.toString(16)).join(":")),
    shown: { pg: "host(v)" },
    // How it is shortened is a matter of writing.
    plain: (given) => new URL(`http://[${given}]`).hostname,
  },
  ...([
    ["bit(12)", fc.stringMatching(/^[01]{12}$/)],
    [
      "interval",
      fc.tuple(fc.integer({ min: -999, max: 999 }), time).map(([days, at]) => `${days} days ${at}`),
    ],
    ["timetz", time.map((each) => `${each}+02`)],
    ["money", decimal(12, 2)],
    ["int4range", fc.integer({ min: -999, max: 999 }).map((each) => `[${each},${each + 5})`)],
    ["point", fc.tuple(fc.integer(), fc.integer()).map((each) => `(${each})`)],
    ["macaddr", fc.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)],
    ["int4[]", fc.array(fc.integer(), { maxLength: 4 }).map((each) => `{${each}}`)],
    [
      "timestamp[]",
      fc.array(fc.tuple(date, time), { maxLength: 3 }).map((each) =>
        `{${each.map((at) => `"${at.join(" ")}"`)}}`
      ),
    ],
  ] as const).map(([type, values]): Kind => ({
    name: `${type} as text`,
    types: { pg: type, my: "TEXT", lite: "TEXT" },
    sources: ["pg"],
    values,
  })),
  {
    name: "interval, address and list as texts",
    types: { pg: "text[]", my: "TEXT", lite: "TEXT" },
    sources: ["pg"],
    values: fc.array(fc.constantFrom("a", "b c", 'q"', "\\", "NULL", ""), { maxLength: 4 })
      .map((items) => `{${items.map((each) => `"${each.replace(/["\\]/g, "\\$&")}"`).join(",")}}`),
  },
];

const ROWS = 200;

/** How a value stands in an INSERT of its source: a text, which the source turns into its type by its own rules. */
function literal(kind: Kind, section: Section, value: string): string {
  if (kind.name === "bytes") return section === "pg" ? `'\\x${value}'` : `X'${value}'`;
  if (kind.name === "boolean") return section === "pg" ? `'${value}'` : value;
  const quoted = section === "my" ? value.replaceAll("\\", "\\\\") : value;
  const text = `'${quoted.replaceAll("'", "''")}'`;
  return section === "lite" && /^(?:int|float)/.test(kind.name) ? value : text;
}

/** What a person would see: psql's words, those of MariaDB's client, and what SQLite says to somebody else's connection. */
interface Shown {
  readonly pg: OwnClient;
  readonly my: OwnClient;
  readonly lite: DatabaseSync;
}

async function shownIn(
  clients: Shown,
  section: Section,
  table: string,
  kind: Kind,
): Promise<(string | null)[]> {
  const own = kind.shown?.[section];
  const plain = kind.plain ?? String;
  if (section === "lite") {
    const rows = clients.lite.prepare(`SELECT ${own ?? "CAST(v AS TEXT)"} AS shown FROM ${table} ORDER BY id`)
      .all();
    return rows.map(({ shown }) => shown === null ? null : plain(String(shown)));
  }
  // As hexadecimal digits: a text may hold the ends of lines.
  const hidden = section === "pg"
    ? `encode(convert_to((${own ?? "v"})::text, 'UTF8'), 'hex')`
    : `HEX(CONVERT(CAST(${own ?? "v"} AS CHAR) USING utf8mb4))`;
  const lines = await clients[section].ask(`SELECT COALESCE(${hidden}, 'nothing') FROM ${table} ORDER BY id`);
  return lines.map((each) =>
    each === "nothing" ? null : plain(new TextDecoder().decode(Uint8Array.fromHex(each)))
  );
}

Deno.test({
  name: "databases: every type goes to every other database and arrives as it was",
  ignore: !hasServers,
  async fn(t) {
    const seed =
      Number(Deno.env.get("CARILLON_TEST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 1) | 0;
    await using databases = await startDatabases();
    await databases.configure();
    await execute("lite", "CREATE TABLE first (id int)");
    await using pg = startPsql(databases.pg);
    await using my = startMariadbClient(databases.my);
    const lite = new DatabaseSync(`${databases.folder.path}/lite.db`, { readOnly: true });
    using _closing = { [Symbol.dispose]: () => lite.close() };
    const clients = { pg, my, lite };
    for (const [place, kind] of KINDS.entries()) {
      await t.step(`${kind.name} (CARILLON_TEST_SEED=${seed})`, () =>
        within(
          180_000,
          kind.name,
          (async () => {
            const values = fc.sample(kind.values, { seed: seed + place, numRuns: ROWS - 1 });
            for (const section of ALL) {
              for (const table of ["source", "target"]) {
                await execute(section, `DROP TABLE IF EXISTS ${table}_${place}`);
                await execute(
                  section,
                  `CREATE TABLE ${table}_${place} (id int PRIMARY KEY, v ${kind.types[section]})`,
                );
              }
            }
            for (const from of kind.sources) {
              const source = `source_${place}`;
              const rows = [
                ...values.map((each, id) => `(${id}, ${literal(kind, from, each)})`),
                `(${ROWS - 1}, NULL)`,
              ];
              for (let at = 0; at < rows.length; at += 50) {
                // Written by the source's own rules: nothing of ours is in between.
                await execute(
                  from,
                  `INSERT INTO ${source} VALUES ${rows.slice(at, at + 50).join(", ")}`,
                );
              }
              for (const to of ALL) {
                const target = `target_${place}`;
                await execute(to, `DELETE FROM ${target}`);
                const batch = [1_000, 7, 64][place % 3] ?? 1;
                const count = await copyRows({ database: from, sql: `SELECT id, v FROM ${source}` }, {
                  database: to,
                  table: target,
                }, { batch });
                assert.equal(count, ROWS);
                assert.deepEqual(
                  await shownIn(clients, to, target, kind),
                  await shownIn(clients, from, source, kind),
                  `${from} to ${to}`,
                );
                // The same again by query() and insertMany(), through the values that a task sees.
                if (
                  /^(?:jsonb?$|interval, address)|\[\] as text$/.test(kind.name)
                ) continue;
                await execute(to, `DELETE FROM ${target}`);
                await insertMany(to, target, await query(from, `SELECT id, v FROM ${source}`));
                assert.deepEqual(
                  await shownIn(clients, to, target, kind),
                  await shownIn(clients, from, source, kind),
                  `${from} to ${to} by values`,
                );
              }
            }
          })(),
        ));
    }
  },
});
