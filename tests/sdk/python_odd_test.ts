/** Python code of all kinds, as teams have it: what is called, how it ends, what it writes, what it asks of databases. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ended, startHosts, type TestHosts } from "../support/hosts.ts";
import { PYTHON_PROGRAM } from "../../app/sdk/python/program.ts";
import { pythonProgram } from "../support/servers.ts";

/** The system's own: what PATH names may be a script that looks for an interpreter first, which takes ten times as long. */
const PYTHON = pythonProgram();
const ignore = PYTHON === undefined;

interface Case {
  readonly code: string;
  /** How the run ends: `succeeded: …` or `failed: …`; a part of it where it is a pattern. */
  readonly ends: string | RegExp;
  readonly lines?: readonly (string | RegExp)[];
  readonly params?: Readonly<Record<string, unknown>>;
  readonly function?: string;
  /** Other files of the folder. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Which statement of the oldest Python that is supported lacks something, if so. */
  readonly needs?: readonly [major: number, minor: number];
}

async function call(hosts: TestHosts, each: Case): Promise<Ended> {
  const folder = join(hosts.folder.path, "old");
  Deno.removeSync(folder, { recursive: true });
  for (const [path, text] of Object.entries({ "tasks/work.py": each.code, ...each.files })) {
    const file = hosts.folder.write(`old/${path}`, "");
    Deno.writeFileSync(file, typeof text === "string" ? new TextEncoder().encode(text) : text);
  }
  const options = {
    file: join(folder, "tasks/work.py"),
    folder,
    function: each.function ?? "main",
    task: "t",
    params: each.params ?? {},
    interpreter: PYTHON,
  };
  return await hosts.run(
    `const { python } = await import("carillon"); return await python(${JSON.stringify(options)});`,
  );
}

/** The 11 of Python 3.11. */
function pythonMinor(): number {
  const args = ["-c", "import sys; print(sys.version_info[1])"];
  return Number(new TextDecoder().decode(new Deno.Command(PYTHON ?? "", { args }).outputSync().stdout));
}

function table(name: string, cases: Readonly<Record<string, Case>>): void {
  Deno.test({
    name,
    ignore,
    async fn(t) {
      await using hosts = startHosts({
        "database.ini": "[test_db]\ntype = sqlite\ndatabase = test.db\n",
        "old/x": "",
      });
      const minor = pythonMinor();
      for (const [what, each] of Object.entries(cases)) {
        await t.step({
          name: what,
          ignore: (each.needs?.[1] ?? 0) > minor,
          fn: async () => {
            const { said, lines } = await call(hosts, each);
            if (typeof each.ends === "string") assert.equal(said, each.ends, lines.join("\n"));
            else assert.match(said, each.ends, lines.join("\n"));
            if (!each.lines) return;
            assert.equal(lines.length, each.lines.length, lines.join("\n"));
            each.lines.forEach((line, i) => {
              if (typeof line === "string") assert.equal(lines[i], line);
              else assert.match(lines[i] ?? "", line);
            });
          },
        });
      }
    },
  });
}

Deno.test("nothing in the program makes pyenv take it for pip, and run it as a child that signals do not reach", () => {
  assert.doesNotMatch(PYTHON_PROGRAM, /\s-m\s+pip\s/);
});

const GBK = new Uint8Array([
  ...new TextEncoder().encode("# -*- coding: gbk -*-\ndef main():\n    return '"),
  0xd6,
  0xd0,
  ...new TextEncoder().encode("'\n"),
]);

table("whatever can be called is called, and run to its end", {
  "a generator": {
    code: "def main():\n    print('begun')\n    yield 1\n    print('over')\n    return 5\n",
    ends: "succeeded: 5",
    lines: ["info begun", "info over"],
  },
  "an asynchronous generator": {
    code: "async def main():\n    yield 1\n    print('over')\n",
    ends: "succeeded: ",
    lines: ["info over"],
  },
  "a coroutine with a loop of its own inside": {
    code:
      "import asyncio\nasync def part(n):\n    await asyncio.sleep(0)\n    return n\nasync def main():\n    return sum(await asyncio.gather(part(1), part(2)))\n",
    ends: "succeeded: 3",
  },
  "parameters by place only, by name only, and any others": {
    code: "def main(a, /, b, *, c=3, **more):\n    return [a, b, c, more]\n",
    params: { a: 1, b: 2, d: null },
    ends: 'succeeded: [1, 2, 3, {"d": null}]',
    needs: [3, 8],
  },
  "each type that JSON has": {
    code:
      "def main(**given):\n    return ' '.join(sorted('%s=%s' % (k, type(v).__name__) for k, v in given.items()))\n",
    params: { s: "", i: 1, f: 1.5, b: false, n: null, l: [1], o: { "class": {} }, "a-b": "中\u0000" },
    ends: "succeeded: a-b=str b=bool f=float i=int l=list n=NoneType o=dict s=str",
  },
  "a decorated function": {
    code:
      "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        return f(*a, **k) * 2\n    return inner\n@twice\ndef main(n):\n    return n\n",
    params: { n: 4 },
    ends: "succeeded: 8",
  },
  "an object with __call__": {
    code: "class C:\n    def __call__(self, n=1):\n        return n\nmain = C()\n",
    ends: "succeeded: 1",
  },
  "a method of an object": {
    code: "class C:\n    def go(self):\n        return 'gone'\njob = C()\n",
    function: "job.go",
    ends: "succeeded: gone",
  },
  "a class, which is only made": { code: "class main:\n    pass\n", ends: "succeeded: " },
  "a partial": {
    code: "import functools\nmain = functools.partial(pow, 2)\n",
    ends: /^failed: .*(?:argument|parameter)/,
  },
  "what is no function": {
    code: "main = 5\n",
    ends: /^failed: .*tasks\/work\.py: main is no function, but of type int$/,
  },
  "relative imports in packages with __init__": {
    code:
      "from .part import a\nfrom . import part\nfrom common.deep import b\ndef main():\n    return a + part.a + b\n",
    files: {
      "tasks/__init__.py": "",
      "tasks/part.py": "a = 'a'\n",
      "common/__init__.py": "",
      "common/deep.py": "b = 'b'\n",
    },
    ends: "succeeded: aab",
  },
  "what stands below __main__ is not run": {
    code: "def main():\n    return 'called'\nif __name__ == '__main__':\n    raise SystemExit(9)\n",
    ends: "succeeded: called",
  },
});

table("how Python code ends is how the run ends", {
  "sys.exit(1)": {
    code: "import sys\ndef main():\n    sys.exit(1)\n",
    ends: "failed: the task ended itself: 1",
  },
  "sys.exit(143), which nobody else has asked for": {
    code: "import sys\ndef main():\n    sys.exit(143)\n",
    ends: "failed: the task ended itself: 143",
  },
  "exit() without a code": { code: "def main():\n    exit()\n", ends: "succeeded: " },
  "SystemExit in a thread ends the thread": {
    code:
      "import sys, threading\ndef main():\n    t = threading.Thread(target=sys.exit, args=(3,))\n    t.start()\n    t.join()\n    return 'went on'\n",
    ends: "succeeded: went on",
  },
  "os._exit": {
    code: "import os\ndef main():\n    os._exit(3)\n",
    ends: "failed: the Python process ended with code 3 before its task did",
  },
  "a signal handler of its own": {
    code:
      "import os, signal\ndef main():\n    signal.signal(signal.SIGTERM, lambda *_: print('asked'))\n    os.kill(os.getpid(), signal.SIGTERM)\n    return 'went on'\n",
    ends: "succeeded: went on",
    lines: ["info asked"],
  },
  "a pool that nobody has closed": {
    code:
      "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\ndef main():\n    pool.submit(print, 'in the pool')\n    return 'done'\n",
    ends: "succeeded: done",
    lines: ["info in the pool"],
  },
  "a thread that records at last": {
    code:
      "import threading\nfrom tasks import record_task_history\ngo = threading.Event()\ndef late():\n    go.wait()\n    record_task_history('t', 'half of it')\ndef main():\n    threading.Thread(target=late).start()\n    threading.Thread(target=go.set).start()\n",
    ends: "failed: half of it",
  },
  "a child process that records": {
    code:
      "import multiprocessing\nfrom tasks import record_task_history\ndef part():\n    record_task_history('t', 'part 2 failed')\ndef main():\n    p = multiprocessing.get_context('fork').Process(target=part)\n    p.start()\n    p.join()\n",
    ends: "failed: part 2 failed",
  },
  "recorded by the name that the history has": {
    code: "from tasks import record_task_history\ndef main():\n    record_task_history('t', status='bad')\n",
    ends: "failed: bad",
  },
  "an empty message": {
    code: "from tasks import record_task_history\ndef main():\n    record_task_history('t', '')\n",
    ends: "failed: an empty message was recorded",
  },
  "a fork that comes back twice": {
    code:
      "import os\ndef main():\n    if os.fork() == 0:\n        return 'child'\n    os.wait()\n    return 'parent'\n",
    ends: "succeeded: parent",
    lines: [],
  },
  "an error at exit": {
    code:
      "import atexit\ndef main():\n    atexit.register(lambda: 1 / 0)\n    atexit.register(print, 'bye')\n    return 'done'\n",
    ends: "succeeded: done",
  },
  "input": {
    code: "def main():\n    input('name? ')\n",
    ends: "failed: it asks for input, and nobody is there to give it; make it a parameter of the task",
    lines: ["info name? "],
  },
});

table("results and errors are told in words", {
  "dates, decimals, sets and bytes in a dictionary": {
    code:
      "import datetime, decimal\ndef main():\n    return {'at': datetime.datetime(2026, 1, 31), 'd': decimal.Decimal('1.10'), 's': {1}, 'b': b'x', 't': (1, None)}\n",
    ends: 'succeeded: {"at": "2026-01-31 00:00:00", "d": "1.10", "s": [1], "b": "x", "t": [1, null]}',
  },
  "what JSON has no form for": {
    code: "def main():\n    return [float('nan')]\n",
    ends: "succeeded: [nan]",
  },
  "a list that holds itself": {
    code: "def main():\n    a = []\n    a.append(a)\n    return a\n",
    ends: "succeeded: [[...]]",
  },
  "an object without a text": {
    code: "class X:\n    def __str__(self):\n        raise ValueError\ndef main():\n    return X()\n",
    ends: "succeeded: <X, whose text cannot be made: ValueError>",
  },
  "five million characters": {
    code: "def main():\n    return 'x' * 5000000\n",
    ends: /^succeeded: x+\.\.\. \(4999\d+ more characters\)$/,
  },
  "half of a pair": { code: "def main():\n    return 'a\\ud800b'\n", ends: /^succeeded: a.b$/ },
  "an error without a text": {
    code:
      "class E(Exception):\n    def __str__(self):\n        raise ValueError\ndef main():\n    raise E()\n",
    ends: "failed: <E, whose text cannot be made: ValueError>",
  },
  "notes": {
    code: "def main():\n    e = ValueError('bad row')\n    e.add_note('row 7')\n    raise e\n",
    ends: "failed: bad row\nrow 7",
    needs: [3, 11],
  },
  "what a failed command has said": {
    code:
      "import subprocess\ndef main():\n    subprocess.run(['sh', '-c', 'echo why >&2; exit 3'], check=True, stderr=subprocess.PIPE)\n",
    ends: /^failed: Command .* returned non-zero exit status 3/,
    lines: ["warn why"],
  },
  "a module that is not installed": {
    code: "import yaml_nowhere\ndef main():\n    pass\n",
    ends: /^failed: No module named 'yaml_nowhere'; install it by ".+ -m pip install yaml_nowhere"$/,
  },
  "a module that lies beside": {
    code: "import part\ndef main():\n    pass\n",
    files: { "tasks/part.py": "" },
    ends: `failed: No module named 'part'; it lies beside the file: write "from tasks import part"`,
  },
  "a module that is caught": {
    code:
      "try:\n    import yaml_nowhere\nexcept ImportError:\n    yaml_nowhere = None\ndef main():\n    return str(yaml_nowhere)\n",
    ends: "succeeded: None",
  },
  "a syntax error": {
    code: "def main():\n    return 1 +\n",
    ends: /^failed: .*tasks\/work\.py, line 2: .*\(Python 3\.\d+\)$/,
  },
  "a syntax error in what is imported": {
    code: "from . import part\ndef main():\n    pass\n",
    files: { "tasks/part.py": "x = 1\ndef f(:\n" },
    ends: /^failed: .*tasks\/part\.py, line 2: invalid syntax/,
  },
  "another encoding, named": { code: "", files: { "tasks/work.py": GBK }, ends: "succeeded: 中" },
  "another encoding, not named": {
    code: "",
    files: { "tasks/work.py": GBK.subarray(22) },
    ends: /^failed: .*tasks\/work\.py, line 2: it is not in UTF-8; save it as UTF-8, or name its encoding/,
  },
  "a byte order mark, Windows' line ends and tabs": {
    code: "\uFEFFdef main():\r\n\tif True:\r\n\t\treturn '一'\r\n",
    ends: "succeeded: 一",
  },
  "no such file": {
    code: "",
    files: { "tasks/__init__.py": "" },
    function: "main",
    ends: /^failed: .*work\.py has no function main; it has none$/,
  },
});

table("what Python code writes is the log, line by line", {
  "lines without an end, and a line beyond all bounds": {
    code:
      "import sys\ndef main():\n    for _ in range(19999):\n        sys.stdout.write('y' * 100)\n    print()\n    print('a', end='')\n    print('b', end='')\n",
    ends: "succeeded: ",
    lines: [...Array(125).fill(/^info y{15900,16000}$/), "info ab"],
  },
  "bytes of all kinds": {
    code: "import sys\ndef main():\n    sys.stdout.buffer.write(bytes(range(256)) + b'\\n')\n",
    ends: "succeeded: ",
    lines: [/^info \0/, /^info .*ABC/],
  },
  "a progress bar is its last state": {
    code:
      "import sys\ndef main():\n    for n in range(0, 101, 10):\n        sys.stderr.write('\\r%3d%%|' % n)\n    sys.stderr.write('\\n')\n    print('one\\r\\ntwo\\r')\n",
    ends: "succeeded: ",
    lines: ["warn 100%|", "info one", "info two"],
  },
  "basicConfig sets the level, and adds no second line": {
    code:
      "import logging\nlogging.basicConfig(level=logging.DEBUG, format='%(asctime)s %(message)s')\ndef main():\n    logging.debug('d')\n    logging.error('e')\n",
    ends: "succeeded: ",
    lines: ["debug d", "error e"],
  },
  "basicConfig with a file writes the file too": {
    code:
      "import logging\nlogging.basicConfig(filename='own.log', level=logging.INFO)\ndef main():\n    logging.info('i')\n    return open('own.log').read().strip()\n",
    ends: "succeeded: INFO:root:i",
    lines: ["info i"],
  },
  "a handler of its own writes each line once, with its level": {
    code:
      "import logging\nteam = logging.getLogger('team')\nhandler = logging.StreamHandler()\nhandler.setFormatter(logging.Formatter('[%(name)s] %(message)s'))\nteam.addHandler(handler)\nteam.setLevel(logging.DEBUG)\ndef main():\n    team.debug('d')\n    team.error('e')\n",
    ends: "succeeded: ",
    lines: ["debug [team] d", "error [team] e"],
  },
  "dictConfig": {
    code:
      "import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': {'c': {'class': 'logging.StreamHandler'}}, 'root': {'handlers': ['c'], 'level': 'DEBUG'}})\ndef main():\n    logging.getLogger('a').warning('w')\n",
    ends: "succeeded: ",
    lines: ["warn w"],
  },
  "warnings": {
    code: "import warnings\ndef main():\n    warnings.warn('old way')\n",
    ends: "succeeded: ",
    lines: [/^warn .*work\.py:3: UserWarning: old way$/, /^warn {3}warnings\.warn/],
  },
  "children made by fork do not mix their lines": {
    code:
      "import multiprocessing\ndef part(n):\n    for _ in range(50):\n        print('part', n, 'of', 'it')\ndef main():\n    with multiprocessing.get_context('fork').Pool(4) as pool:\n        pool.map(part, range(4))\n",
    ends: "succeeded: ",
    lines: Array(200).fill(/^info part [0-3] of it$/),
  },
});

table("query helpers take and give what drivers do, or say what is wrong", {
  "a section that is not there": {
    code:
      "from datasource import execute_pgsql_query\ndef main():\n    execute_pgsql_query('sales', 'SELECT 1')\n",
    ends: /^failed: PostgreSQL 查询失败: database "sales": .* has no section \[sales\]; it has \[test_db\]$/,
  },
  "two hundred thousand rows": {
    code:
      "from datasource import execute_mysql_query as q\ndef main():\n    rows = q('test_db', 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i, i * 2 AS twice FROM n')\n    return '%d %d %s' % (len(rows), sum(r['twice'] for r in rows), rows[-1])\n",
    ends: "succeeded: 200000 40000200000 {'i': 200000, 'twice': 400000}",
  },
  "none, decimals, dates and texts as parameters and columns": {
    code:
      "import datetime, decimal\nfrom datasource import execute_mysql_query as q\ndef main():\n    given = (None, decimal.Decimal('1.10'), datetime.date(2026, 1, 31), datetime.datetime(2026, 1, 31, 8), True, 1.5, '%s')\n    [row] = q('test_db', 'SELECT %s AS a, %s AS b, %s AS c, %s AS d, %s AS e, %s AS f, %s AS g', given)\n    return list(row.values())\n",
    ends: 'succeeded: [null, "1.10", "2026-01-31", "2026-01-31 08:00:00", 1, 1.5, "%s"]',
  },
  "a child process that asks": {
    code:
      "import multiprocessing\nfrom datasource import execute_mysql_query as q\ndef part():\n    try:\n        q('test_db', 'SELECT 1')\n    except Exception as e:\n        print(e)\ndef main():\n    p = multiprocessing.get_context('fork').Process(target=part)\n    p.start()\n    p.join()\n",
    ends: "succeeded: ",
    lines: ["info a child process cannot speak to Carillon; do it in the task's own process"],
  },
});
