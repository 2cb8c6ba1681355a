/**
 * The server of the tests that stands for SQL Server, tried by clients that nobody here wrote: FreeTDS's `tsql` and `bsqldb`,
 * and python-tds.
 */
import assert from "node:assert/strict";
import { makeFolder } from "../support/folder.ts";
import { program, pythonProgram } from "../support/servers.ts";
import { startTdsServer, type TdsServer } from "../support/tds_server.ts";

const tsql = program("tsql", ["/usr/bin"]);
const bsqldb = program("bsqldb", ["/usr/bin"]);
const LIMIT_MS = 20_000;

async function ask(
  client: string,
  args: readonly string[],
  input: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const child = new Deno.Command(client, {
    args: [...args],
    env: { TDSVER: "7.4", LC_ALL: "C.UTF-8", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // One that waits for ever is a failure.
  const timer = setTimeout(() => child.kill(), LIMIT_MS);
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { stdout, stderr } = await output;
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function byTsql(server: TdsServer, statements: readonly string[], password = server.password) {
  const args = [
    "-H",
    "127.0.0.1",
    "-p",
    String(server.port),
    "-U",
    server.user,
    "-P",
    password,
    "-D",
    server.database,
  ];
  return ask(tsql ?? "", args, `${statements.map((each) => `${each}\ngo\n`).join("")}exit\n`);
}

Deno.test({
  name: "freetds: tsql logs in, asks, and reads rows, nothing and errors as the driver does",
  ignore: tsql === undefined,
  async fn() {
    await using server = await startTdsServer();
    const { stdout, stderr } = await byTsql(server, [
      "CREATE TABLE t (id INT PRIMARY KEY, name NVARCHAR(20))",
      "INSERT INTO t VALUES (1, N'数据 😀'), (2, NULL)",
      "SELECT * FROM t ORDER BY id",
      "SELECT CAST('-12.340' AS decimal(10, 3)) AS d",
      "SELECT CAST('922337203685477.5807' AS money) AS m",
      "SELECT CAST('1.5' AS float) AS f",
      "SELECT CAST('1' AS bit) AS b",
      "SELECT CAST('9007199254740993' AS bigint) AS n",
      "SELECT CAST('2026-03-10T10:00:00.250' AS datetime) AS t",
      "SELECT * FROM nowhere",
    ]);
    const lines = stdout.split("\n").map((each) => each.replace(/^(?:\d+> )+/, ""));
    for (
      const expected of [
        "id\tname",
        "1\t数据 😀",
        "2\tNULL",
        "-12.340",
        "922337203685477.5807",
        "1.5",
        "1",
        "9007199254740993",
      ]
    ) {
      assert.ok(lines.includes(expected), `${expected}\n${stdout}${stderr}`);
    }
    assert.match(stdout, /Mar 10 2026 10:00AM/);
    assert.match(
      stderr,
      /Msg 208 \(severity 16, state 1\) from test Line 1:\s+"Invalid object name 'nowhere'\."/,
    );
  },
});

Deno.test({
  name: "freetds: tsql is told of a wrong password",
  ignore: tsql === undefined,
  async fn() {
    await using server = await startTdsServer();
    const { stderr } = await byTsql(server, ["SELECT 1"], "guessed");
    assert.match(stderr, /Msg 18456 .*\s+"Login failed for user 'carillon'\."/);
  },
});

Deno.test({
  name: "freetds: bsqldb reads rows",
  ignore: bsqldb === undefined,
  async fn() {
    await using server = await startTdsServer();
    await using folder = makeFolder();
    const conf = folder.write(
      "freetds.conf",
      `[srv]\nhost = 127.0.0.1\nport = ${server.port}\ntds version = 7.4\n`,
    );
    const login = ["-S", "srv", "-U", server.user, "-P", server.password, "-D", server.database];
    const sql =
      "CREATE TABLE t (id INT PRIMARY KEY, v INT)\ngo\nINSERT INTO t VALUES (1, 10), (2, NULL)\ngo\nSELECT * FROM t ORDER BY id\ngo\n";
    const { stdout, stderr } = await ask(bsqldb ?? "", [...login, "-t", ","], sql, { FREETDSCONF: conf });
    assert.equal(stdout.trim(), "1,10\n2,NULL", stderr);
  },
});

const PYTDS = `import sys, pytds
login = dict(user=sys.argv[2], password=sys.argv[3], database=sys.argv[4], login_timeout=15, timeout=15)
try:
    with pytds.connect(dsn="127.0.0.1", port=int(sys.argv[1]), autocommit=True, **login) as connection:
        cursor = connection.cursor()
        for sql in sys.stdin.read().split("\\ngo\\n"):
            try:
                cursor.execute(sql)
                print([list(map(str, row)) for row in cursor.fetchall()] if cursor.description else "done")
            except pytds.Error as error:
                print("error", getattr(error, "msg_no", None), error)
except pytds.Error as error:
    print("refused", error)
`;

/** Debian's packages are for the system's own Python. */
function hasPythonTds(): boolean {
  const python = pythonProgram();
  if (python === undefined) return false;
  const found =
    new Deno.Command(python, { args: ["-c", "import pytds"], stderr: "null" }).outputSync().success;
  if (!found && Deno.env.get("CI") === "true") throw new Error("python3-tds is not installed");
  return found;
}

Deno.test({
  name: "freetds: python-tds logs in, asks, and reads rows, nothing and errors as the driver does",
  ignore: !hasPythonTds(),
  async fn() {
    await using server = await startTdsServer();
    const asPython = (password: string, statements: readonly string[]) => {
      const args = ["-c", PYTDS, String(server.port), server.user, password, server.database];
      return ask(pythonProgram() ?? "", args, statements.join("\ngo\n"));
    };
    const { stdout, stderr } = await asPython(server.password, [
      "CREATE TABLE t (id INT PRIMARY KEY, name NVARCHAR(20))",
      "INSERT INTO t VALUES (1, N'\u6570\u636e \u{1f600}'), (2, NULL)",
      "SELECT * FROM t ORDER BY id",
      "SELECT CAST('922337203685477.5807' AS money) AS v",
      "SELECT CAST('1.5' AS float) AS v",
      "SELECT CAST('1' AS bit) AS v",
      "SELECT CAST('9007199254740993' AS bigint) AS v",
      "SELECT CAST('2026-03-10T10:00:00.250' AS datetime) AS v",
      "SELECT CAST('2026-03-10' AS date) AS v",
      "SELECT CAST('2026-03-10 10:00:00.123456' AS datetime2) AS v",
      "SELECT * FROM nowhere",
    ]);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "done",
      "done",
      "[['1', '\u6570\u636e \u{1f600}'], ['2', 'None']]",
      "[['922337203685477.5807']]",
      "[['1.5']]",
      "[['True']]",
      "[['9007199254740993']]",
      "[['2026-03-10 10:00:00.250000']]",
      "[['2026-03-10']]",
      "[['2026-03-10 10:00:00.123456']]",
      "error 208 Invalid object name 'nowhere'.",
    ], stderr);
    const refused = await asPython("guessed", ["SELECT 1"]);
    assert.match(refused.stdout, /^refused Login failed for user 'carillon'\./, refused.stderr);
  },
});
