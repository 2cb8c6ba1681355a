/** config.py of PyScheduler, read as text: jobs, triggers that fire as APScheduler's do, and what is not carried over. */
import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { type ConfigFile, readConfigFile } from "../../app/task/pyscheduler/config_file.ts";
import { usedTypes, withTypes } from "../../app/task/pyscheduler/database_file.ts";
import { taskFile } from "../../app/task/pyscheduler/task_file.ts";
import { fc } from "../support/fast_check.ts";
import { DOCUMENTED, PYSCHEDULER_FOLDER } from "../support/pyscheduler_folder.ts";

const MODULES = ["tasks", "tasks.orders", "tasks.sync_tasks", "jobs", "jobs.daily", "jobs.daily.one"];

function read(text: string): ConfigFile {
  return readConfigFile(text, "config", (name) => MODULES.includes(name));
}

/** What is said of a text, with the lines. */
function said(text: string): string[] {
  return read(text).problems.map(({ line, text }) => `${line}: ${text}`);
}

function triggers(text: string): (string | undefined)[] {
  const { jobs, problems } = read(text);
  assert.deepEqual(problems, []);
  return jobs.map(({ trigger }) => trigger?.code);
}

const PYTHON = "/usr/bin/python3";
/** Fires of each trigger after each moment, as APScheduler has them; an interval without a start begins at the anchor. */
const ORACLE = `
import json, sys
from datetime import datetime, timedelta
import pytz
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
given = json.load(sys.stdin)
anchor = datetime.fromtimestamp(given["anchor"], pytz.utc)
def make(kind, **kw):
    zone = pytz.timezone(kw.pop("timezone", "UTC"))
    if kind == "cron":
        return zone, CronTrigger(timezone=zone, **kw)
    length = timedelta(**{k: v for k, v in kw.items() if k in ("weeks", "days", "hours", "minutes", "seconds")})
    kw.setdefault("start_date", anchor + length)
    return zone, IntervalTrigger(timezone=zone, **kw)
answer = {}
for name, text in given["triggers"]:
    zone, trigger = eval("make(%s)" % text)
    answer[name] = fires = []
    for after in given["after"]:
        now, previous = datetime.fromtimestamp(after, pytz.utc).astimezone(zone) + timedelta(microseconds=1), None
        for _ in range(5):
            previous = trigger.get_next_fire_time(previous, now)
            if previous is None:
                break
            fires.append(int(previous.timestamp()))
            now = previous
print(json.dumps(answer))
`;

async function apscheduler(input: unknown): Promise<Record<string, number[]> | undefined> {
  const available = await new Deno.Command(PYTHON, {
    args: ["-c", "import apscheduler, pytz"],
    stderr: "null",
  })
    .output().catch(() => undefined);
  if (!available?.success) {
    if (Deno.env.get("CI") === "true") throw new Error(`${PYTHON} has no apscheduler`);
    return undefined;
  }
  const child = new Deno.Command(PYTHON, { args: ["-c", ORACLE], stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("every documented job is read, and fires as APScheduler has it over a year", async () => {
  const { jobs, problems } = read(PYSCHEDULER_FOLDER["PyScheduler/config.py"] ?? "");
  assert.deepEqual(problems.map(({ line }) => line), [32, 32]);
  assert.deepEqual(jobs.map(({ id }) => id).toSorted(), DOCUMENTED.map(([id]) => id).toSorted());
  const anchor = Temporal.Instant.from("2023-09-01T00:00:00Z");
  // Months of the bounds that the documentation names, and a year in which most triggers fire.
  const after = ["2023-09-15T11:17:03Z", "2026-01-01T07:59:57Z"].flatMap((first) =>
    Array.from(
      { length: 12 },
      (_, month) => Temporal.Instant.from(first).toZonedDateTimeISO("UTC").add({ months: month }).toInstant(),
    )
  );
  const seconds = (instant: Temporal.Instant) => instant.epochMilliseconds / 1_000;
  const expected = await apscheduler({
    anchor: seconds(anchor),
    after: after.map(seconds),
    triggers: DOCUMENTED,
  });
  if (!expected) return;
  let compared = 0;
  for (const { id, trigger } of jobs) {
    assert.ok(trigger, id);
    const compiled = compileTrigger(trigger.spec, { timezone: "UTC", anchor: anchor.epochMilliseconds });
    const fires: number[] = [];
    for (const moment of after) {
      let at = compiled.next(moment);
      for (let n = 0; n < 5 && at; n++) {
        fires.push(seconds(at));
        at = compiled.next(at);
      }
    }
    assert.deepEqual(fires, expected[id], id);
    compared += fires.length;
  }
  assert.ok(compared > 1_500, `${compared} fires were compared`);
});

Deno.test("functions are found by whatever name config.py gives them", () => {
  const cases: [string, string, string][] = [
    ["from tasks import orders", "orders.sync", "tasks.orders:sync"],
    ["from tasks import (orders as o,\n    sync_tasks)", "o.sync", "tasks.orders:sync"],
    ["from tasks.orders import sync", "sync", "tasks.orders:sync"],
    ["from tasks.orders import sync as s, other", "s", "tasks.orders:sync"],
    ["from tasks import everything", "everything", "tasks:everything"],
    ["import tasks.orders", "tasks.orders.sync", "tasks.orders:sync"],
    ["import tasks.orders as to, json", "to.sync", "tasks.orders:sync"],
    ["import jobs.daily.one", "jobs.daily.one.Job.run", "jobs.daily.one:Job.run"],
    ["from .tasks.orders import sync", "sync", "tasks.orders:sync"],
    ["from tasks.orders import Orders", "Orders.sync", "tasks.orders:Orders.sync"],
    ["def sync():\n    pass", "sync", "config:sync"],
    ["async def sync():\n    pass", "sync", "config:sync"],
    ["", "'tasks.orders:sync'", "tasks.orders:sync"],
  ];
  for (const [head, name, expected] of cases) {
    const { jobs, problems } = read(`${head}\nscheduler.add_job(${name}, 'interval', hours=1, id='x')`);
    assert.deepEqual(problems, [], name);
    assert.deepEqual(jobs.map(({ place }) => `${place.module}:${place.function}`), [expected]);
  }
});

const HEAD = "from tasks.orders import f\n";

Deno.test("a date with a zone is the same instant here", () => {
  const cases: [string, string][] = [
    ["'date', run_date=datetime(2027, 1, 1, 0, 0, tzinfo=timezone.utc)", 'at("2027-01-01 00:00:00+00:00")'],
    ["'date', run_date=datetime(2027, 1, 1, tzinfo=pytz.utc)", 'at("2027-01-01 00:00:00+00:00")'],
    ["'date', run_date=datetime(2027, 1, 1, tzinfo=ZONE)", 'at("2027-01-01 00:00:00+08:00")'],
    [
      "'date', run_date=datetime(2027, 7, 1, 2, 0, 0, 0, ZoneInfo('Europe/Berlin'))",
      'at("2027-07-01 02:00:00+02:00")',
    ],
    ["'date', run_date=datetime(2027, 1, 1, tzinfo=None)", 'at("2027-01-01 00:00:00")'],
    [
      "'cron', hour=1, start_date=datetime(2027, 1, 1, tzinfo=timezone.utc)",
      'cron({ hour: 1, startDate: "2027-01-01 00:00:00+00:00" })',
    ],
    [
      "'date', run_date=datetime(2027, 1, 1, tzinfo=timezone.utc), timezone='Asia/Shanghai'",
      'at("2027-01-01 00:00:00+00:00", { timezone: "Asia/Shanghai" })',
    ],
    [
      "'interval', hours=1, end_date=datetime(2027, 1, 1, tzinfo=ZoneInfo('Asia/Shanghai'))",
      'every({ hours: 1, endDate: "2027-01-01 00:00:00+08:00" })',
    ],
    [
      "CronTrigger(hour=1, end_date=datetime(2027, 1, 1, tzinfo=ZONE), timezone='UTC')",
      'cron({ hour: 1, endDate: "2027-01-01 00:00:00+08:00", timezone: "UTC" })',
    ],
  ];
  for (const [given, expected] of cases) {
    assert.deepEqual(triggers(`${HEAD}ZONE = ZoneInfo('Asia/Shanghai')\ns.add_job(f, ${given}, id='x')`), [
      expected,
    ]);
  }
});

Deno.test("a date whose zone is not known is said, and not guessed", () => {
  const cases: [string, RegExp][] = [
    ["'date', run_date=datetime(2027, 1, 1, tzinfo=tz())", /tz\(…\) is known only when it is run/],
    [
      "'date', run_date=datetime(2027, 1, 1, tzinfo=timezone(timedelta(hours=8)))",
      /timedelta\(…\) is known only/,
    ],
    ["'date', run_date=datetime(2027, 1, 1, tzinfo=pytz.timezone('Asia/Shanghai'))", /its local mean time/],
    ["'date', run_date=datetime(2027, 1, 1, tzinfo=ZoneInfo('Mars/Base'))", /in a zone Mars\/Base/],
    ["'date', run_date=datetime(2027, 1, 1, fold=1)", /datetime\(…\) is known only when it is run/],
    ["'date', run_date=datetime(2027, 1, 1, tzinfo='UTC')", /the tzinfo of a date is known only/],
    [
      "CronTrigger(hour=1, start_date=datetime(2027, 1, 1, tzinfo=timezone.utc))",
      /the trigger has no timezone/,
    ],
  ];
  for (const [given, expected] of cases) {
    const found = said(`${HEAD}s.add_job(f, ${given}, id='x')`);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", /^2: task x gets no trigger/);
    assert.match(found[0] ?? "", expected);
  }
});

Deno.test("what the function is given changes its kind only where that is said", () => {
  const cases: [given: string, value: unknown, said: RegExp[]][] = [
    ["args=(1, 'x')", [1, "x"], []],
    [
      "args=[0.1, 1e-3, -7, 9007199254740991, True, None]",
      [0.1, 0.001, -7, 9007199254740991, true, null],
      [],
    ],
    ["args=[(1, 2), ()]", [[1, 2], []], [/^2: args: a tuple becomes a list$/]],
    ["args=[1.0, 2.0 + 1, 4 / 2]", [1, 3, 2], [
      /args: 1\.0 becomes 1$/,
      /args: 3\.0 becomes 3$/,
      /args: 2\.0 becomes 2$/,
    ]],
    ["args=[F + 1]", [3], [/args: 3\.0 becomes 3$/]],
    ["args=[datetime(2027, 1, 1)]", ["2027-01-01 00:00:00"], [
      /args: a date becomes the text "2027-01-01 00:00:00"$/,
    ]],
    ["args=[pytz.utc]", ["UTC"], [/args: a time zone becomes the text "UTC"$/]],
    ["kwargs={'a': {1: 'x', 'b': (1,)}}", { a: { 1: "x", b: [1] } }, [
      /kwargs: the key 1 becomes the text "1"$/,
      /kwargs: a tuple becomes a list$/,
    ]],
    ["args=['\\101\\x42\\0', r'\\101']", ["AB\0", "\\101"], []],
    ['args=[\'a\\\r\nb\', """c\r\nd"""]', ["ab", "c\nd"], []],
    ["args=['\\N{BULLET}']", [], [/args is left out: .* is known only when it is run$/]],
    ["args=[12345678901234567890]", [], [
      /args is left out: 12345678901234567890 is a number that Carillon would round$/,
    ]],
    ["args=[-9007199254740993]", [], [/args is left out: 9007199254740993 is a number/]],
    ["args=[2 * 9007199254740991]", [], [/args is left out: 2 \* 9007199254740991 is a number/]],
    ["args=[B + 1]", [], [/args is left out: 9007199254740991 \+ 1 is a number/]],
    ["args=[1e999]", [], [/args is left out: 1e999 is a number/]],
    ["kwargs=dict(OPTS, a=1)", {}, [/kwargs is left out: dict\(…\) is known only when it is run/]],
    ["kwargs={(1, 2): 3}", {}, [/kwargs is left out: a key of a dictionary is no text/]],
  ];
  for (const [given, value, expected] of cases) {
    const { jobs, problems } = read(
      `${HEAD}s.add_job(f, 'cron', hour=1, id='x', ${given})\nF = 2.0\nB = 9007199254740991\nOPTS = {'b': 2}`,
    );
    const [job] = jobs;
    assert.deepEqual(given.startsWith("args") ? job?.args : job?.kwargs, value, given);
    const sentences = problems.map(({ line, text }) => `${line}: ${text}`);
    assert.equal(sentences.length, expected.length, sentences.join("\n"));
    expected.forEach((pattern, i) => assert.match(sentences[i] ?? "", pattern));
  }
});

Deno.test("jitter of a trigger within another is said, that of both together counts", () => {
  const { jobs, problems } = read(
    `${HEAD}s.add_job(f, OrTrigger([CronTrigger(hour=1, jitter=60), AndTrigger([IntervalTrigger(days=1, jitter=5)])], jitter=9), id='x')
s.add_job(f, AndTrigger(triggers=[CronTrigger(hour=1), CronTrigger(minute=0)]), id='y')
`,
  );
  assert.deepEqual(problems.map(({ line, text }) => `${line}: ${text}`), [
    "2: task x: jitter of cron({ hour: 1 }) within OrTrigger is left out; a task has one for all",
    "2: task x: jitter of every({ days: 1 }) within AndTrigger is left out; a task has one for all",
  ]);
  assert.equal(jobs[0]?.trigger?.jitter, 9);
  assert.equal(jobs[1]?.trigger?.code, "allOf(cron({ hour: 1 }), cron({ minute: 0 }))");
});

Deno.test("triggers are read in every way that APScheduler takes them", () => {
  const cases: [string, string][] = [
    ["f, 'cron', hour='*/2', id='x'", 'cron({ hour: "*/2" })'],
    ["f, trigger='interval', seconds=60 * 5 + 1, id='x'", "every({ seconds: 301 })"],
    [
      "func=f, id='x', trigger='interval', hours=1_0, # a comment, )\n  minutes=+3",
      "every({ hours: 10, minutes: 3 })",
    ],
    ["f, 'interval', id='x'", "every({ seconds: 1 })"],
    [
      "f, CronTrigger(day='last', hour=N, timezone=pytz.timezone('Asia/Tokyo')), id='x'",
      'cron({ day: "last", hour: 7, timezone: "Asia/Tokyo" })',
    ],
    ["f, triggers.IntervalTrigger(0, 1), id='x'", "every({ weeks: 0, days: 1 })"],
    [
      "f, CronTrigger.from_crontab('0 2 * * 0', timezone='UTC'), id='x'",
      'cron({ minute: "0", hour: "2", day: "*", month: "*", dayOfWeek: "0", timezone: "UTC" })',
    ],
    ["f, 'date', run_date=datetime.datetime(2026, 12, 24, 18), id='x'", 'at("2026-12-24 18:00:00")'],
    [
      "f, DateTrigger('2026-12-24 18:00:00', timezone=utc), id='x'",
      'at("2026-12-24 18:00:00", { timezone: "UTC" })',
    ],
    [
      "f, OrTrigger([CronTrigger(hour=2), IntervalTrigger(days=1)]), id='x'",
      "anyOf(cron({ hour: 2 }), every({ days: 1 }))",
    ],
    [
      "f, 'cron', day_of_week='mon' '-fri', hour=8, minute=None, id='x'",
      'cron({ dayOfWeek: "mon-fri", hour: 8 })',
    ],
    ["f, TRIGGER, id='x'", "cron({ hour: 4 })"],
  ];
  for (const [given, expected] of cases) {
    const text = `${HEAD}N = 7\nTRIGGER = CronTrigger(hour=4)\nscheduler.add_job(${given})`;
    assert.deepEqual(triggers(text), [expected], given);
  }
});

Deno.test("what the scheduler says for all jobs counts for each", () => {
  const { jobs, problems } = read(
    `${HEAD}scheduler = BackgroundScheduler(daemon=True, timezone='Asia/Shanghai', job_defaults={'max_instances': 3, 'misfire_grace_time': 90})
scheduler.add_job(f, 'cron', hour=1, id='a', jitter=30, args=(1, 'x'), name='名字')
@scheduler.scheduled_job('cron', id='b', hour=2, timezone='UTC', max_instances=1)
@other
def own():
    pass
`,
  );
  assert.deepEqual(problems, []);
  const [a, b] = jobs.map((job) => taskFile(job, { file: "f.py", folder: "." }, "config.py"));
  assert.match(a ?? "", /trigger: cron\({ hour: 1, timezone: "Asia\/Shanghai" }\)/);
  for (
    const option of [
      'title: "名字"',
      'jitter: "30s"',
      "concurrency: 3",
      'misfire: { grace: "90s" }',
      'args: [1,"x"]',
    ]
  ) {
    assert.ok(a?.includes(option), `${option} in ${a}`);
  }
  assert.match(b ?? "", /timezone: "UTC"[\s\S]*function: "own"/);
  assert.doesNotMatch(b ?? "", /concurrency/);
});

Deno.test("what cannot be carried over is said with its line", () => {
  const cases: [string, RegExp][] = [
    [
      "scheduler.add_job(lambda: 1, 'cron', hour=1, id='x')",
      /^2: the job is left out: what it calls is not a function/,
    ],
    [
      "scheduler.add_job(partial(f, 1), 'cron', hour=1, id='x')",
      /^2: the job is left out: partial\(…\) is not/,
    ],
    ["\n\nscheduler.add_job(f, 'cron', hour=25, id='x')", /^4: task x gets no trigger.*hour: .*25/],
    ["scheduler.add_job(f, 'cron', hours=2, id='x')", /^2: task x gets no trigger.*no argument hours/],
    [
      "scheduler.add_job(f, 'cron', hour=hour(), id='x')",
      /^2: task x gets no trigger.*hour\(…\) is known only when it is run/,
    ],
    ["scheduler.add_job(f, 'hourly', id='x')", /^2: task x gets no trigger.*'hourly' is none of/],
    ["scheduler.add_job(f, id='x')", /^2: task x has no trigger/],
    ["scheduler.add_job(f, 'cron', hour=1)", /^2: the job has no id; the task is called "f"/],
    ["scheduler.add_job(f, 'cron', hour=1, id='a/b')", /^2: the id "a\/b" cannot be a task's; .*"a_b"/],
    ["scheduler.add_job(f, 'cron', hour=1, id='x', kwargs={'a': now()})", /^2: kwargs is left out: now\(…\)/],
    [
      "scheduler.add_job(f, 'cron', hour=1, id='x', kwargs=[1])",
      /^2: kwargs is left out: it is of another kind/,
    ],
    ["scheduler.add_job(f, 'cron', id='x', **OPTIONS)", /^2: what \* or \*\* brings is left out/],
    ["scheduler.add_job(f, 'cron', hour=1, id='x', jobstore='db')", /^2: jobstore is left out/],
    ["scheduler.add_job(f, 'cron', hour=1, id='x', next_run_time=None)", /^2: next_run_time=None: pause/],
    ["if x:\n  scheduler.add_job(f, 'cron', hour=1, id='x')", /^3: the job stands inside of "if"/],
    [
      "scheduler.add_job(f, 'cron', hour=1, id=f'{x}')",
      /^2: the job is left out, because its id is not known/,
    ],
    ["scheduler.add_jobstore('redis')", /^2: scheduler\.add_jobstore\(…\) is not carried over/],
    ["s = BackgroundScheduler(executors={})", /^2: BackgroundScheduler\(executors=…\) is not carried over/],
    ["for x in y: scheduler.add_job(f, 'cron', hour=x, id='x')", /hour|x is known only when it is run/],
    [
      "scheduler.add_job(f, 'cron', hour=1, id='x'); scheduler.add_job(f, 'cron', hour=2, id='x')",
      /^2: a second job with the id "x"; this one is left out/,
    ],
  ];
  for (const [text, expected] of cases) {
    assert.ok(
      said(HEAD + text).some((sentence) => expected.test(sentence)),
      `${text}: ${said(HEAD + text).join("; ")}`,
    );
  }
});

Deno.test("a name that anything gives another value, or changes the value of, is not guessed", () => {
  const hour = "s.add_job(f, 'cron', hour=HOUR, id='x')";
  const options = "s.add_job(f, 'cron', id='x', **OPTS)";
  const ids = "s.add_job(f, 'cron', hour=1, id='x', args=IDS)";
  const cases: [text: string, job: string][] = [
    ["HOUR = 2\nif os.environ.get('NIGHT'): HOUR = 5", hour],
    ["HOUR = 2\nif (lambda: x)(): pass; HOUR = 5", hour],
    ["HOUR = 2; HOUR = 5", hour],
    ["HOUR = 2\ntry: from local_settings import HOUR\nexcept ImportError: pass", hour],
    ["HOUR = 2\ntry:\n  from local_settings import NIGHT as HOUR\nexcept ImportError: pass", hour],
    ["HOUR = 2\nfrom local_settings import *", hour],
    ["from local_settings import *\nif x: HOUR = 5", hour],
    ["import HOUR\nHOUR = 2", hour],
    ["HOUR = 2\ndel HOUR", hour],
    ["HOUR = 2\nif x: HOUR += 1", hour],
    ["HOUR = 1\nHOUR <<= 1", hour],
    ["HOUR = 2\nwith x() as HOUR: pass", hour],
    ["HOUR = 2\nwith x() as (a, HOUR): pass", hour],
    ["HOUR = 2\nwith (x() as HOUR): pass", hour],
    ["HOUR = 2\nfor a, HOUR in x: pass", hour],
    ["HOUR = 2\nif (HOUR := x()): pass", hour],
    ["HOUR = 2\ndef g():\n  global HOUR\n  HOUR = x()", hour],
    ["HOUR = 2\ndef g(): global HOUR; HOUR = 5", hour],
    ["HOUR = 2\nHOUR: int = 5", hour],
    ["HOUR = 2\nA = HOUR = 5", hour],
    ["HOUR = 2\n(A, HOUR) = x", hour],
    ["HOUR = 2\nA, *HOUR = x", hour],
    ["HOUR = 2\nmatch x:\n  case [HOUR]: pass", hour],
    ["HOUR = 2\nclass HOUR: pass", hour],
    ["HOUR = 2\ndef HOUR(): pass", hour],
    ["HOUR = 2\nglobals()['HOUR'] = 5", hour],
    ["HOUR = 2\nexec(x)", hour],
    ["HOUR = 2, 3", hour],
    ["HOUR = 2,", hour],
    ["OPTS = {'hour': 6}\nOPTS['hour'] = 9", options],
    ["OPTS = {'hour': 6}\nif x: OPTS['hour'] = 9", options],
    ["OPTS = {'hour': 6}\nOPTS['hour'] += 9", options],
    ["OPTS = {'hour': 6}\ndel OPTS['hour']", options],
    ["OPTS = {'hour': 6}\nOPTS.update(hour=9)", options],
    ["OPTS = dict(hour=6)\nx = OPTS.pop('hour')", options],
    ["OPTS = {'hour': 6}\nO = OPTS\nO['hour'] = 9", options],
    ["OPTS = {'hour': 6}\nchange(OPTS)", options],
    ["OPTS = {'hour': 6}\nfor o in [OPTS]: o['hour'] = 9", options],
    ["IDS = [1]\nIDS.append(2)", ids],
    ["IDS = [1]\nIDS += [2]", ids],
    ["IDS = [1]\n[IDS.append(i) for i in x]", ids],
    ["IDS = [[1]]\nIDS[0].append(2)", ids],
    ["IDS = ([1],)\nIDS[0].append(2)", ids],
    ["IDS = [[1]]\nfor i in IDS: i.append(2)", ids],
    ["IDS = [1] + [2]\nIDS.sort(reverse=True)", ids],
    ["T = CronTrigger(hour=1)\nT.jitter = 5", "s.add_job(f, T, id='x')"],
  ];
  for (const [text, job] of cases) {
    const { jobs, problems } = read(`${HEAD}${text}\n${job}`);
    assert.ok(problems.length > 0, text);
    const [found] = jobs;
    assert.equal(found?.args.length, 0, text);
    if (job !== ids) assert.equal(found?.trigger, undefined, text);
  }
});

Deno.test("jobs that only a name made here would make one are all kept", () => {
  const text = `${HEAD}
s.add_job(f, 'cron', hour=1, id='x/y')
s.add_job(f, 'cron', hour=2, id='x:y', replace_existing=True)
s.add_job(f, 'cron', hour=3, id='x_y')
s.add_job(f, 'cron', hour=4)
s.add_job(f, 'cron', hour=5)
s.add_job(f, 'cron', hour=6, id='f_2')
s.add_job(f, 'cron', hour=7, id='f')
s.add_job(f, 'cron', hour=8, id='x/y', replace_existing=True)
@s.scheduled_job('cron', hour=9, id='x_test')
def g(): pass
s.add_job(f, 'cron', hour=10, id='x_test_task')
`;
  const { jobs, problems } = read(text);
  assert.deepEqual(jobs.map(({ id, recordId, trigger }) => [id, recordId, trigger?.code]), [
    ["x_y_2", "x/y", "cron({ hour: 8 })"],
    ["x_y_3", "x:y", "cron({ hour: 2 })"],
    ["x_y", "x_y", "cron({ hour: 3 })"],
    ["f_3", "f", "cron({ hour: 4 })"],
    ["f_4", "f", "cron({ hour: 5 })"],
    ["f_2", "f_2", "cron({ hour: 6 })"],
    ["f", "f", "cron({ hour: 7 })"],
    ["x_test_task_2", "x_test", "cron({ hour: 9 })"],
    ["x_test_task", "x_test_task", "cron({ hour: 10 })"],
  ]);
  assert.deepEqual(problems.map(({ line, text }) => `${line}: ${text}`), [
    `3: the id "x/y" cannot be a task's; the task is called "x_y_2"`,
    `4: the id "x:y" cannot be a task's; the task is called "x_y_3"`,
    '6: the job has no id; the task is called "f_3"',
    '7: the job has no id; the task is called "f_4"',
    `10: the id "x/y" cannot be a task's; the task is called "x_y_2"`,
    '10: a second job with the id "x/y"; that of line 3 is left out',
    `11: the id "x_test" cannot be a task's; the task is called "x_test_task_2"`,
  ]);
});

Deno.test("a function whose name anything gives another value is not guessed", () => {
  const cases = [
    "from tasks.orders import f\nf = decorate(f)",
    "try: from tasks_new import f\nexcept ImportError: from tasks.orders import f",
    "from tasks.orders import f\ndef add(f):\n  s.add_job(f, 'cron', hour=1, id='y')",
    "from tasks.orders import f\ndef add():\n  def f(): pass\n  s.add_job(f, 'cron', hour=1, id='y')",
    "def f(): pass\ns.add_job(f, 'cron', hour=1, id='y')\ndef f(): pass",
  ];
  for (const text of cases) {
    const { jobs, problems } = read(`${text}\ns.add_job(f, 'cron', hour=1, id='x')`);
    assert.deepEqual(jobs, [], text);
    assert.match(
      problems.at(-1)?.text ?? "",
      /: f is not a function that .*, as that is given several values$/,
    );
  }
  const { jobs } = read(
    "from tasks import orders\norders.f = x\ns.add_job(orders.f, 'cron', hour=1, id='x')",
  );
  assert.deepEqual(jobs, []);
});

Deno.test("names that are only read are known", () => {
  const cases: [text: string, given: string, code: string][] = [
    ["HOUR = 2\nif HOUR == 2: pass\nprint(HOUR, HOUR=1)\nx[HOUR] = HOUR", "hour=HOUR", "cron({ hour: 2 })"],
    ["A = 1; HOUR = 2", "hour=HOUR", "cron({ hour: 2 })"],
    ["from settings import *\nHOUR = 2", "hour=HOUR", "cron({ hour: 2 })"],
    [
      "HOUR = ' 2 '\nx = HOUR.strip()\nclass K:\n  def HOUR(self): pass",
      "hour=HOUR",
      'cron({ hour: " 2 " })',
    ],
    [
      "OPTS = {'hour': 6}\nx = OPTS.get('hour')\nfor k, v in OPTS.items(): print(OPTS, OPTS['hour'])\nY = {**OPTS}\ns.add_job(f, 'cron', id='z', hour=1, kwargs=OPTS)",
      "**OPTS",
      "cron({ hour: 6 })",
    ],
    ["OPTS = {'hour': 6, 'args': [1]}\ns.add_job(f, 'cron', id='z', **OPTS)", "**OPTS", "cron({ hour: 6 })"],
  ];
  for (const [text, given, code] of cases) {
    const { jobs, problems } = read(`${HEAD}${text}\ns.add_job(f, 'cron', id='x', ${given})`);
    assert.deepEqual(problems, [], text);
    assert.equal(jobs.at(-1)?.trigger?.code, code, text);
  }
});

/** What is read of config.py in each shape: jobs by id with their triggers, and what is said, with the line. */
const SHAPES: Readonly<
  Record<
    string,
    { text: string; jobs: Readonly<Record<string, string | undefined>>; said: readonly RegExp[] }
  >
> = {
  "jobs in a loop, a loop of one line and a list": {
    text: `for name, h in JOBS:
    s.add_job(f, 'cron', hour=h, id=name)
for h in (1, 2): s.add_job(f, 'cron', hour=h, id='x')
[s.add_job(f, 'cron', hour=h, id=str(h)) for h in (1, 2)]
`,
    jobs: { x: undefined },
    said: [
      /^3: the job is left out, because its id is not known: name is known only when it is run, as it is given several values/,
      /^3: the job stands inside of "for"/,
      /^4: task x gets no trigger.*h is known only when it is run, as it is given several values/,
      /^4: the job stands inside of "for"/,
      /^5: the job is left out, because its id is not known: str\(…\)/,
      /^5: the job stands inside of "for"/,
    ],
  },
  "constants that are the same all over the file": {
    text: `H = 3
ID = 'a'
s.add_job(f, 'cron', hour=H, id=ID + '_' + 'b')
s.add_job(f, 'cron', hour=H + 1, id='pre' 'fix')
`,
    jobs: { a_b: "cron({ hour: 3 })", prefix: "cron({ hour: 4 })" },
    said: [],
  },
  "names that have several values are not guessed": {
    text: `H = 3
s.add_job(f, 'cron', hour=H, id='a')
H = 4
M = 1
M += 1
s.add_job(f, 'cron', hour=1, minute=M, id='b')
def one(day):
    hour = 5
    s.add_job(f, 'cron', hour=hour, id='c')
def two():
    hour = 6
A, B = 1, 2
s.add_job(f, 'cron', hour=A, id='d')
`,
    jobs: { a: undefined, b: undefined, c: undefined, d: undefined },
    said: [
      /^3: task a .*H is known only when it is run, as it is given several values/,
      /^7: task b .*M is known only when it is run, as it is given several values/,
      /^10: task c .*hour is known only when it is run, as it is given several values/,
      /^14: task d .*A is known only when it is run, as it is given several values/,
    ],
  },
  "what stands elsewhere, or in the environment": {
    text: `from settings import HOUR
s.add_job(f, 'cron', hour=HOUR, id='a')
s.add_job(f, 'cron', hour=os.environ['H'], id='b')
s.add_job(f, 'cron', hour=1, id=os.getenv('ID'))
s.add_job(f, 'cron', hour=1, id='%s_y' % P)
`,
    jobs: { a: undefined, b: undefined },
    said: [
      /^3: task a .*HOUR is known only when it is run/,
      /^4: task b .*known only when it is run/,
      /^5: the job is left out.*os\.getenv/,
      /^6: the job is left out/,
    ],
  },
  "triggers as objects, under another name, and from a name": {
    text: `from apscheduler.triggers.cron import CronTrigger as CT
T = IntervalTrigger(hours=2)
s.add_job(f, trigger=CT(hour=2), id='a')
s.add_job(f, T, id='b')
s.add_job(f, CT(**common), id='c')
`,
    jobs: { a: "cron({ hour: 2 })", b: "every({ hours: 2 })", c: undefined },
    said: [/^6: task c gets no trigger.*\*\* brings/],
  },
  "arguments by place": {
    text: "s.add_job(f, 'interval', None, {'a': 1}, 'p', 'Name', minutes=5)\n",
    jobs: { p: "every({ minutes: 5 })" },
    said: [],
  },
  "what ** brings, where it is known": {
    text: `common = {'hour': 3, 'minute': 5}
s.add_job(f, 'cron', id='a', **common)
s.add_job(f, 'cron', **dict(id='b', hour=4))
s.add_job(f, **{'trigger': 'cron', 'id': 'c', 'hour': 7})
`,
    jobs: { a: "cron({ hour: 3, minute: 5 })", b: "cron({ hour: 4 })", c: "cron({ hour: 7 })" },
    said: [],
  },
  "what ** brings, where it is not known": {
    text: `s.add_job(f, 'cron', hour=1, id='a', **more())
s.add_job(f, 'cron', hour=1, **more())
s.add_job(f, 'cron', id='b', **{'hour': 1, **more})
`,
    jobs: { a: undefined, b: undefined },
    said: [
      /^2: what \* or \*\* brings/,
      /^2: task a gets no trigger/,
      /^3: what \* or \*\* brings/,
      /^3: the job is left out, because its id may be among that/,
      /^4: what \* or \*\* brings/,
      /^4: task b gets no trigger/,
    ],
  },
  "add_job under another name, in an expression, and with something behind it": {
    text: `add = s.add_job
job = s.add_job(f, 'cron', hour=1, id='a')
s.add_job(f, 'cron', hour=1, id='b') if x else None
s.add_job(f, 'cron', hour=1, id='c').pause()
`,
    jobs: { a: "cron({ hour: 1 })", b: "cron({ hour: 1 })", c: "cron({ hour: 1 })" },
    said: [
      /^2: add_job is not called here/,
      /^4: the job stands inside of "if"/,
      /^5: what is called on the result of s\.add_job\(…\) is left out/,
    ],
  },
  "blocks that may not be run, and functions that are": {
    text: `def start():
    s.add_job(f, 'cron', hour=1, id='a')
class K:
    def go(self):
        self.s.add_job(f, 'cron', hour=1, id='b')
        self.s.add_job(self.run, 'cron', hour=1, id='c')
try:
    s.add_job(f, 'cron', hour=1, id='d')
except Exception:
    s.add_job(f, 'cron', hour=1, id='e')
`,
    jobs: { a: "cron({ hour: 1 })", b: "cron({ hour: 1 })", d: "cron({ hour: 1 })", e: "cron({ hour: 1 })" },
    said: [/^7: the job is left out: self\.run/, /^11: the job stands inside of "except"/],
  },
  "decorators, also within functions and classes": {
    text: `@s.scheduled_job('cron', hour=1, id='a')
@other
async def one(): pass
class Q:
    @s.scheduled_job('cron', hour=1, id='b')
    def two(self): pass
def outer():
    def three(): pass
    s.add_job(three, 'cron', hour=1, id='c')
`,
    jobs: { a: "cron({ hour: 1 })" },
    said: [/^6: the job is left out: a function within another/, /^10: the job is left out: three is not/],
  },
};

Deno.test("config.py in odd shapes is read as far as its text says it, and never guessed at", async (t) => {
  for (const [what, { text, jobs, said: expected }] of Object.entries(SHAPES)) {
    await t.step(what, () => {
      const found = read(`from tasks.orders import f\n${text}`);
      assert.deepEqual(Object.fromEntries(found.jobs.map(({ id, trigger }) => [id, trigger?.code])), jobs);
      const sentences = found.problems.map(({ line, text }) => `${line}: ${text}`);
      assert.equal(sentences.length, expected.length, sentences.join("\n"));
      expected.forEach((pattern, i) => assert.match(sentences[i] ?? "", pattern));
    });
  }
});

Deno.test("jobs in comments and texts are none, and no text keeps the reader from ending", () => {
  const { jobs } = read(`${HEAD}# scheduler.add_job(f, 'cron', id='a')
"""scheduler.add_job(f, 'cron', id='b')"""
x = 'scheduler.add_job(f)' \\
    "more"
`);
  assert.deepEqual(jobs, []);
  const pieces = [
    "scheduler.add_job(",
    "f",
    "'cron'",
    "id='x'",
    ",",
    ")",
    "(",
    "[",
    "}",
    "{",
    ":",
    "=",
    "\\",
    "\n",
    "'",
    '"""',
    "#",
    "*",
    "-",
    "1e",
    "lambda",
    "@",
    "import",
    "from",
  ];
  fc.assert(fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (words) => {
    const { jobs, problems } = read(HEAD + words.join(" "));
    assert.ok(jobs.length + problems.length < 200);
  }));
  const deep = `${HEAD}scheduler.add_job(f, 'cron', hour=${"(".repeat(20_000)}1${
    ")".repeat(20_000)
  }, id='x')`;
  assert.ok(said(deep).length > 0);
});

Deno.test("database.ini gets the types that the tasks use, and keeps its comments", () => {
  const used = usedTypes([
    `execute_mysql_query('shop', sql); execute_pgsql_query( "dwh" , sql)`,
    `execute_sqlserver_query(db_name='erp', query=sql)\nexecute_oracle_query(NAME, sql)\nexecute_mysql_query('both', 1); execute_pgsql_query('both', 1)`,
  ]);
  const { text, problems } = withTypes(
    "# main\r\n[shop]\r\nhost = a\n[dwh]\nhost=b\n; more\n[erp]\nhost: c\n[ora]\nservice_name = x\n[port]\nport = 5432\n[none]\nhost = d\n[typed]\ntype = sqlite\n[both]\nhost = e",
    "database.ini",
    used,
    "Asia/Shanghai",
  );
  const zone = "timezone = Asia/Shanghai";
  assert.equal(
    text,
    `# main\n[shop]\ntype = mysql\n${zone}\nhost = a\n[dwh]\ntype = postgresql\n${zone}\nhost=b\n; more\n[erp]\ntype = sqlserver\n${zone}\nhost: c\n[ora]\ntype = oracle\n${zone}\nservice_name = x\n[port]\ntype = postgresql\n${zone}\nport = 5432\n[none]\n${zone}\nhost = d\n[typed]\n${zone}\ntype = sqlite\n[both]\ntype = mysql\n${zone}\nhost = e\n`,
  );
  assert.deepEqual(problems, [
    "database.ini, line 13, section [none]: nothing says what type it is of; write type = mysql, or another",
    "database.ini, line 17, section [both]: the tasks use it as mysql and postgresql; it is written as mysql",
  ]);
});
