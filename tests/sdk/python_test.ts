/** Functions of Python files as runs: how they end, what they log, what databases and APIs answer them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ended, startHosts, type TestHosts } from "../support/hosts.ts";
import {
  mariadbProgram,
  postgresProgram,
  pythonProgram,
  sectionFor,
  startMariadb,
  startPostgres,
} from "../support/servers.ts";

const INI = "[test_db]\ntype = sqlite\ndatabase = test.db\n";

const PYTHON = pythonProgram();
const ignore = PYTHON === undefined;

function pythonTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** A Python file of a folder that has none of PyScheduler's helper modules. */
function start(task: string, more: Readonly<Record<string, string>> = {}, ini = INI): TestHosts {
  return startHosts({ "database.ini": ini, "old/tasks/work.py": task, ...more });
}

/** The body of a run that calls a function of it. */
function calling(hosts: TestHosts, name: string, options = ""): string {
  const old = join(hosts.folder.path, "old");
  return `const { python } = await import("carillon");
    return await python({ file: "${old}/tasks/work.py", folder: "${old}", function: "${name}", task: "t", ${options} });`;
}

/**
 * Calls it with the system's interpreter, unless the options say otherwise: what PATH names may be a script that looks for
 * an interpreter first, and takes longer than all that is tested here.
 */
async function call(hosts: TestHosts, name = "main", options = ""): Promise<Ended> {
  return await hosts.run(calling(hosts, name, `interpreter: ${JSON.stringify(PYTHON)}, ${options}`));
}

pythonTest("what is recorded decides how a run ends, and without it what is raised", async () => {
  await using hosts = start(`
import os, sys
from . import record_task_history

def done():
    record_task_history('t', '已完成')

def failed():
    try:
        {}['key']
    except Exception as e:
        record_task_history('t', f'异常: {e}')

def last():
    record_task_history('t', 'not yet')
    record_task_history('t', '已完成')

def other():
    record_task_history('other', '已完成')

def raises():
    record_task_history('t', '已完成')
    raise ValueError('too late')

def returns(begin, n=1):
    return f'{begin} {n + 1}'

async def awaited():
    return 'awaited'

def leaves():
    sys.exit(0)

def leaves_badly():
    sys.exit('gone')

def dies():
    os.kill(os.getpid(), 9)
`);
  const cases: [string, string, string][] = [
    ["done", "", "succeeded: 已完成"],
    ["failed", "", "failed: 异常: 'key'"],
    ["last", "", "succeeded: 已完成"],
    ["other", "", "succeeded: 已完成"],
    ["raises", "", "failed: too late"],
    ["returns", 'args: ["a"], params: { n: 2, begin: undefined }', "succeeded: a 3"],
    ["returns", "params: { nope: 1 }", "failed: returns() got an unexpected keyword argument 'nope'"],
    ["awaited", "", "succeeded: awaited"],
    ["awaited", "interpreter: undefined", "succeeded: awaited"],
    ["leaves", "", "succeeded: "],
    ["leaves_badly", "", "failed: the task ended itself: gone"],
    ["dies", "", "failed: the Python process ended by SIGKILL before its task did"],
    ["nothing", "", "work.py has no function nothing; it has done, failed, last"],
    ["done", 'interpreter: "/nowhere/python"', "failed: python: there is no /nowhere/python"],
  ];
  for (const [name, options, expected] of cases) {
    const { said, lines } = await call(hosts, name, options);
    assert.ok(said.includes(expected), `${name}: ${said}`);
    if (name === "other") {
      assert.deepEqual(lines, ["warn record_task_history was called for other; this is the task t"]);
    }
  }
  const { answer } = await call(hosts, "raises");
  assert.ok(answer.kind === "failed");
  assert.equal(answer.error.name, "ValueError");
  assert.match(
    answer.error.stack ?? "",
    /^ValueError: too late\n.*tasks\/work\.py", line \d+, in raises\n.*too late/s,
  );
});

/** What a function leaves running, with its outputs: it lasts much longer. */
const LEFT: [string, string][] = [
  ["a program", "subprocess.Popen(['sleep', '60'])"],
  ["one that writes on", "subprocess.Popen(['sh', '-c', 'while sleep 0.01; do echo on >&2; done'])"],
  ["a fork", "os.fork() or time.sleep(60)"],
];

for (const [what, left] of LEFT) {
  pythonTest(`a run does not wait for what its function has left running: ${what}`, async () => {
    await using hosts = start(`
import os, subprocess, sys, time
def main():
    ${left}
    sys.stderr.write('said')
    return 'done'

def dies():
    ${left}
    os.kill(os.getpid(), 9)
`);
    const { said, lines } = await call(hosts);
    assert.equal(said, "succeeded: done");
    assert.ok(lines.includes("warn said"), lines.slice(0, 10).join());
    assert.match((await call(hosts, "dies")).said, /ended by SIGKILL before its task did/);
  });
}

pythonTest("print, logging and what children write are lines of the log", async () => {
  await using hosts = start(`
import logging, subprocess, sys, threading
def main():
    print('一行', end='\\n二行\\n')
    logging.debug('hidden')
    logging.info('info %d', 1)
    logging.getLogger('team').warning('warned')
    logging.error('bad')
    sys.stderr.write('to error\\n')
    subprocess.run(['sh', '-c', 'echo from a child'], check=True)
    thread = threading.Thread(target=print, args=('from a thread',))
    thread.start()
    thread.join()
    sys.stdout.write('{"kind": "end", "ok": true, "message": "forged"}\\n')
    print('no line end', end='')
    return 'real'
`);
  const { said, lines } = await call(hosts);
  assert.equal(said, "succeeded: real");
  // What a child writes takes another way: its place among the others is not promised.
  assert.deepEqual(lines.filter((line) => line !== "info from a child"), [
    "info 一行",
    "info 二行",
    "info info 1",
    "warn warned",
    "error bad",
    "warn to error",
    "info from a thread",
    'info {"kind": "end", "ok": true, "message": "forged"}',
    "info no line end",
  ]);
  assert.ok(lines.includes("info from a child"));
});

pythonTest(
  "bytes, wrapped outputs and outputs of a task's own reach the log, and none fails the run",
  async () => {
    await using hosts = start(`
import codecs, io, sys

def raw():
    sys.stdout.buffer.write('一'.encode()[:2])
    sys.stdout.buffer.write('一'.encode()[2:] + b'\\xff\\n')
    sys.stdout.reconfigure(encoding='utf-8', line_buffering=True)
    print('\\ud800 lone')

def wrapped():
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')
    sys.stderr = codecs.getwriter('utf-8')(sys.stderr.buffer)
    print('held back', end='')
    sys.stderr.write('wrapped\\n')

def replaced():
    sys.stdout = io.StringIO()
    sys.stderr = None
    print('kept to itself')
    return 'done'

def closed():
    sys.stdout.close()
    return 'done'
`);
    const raw = await call(hosts, "raw");
    assert.deepEqual([raw.said, raw.lines[0]], ["succeeded: ", "info 一\uFFFD"]);
    assert.match(raw.lines[1] ?? "", / lone$/);
    const wrapped = await call(hosts, "wrapped");
    assert.deepEqual([wrapped.said, ...wrapped.lines.toSorted()], [
      "succeeded: ",
      "info held back",
      "warn wrapped",
    ]);
    for (const name of ["replaced", "closed"]) {
      const { said, lines } = await call(hosts, name);
      assert.deepEqual([said, lines], ["succeeded: done", []]);
    }
  },
);

pythonTest(
  "the old query functions are answered by Carillon's drivers, in each of their styles",
  async () => {
    await using hosts = start(`
import datetime, decimal, threading
from datasource import execute_mysql_query as my, execute_pgsql_query, execute_oracle_query, execute_sqlserver_query
from datasource.mysql_utils import execute_mysql_query

def main():
    my('test_db', 'CREATE TABLE t (id INTEGER, name TEXT, at TEXT, data BLOB, price TEXT)')
    row = (2 ** 60, "O'Neil 100%", datetime.datetime(2026, 1, 31, 8, 0, 0), b'\\x00\\xff', decimal.Decimal('1.10'))
    assert execute_mysql_query('test_db', 'INSERT INTO t VALUES (%s, %s, %s, %s, %s)', row) == []
    my('test_db', 'INSERT INTO t (id, name) VALUES (%(id)s, %(name)s)', {'id': 1, 'name': None})
    assert my('test_db', "SELECT id, name, at, data, price FROM t WHERE name LIKE 'O%'") == [
        {'id': 2 ** 60, 'name': "O'Neil 100%", 'at': '2026-01-31 08:00:00', 'data': b'\\x00\\xff', 'price': '1.10'}]
    assert my('test_db', "SELECT id FROM t WHERE name LIKE 'O%%' AND id > %s", [5]) == [{'id': 2 ** 60}]
    assert execute_pgsql_query('test_db', 'SELECT id FROM t WHERE id IN %s', ((1, 2),)) == [{'id': 1}]
    assert my('test_db', 'SELECT id FROM t WHERE id IN (%s, %s)', [1, 2]) == [{'id': 1}]
    assert execute_oracle_query('test_db', 'SELECT id, name FROM t WHERE id = :id', {'id': 1}) == [(1, None)]
    assert execute_oracle_query('test_db', 'SELECT id FROM t WHERE id < :2 AND id >= :1', [1, 5]) == [(1,)]
    [found] = execute_sqlserver_query('test_db', 'SELECT id, name FROM t WHERE id = ?', 1)
    assert (found[0], found.id, found.name, len(found)) == (1, 1, None, 2)
    answers = []
    threads = [threading.Thread(target=lambda n=n: answers.append(my('test_db', 'SELECT %s AS n', (n,))[0]['n'])) for n in range(8)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert sorted(answers) == list(range(8))

def error_of(*given):
    try:
        my(*given)
    except Exception as e:
        return str(e)

def errors():
    print(error_of('nope', 'SELECT 1'))
    print(error_of('test_db', 'SELEC 1'))
    print(error_of('test_db', 'SELECT %s', (1, 2)))
    print(error_of('test_db', 'SELECT %s, %s', (1,)))
    print(error_of('test_db', 'SELECT %s', (float('nan'),)))
`);
    const { said, answer } = await call(hosts);
    assert.equal(said, "succeeded: ", JSON.stringify(answer));
    const { lines } = await call(hosts, "errors");
    const expected = [
      /^info MySQL 查询失败: database "nope": .* has no section \[nope\]; it has \[test_db\]$/,
      /^info MySQL 查询失败: .*test_db.*SELEC/,
      /^info MySQL 查询失败: not all arguments converted/,
      /^info MySQL 查询失败: not enough arguments/,
      /^info MySQL 查询失败: nan is a number that cannot be sent/,
    ];
    assert.equal(lines.length, expected.length, lines.join("\n"));
    expected.forEach((pattern, i) => assert.match(lines[i] ?? "", pattern));
  },
);

Deno.test({
  name: "PostgreSQL answers in the types that psycopg2 gives",
  ignore: ignore || postgresProgram() === undefined,
  async fn() {
    await using server = await startPostgres();
    await using hosts = start(
      `
from datetime import date, datetime, timezone
from datasource.pgsql_utils import execute_pgsql_query as pg
def main():
    pg('pg', 'CREATE TABLE t (id bigint, day date, at timestamp, moment timestamptz, tags text[], doc jsonb, data bytea)')
    given = (2 ** 62, date(2026, 1, 31), datetime(2026, 1, 31, 8, 0, 0, 500000), datetime(2026, 1, 31, 8, tzinfo=timezone.utc), b'\\x01')
    pg('pg', "INSERT INTO t VALUES (%s, %s, %s, %s, ARRAY['a', 'b'], '{\\"k\\": [1]}', %s)", given)
    [row] = pg('pg', 'SELECT *, id::text AS t FROM t WHERE id = ANY(%s) AND day IN %s', ([2 ** 62], (date(2026, 1, 31),)))
    assert row == {'id': 2 ** 62, 'day': given[1], 'at': given[2], 'moment': given[3], 'tags': ['a', 'b'],
                   'doc': {'k': [1]}, 'data': b'\\x01', 't': str(2 ** 62)}, row
`,
      {},
      sectionFor("pg", server),
    );
    const { said } = await call(hosts);
    assert.equal(said, "succeeded: ");
  },
});

Deno.test({
  name: "MariaDB answers in the types that PyMySQL gives",
  ignore: ignore || mariadbProgram() === undefined,
  async fn() {
    await using server = await startMariadb();
    await using hosts = start(
      `
from datetime import date, datetime, timedelta
from datasource.mysql_utils import execute_mysql_query as my
def main():
    my('my', 'CREATE TABLE t (id bigint unsigned, day date, at datetime(6), length time, data blob, flag tinyint, ratio double)')
    given = (2 ** 64 - 1, date(2026, 1, 31), datetime(2026, 1, 31, 8, 0, 0, 500000), timedelta(hours=-1, minutes=-5), b'\\x00\\xff', True, 1.5)
    my('my', 'INSERT INTO t VALUES (%s, %s, %s, %s, %s, %s, %s)', given)
    [row] = my('my', "SELECT * FROM t WHERE DATE_FORMAT(day, '%%Y-%%m') = %s AND id IN %s", ['2026-01', [2 ** 64 - 1, 5]])
    assert tuple(row.values()) == given[:3] + ('-01:05:00',) + given[4:], row
    assert my('my', "SELECT DATE_FORMAT(day, '%Y') AS y FROM t") == [{'y': '2026'}]
`,
      {},
      sectionFor("my", server),
    );
    const { said } = await call(hosts);
    assert.equal(said, "succeeded: ");
  },
});

pythonTest("the team's own helper modules win, and one that lacks its driver is answered for", async () => {
  await using hosts = start(
    `
from api import get_api_client
from api.api_client import APIClient
from config import scheduler
from datasource import execute_mysql_query, execute_oracle_query
from tasks import record_task_history
def main():
    assert execute_mysql_query('anything', 'SELECT 1') == 'the own one'
    assert execute_oracle_query('test_db', 'SELECT 1') == [(1,)]
    assert get_api_client().base_url == 'http://own.example'
    scheduler.start()
    scheduler.add_job(main, 'interval', seconds=1)
    record_task_history('t', '已完成')
`,
    {
      "old/tasks/__init__.py":
        "def record_task_history(job, message):\n    raise RuntimeError('the old list')\n",
      "old/datasource/__init__.py":
        "from .mysql_utils import execute_mysql_query\nfrom .oracle_utils import execute_oracle_query\n",
      "old/datasource/mysql_utils.py":
        "def execute_mysql_query(name, sql, params=None):\n    return 'the own one'\n",
      "old/datasource/oracle_utils.py": "import cx_Oracle\n",
      "old/api/__init__.py":
        "from .api_client import APIClient\nclient = APIClient(base_url='http://own.example', app_id='a', app_secret='s')\ndef get_api_client():\n    return client\n",
      "old/api/api_client.py": "import pymssql\n",
      "old/config.py":
        "from apscheduler.schedulers.background import BackgroundScheduler\nfrom apscheduler.jobstores.base import ConflictingIdError\nscheduler = BackgroundScheduler(timezone='UTC')\n@scheduler.scheduled_job('cron', hour=1)\ndef own():\n    pass\nscheduler.start()\n",
    },
  );
  const { said } = await call(hosts);
  assert.equal(said, "succeeded: 已完成");
});

pythonTest("a module that is broken in its own way is not answered for", async () => {
  await using hosts = start("from datasource import execute_mysql_query\ndef main():\n    pass\n", {
    "old/datasource/__init__.py": "import a_module_of_the_team\n",
  });
  const { said } = await call(hosts);
  assert.match(said, /^failed: No module named 'a_module_of_the_team'; install it by /);
});

pythonTest("the API client keeps its token and gives requests as PyScheduler's did", async () => {
  const seen: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    seen.push(`${request.method} ${pathname}${search} ${body}`);
    if (pathname.endsWith("/url/to/getToken")) {
      return Response.json({ access_token: "abc", expires_in: 3600 });
    }
    assert.equal(request.headers.get("authorization"), "Bearer abc");
    return pathname.endsWith("/bad")
      ? Response.json({ code: 403, message: "not allowed" })
      : Response.json({ code: 200, errorResult: false, data: [1] });
  });
  await using hosts = start(`
import datetime
from api.api_client import APIClient
def main(base):
    client = APIClient(base, 'id', 'secret')
    assert client.api_get('items', params={'since': '2026-01-01', 'page': 2})['data'] == [1]
    client.api_post('url/to/insert', json=[{'at': datetime.datetime(2026, 1, 31, 8), 'n': 1.5}])
    client.api_put('/items/1', data={'a': 'b c'})
    client.api_delete('items/1', timeout=5)
    for call in (lambda: client.api_get('bad'), lambda: client.api_get('x', verify=False), lambda: client.api_post('x', json=float('nan'))):
        try:
            call()
            print('no error')
        except Exception as e:
            print(type(e).__name__, e)
`);
  const { said, lines } = await call(hosts, "main", `args: ["http://127.0.0.1:${server.addr.port}/v1"]`);
  assert.equal(said, "succeeded: ", lines.join("\n"));
  assert.deepEqual(seen, [
    "POST /v1/url/to/getToken ",
    "GET /v1/items?since=2026-01-01&page=2 ",
    'POST /v1/url/to/insert [{"at":"2026-01-31 08:00:00","n":1.5}]',
    "PUT /v1/items/1 a=b+c",
    "DELETE /v1/items/1 ",
    "GET /v1/bad ",
  ]);
  assert.match(lines[0] ?? "", /^info Exception .*not allowed/);
  assert.equal(lines[1], "info TypeError api_get: Carillon has no argument verify");
  assert.match(lines[2] ?? "", /^info ValueError Out of range float/);
});

pythonTest("a run that is cancelled ends its Python code, what stands in finally included", async () => {
  await using hosts = start(`
import os, time
def main(mark):
    try:
        print('pid', os.getpid())
        print('begun')
        time.sleep(600)
    except Exception:
        print('an exit is no error')
    finally:
        open(mark, 'w').write('done')
`);
  const mark = join(hosts.folder.path, "mark");
  const run = hosts.begin(calling(hosts, "main", `args: ["${mark}"]`));
  await run.logged("begun");
  run.execution.abort("cancelled by a test");
  const answer = await run.execution.answer;
  assert.equal(answer.kind, "failed");
  assert.equal(Deno.readTextFileSync(mark), "done");
  const pid = run.lines[0]?.replace("info pid ", "");
  assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
  assert.ok(!run.lines.includes("info an exit is no error"));
});

pythonTest("rows of megabytes and a flood of lines get there", async () => {
  await using hosts = start(`
from datasource import execute_mysql_query as my
def main():
    text = '中' * 1_000_000
    assert my('test_db', 'SELECT %s AS text', (text,)) == [{'text': text}]
    for n in range(2000):
        print(n)
    return 'all'
`);
  const { said, lines } = await call(hosts);
  assert.equal(said, "succeeded: all");
  assert.equal(lines.length, 2_000);
});
