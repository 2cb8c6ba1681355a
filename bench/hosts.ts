/**
 * What hosts cost and how soon runs begin in them: 200 tasks on 10 slots, all due on each full second, the same spread
 * over it, as many as there can be, and tiny runs in the shared host; history in memory. Beside each APScheduler 3 with
 * its thread pool of 10.
 *
 * `deno run -A bench/hosts.ts [part] [seconds]` runs one part by itself. The file can be compiled like the program, and
 * then measures the executable's runtime: `deno compile -A bench/hosts.ts`.
 */
import process from "node:process";
import { HOST_COMMAND } from "../app/worker/host_command.ts";
import { systemClock } from "../app/scheduler/clock.ts";
import type { ExecutorKind } from "../app/model/order.ts";
import type { Task } from "../app/task/task.ts";
import { BenchEngine, BenchHosts, executableHost, preciseNow } from "./bench_engine.ts";
import { echo } from "./echo.ts";
import { figure, percentile, printTable, pythonWith, say } from "./measure.ts";

const TASKS = 200;
const SLOTS = 10;
/** The shared host is measured so often, with a history and without one by turns. */
const ROUNDS = 5;
const SHARED_A_SECOND = 10_000;
const TICKS_A_SECOND = 100;
const PARTS = ["burst", "spread", "saturation", "shared", "probe", "memory"] as const;
type Part = (typeof PARTS)[number];
/** Parts that `apscheduler_threads.py` has too. */
const COMPARED: readonly Part[] = ["burst", "spread", "saturation"];

interface Measured {
  readonly what: string;
  readonly p50?: number;
  readonly p99?: number;
  readonly aSecond?: number;
  /** Milliseconds of processor time a run, in all processes. */
  readonly cpu?: number;
  readonly note?: string;
}

async function main(part: string | undefined, seconds: number): Promise<void> {
  const parts = part === undefined ? PARTS : PARTS.filter((each) => each === part);
  if (parts.length === 0) throw new Error(`no part "${part}"; there are ${PARTS.join(", ")}`);
  const before = load();
  // The executable has no script beside it.
  const python = Deno.build.standalone ? undefined : await pythonWith("apscheduler");
  const rows: string[][] = [];
  for (const each of parts) {
    for (const measured of await measure(each, seconds)) rows.push(row(measured));
    if (python && COMPARED.includes(each)) rows.push(row(await apscheduler(python, each, seconds)));
  }
  printTable([`Deno ${Deno.version.deno}`, "p50 ms", "p99 ms", "a second", "CPU ms a run", ""], rows);
  say(
    `load of the machine ${before} before, ${load()} after, on ${navigator.hardwareConcurrency} processors`,
  );
  say(
    executableHost
      ? "hosts are those of dist/carillon"
      : "hosts run from the sources: there is no dist/carillon",
  );
  if (!python) say("APScheduler is not installed here (Debian: python3-apscheduler); it is left out.");
}

function row({ what, p50, p99, aSecond, cpu, note = "" }: Measured): string[] {
  return [
    what,
    ...[p50, p99, aSecond, cpu].map((value = NaN) => Number.isNaN(value) ? "" : figure(value)),
    note,
  ];
}

function load(): string {
  return Deno.loadavg()[0]?.toFixed(1) ?? "unknown";
}

async function measure(part: Part, seconds: number): Promise<Measured[]> {
  const hosts = new BenchHosts(SLOTS);
  const define = (body: string, executor = "worker") =>
    `import { defineTask } from "carillon";\nexport default defineTask({ executor: "${executor}", ${body} });`;
  const begun = Array.from(
    { length: TASKS },
    (_, i) => [`t${i}.ts`, define(`run: ({ log }) => { log.info("begun"); }`)],
  );
  const tasks = await hosts.load({
    ...Object.fromEntries(begun),
    "noop.ts": define("run() {}"),
    "tiny.ts": define(`overlap: "allow", run() {}`, "shared"),
    "flood.ts": define(
      "run() { const b = new Uint8Array(1e6).fill(65); for (;;) Deno.stdout.writeSync(b); }",
    ),
  });
  const bench = new Bench(hosts, tasks);
  try {
    switch (part) {
      case "burst":
        return [await bench.due("200 due on each full second, 10 slots", seconds, () => 0)];
      case "spread":
        return [await bench.due("200 a second, spread over it", seconds, (i) => i * 1_000 / TASKS)];
      case "saturation":
        return [await bench.saturation(seconds)];
      case "shared":
        return await bench.sharedRounds(seconds);
      case "probe":
        return [await bench.probe(seconds)];
      case "memory":
        return [await bench.memory()];
    }
  } finally {
    await hosts.stop();
  }
}

class Bench {
  constructor(readonly hosts: BenchHosts, readonly tasks: ReadonlyMap<string, Task>) {}

  #task(id: string): Task {
    const task = this.tasks.get(id);
    if (!task) throw new Error(`the task ${id} was not loaded`);
    return task;
  }

  /** Begins a run without engine and history; `onLine` is called at its first line. */
  begin(id: string, executor: ExecutorKind, onLine: () => void = () => {}): Promise<unknown> {
    return this.hosts.begin(this.#task(id), executor, onLine);
  }

  /** All modules once in each host, so that what is measured is warm. */
  async warmUp(): Promise<void> {
    for (let round = 0; round < 12; round++) {
      await Promise.all(Array.from({ length: TASKS }, (_, i) => this.begin(`t${i}`, "worker")));
    }
  }

  /** From the due instant to the first line, through scheduler, history and hosts. */
  async due(what: string, seconds: number, offset: (i: number) => number): Promise<Measured> {
    await this.warmUp();
    const rhythms = Array.from(
      { length: TASKS },
      (_, i) => ({ task: this.#task(`t${i}`), every: 1_000, offset: offset(i) }),
    );
    const late: number[] = [];
    const engine = await BenchEngine.start(this.hosts, rhythms, {
      onLine: (due) => void late.push(preciseNow() - due),
    });
    // The first second is left out: the engine's own code is cold in it.
    await sleepUntil(engine.begin + 990);
    late.length = 0;
    const before = cpuMs();
    await sleepUntil(engine.begin + 990 + seconds * 1_000);
    const cpu = (cpuMs() - before) / late.length;
    await engine.stop();
    return {
      what,
      p50: percentile(late, 0.5),
      p99: percentile(late, 0.99),
      aSecond: late.length / seconds,
      cpu,
      note: `${engine.lost} missed or skipped`,
    };
  }

  async saturation(seconds: number): Promise<Measured> {
    await this.warmUp();
    const before = cpuMs();
    const own = ownCpuMs();
    const end = performance.now() + seconds * 1_000;
    let done = 0;
    await Promise.all(Array.from({ length: TASKS }, async (_, i) => {
      for (; performance.now() < end; done++) await this.begin(`t${i}`, "worker");
    }));
    return {
      what: "as many as there can be",
      aSecond: done / seconds,
      cpu: (cpuMs() - before) / done,
      note: `of it in the clock ${figure((ownCpuMs() - own) / done)}`,
    };
  }

  async sharedRounds(seconds: number): Promise<Measured[]> {
    const bare: Measured[] = [];
    const recorded: Measured[] = [];
    const echoed: Measured[] = [];
    const what = "two processes that only echo in the rhythm of the former";
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await this.#shared(seconds / ROUNDS));
      recorded.push(await this.#recorded(seconds / ROUNDS));
      // The executable has no script beside it.
      if (Deno.build.standalone) continue;
      const each = SHARED_A_SECOND / TICKS_A_SECOND;
      echoed.push({ what, ...await echo(seconds / ROUNDS, each, 1_000 / TICKS_A_SECOND) });
    }
    return [bare, recorded, echoed].filter((each) => each.length > 0).map(medianOf);
  }

  /** Hosts by themselves: a hundred runs are begun at once, a hundred times a second. */
  async #shared(seconds: number): Promise<Measured> {
    const took: number[] = [];
    const going: Promise<unknown>[] = [];
    await this.begin("tiny", "shared");
    const begin = Date.now() + 50;
    const each = SHARED_A_SECOND / TICKS_A_SECOND;
    let counted = false;
    let before = cpuMs();
    for (let tick = 0; tick < (seconds + 1) * TICKS_A_SECOND; tick++) {
      const due = begin + tick * 1_000 / TICKS_A_SECOND;
      await sleepUntil(due);
      if (tick === TICKS_A_SECOND) {
        before = cpuMs();
        counted = true;
      }
      const ended = counted ? () => void took.push(preciseNow() - due) : () => {};
      for (let i = 0; i < each; i++) going.push(this.begin("tiny", "shared").then(ended));
    }
    await Promise.all(going);
    return {
      what: "shared: 10,000 a second, hosts alone, due → ended",
      p50: percentile(took, 0.5),
      p99: percentile(took, 0.99),
      aSecond: took.length / seconds,
      cpu: (cpuMs() - before) / took.length,
    };
  }

  /** The same through scheduler and history: 1,000 tasks that are due ten times a second, spread over it. */
  async #recorded(seconds: number): Promise<Measured> {
    const took: number[] = [];
    const tiny = this.#task("tiny");
    const count = SHARED_A_SECOND / 10;
    const rhythms = Array.from(
      { length: count },
      (_, i) => ({ task: { ...tiny, id: `tiny_${i}` }, every: 100, offset: i * 100 / count }),
    );
    const engine = await BenchEngine.start(this.hosts, rhythms, {
      onEnded: ({ scheduledAt = NaN }) => void took.push(preciseNow() - scheduledAt),
    });
    await sleepUntil(engine.begin + 1_000);
    took.length = 0;
    const before = cpuMs();
    await sleepUntil(engine.begin + 1_000 + seconds * 1_000);
    const values = took.slice();
    const cpu = (cpuMs() - before) / values.length;
    await engine.stop();
    return {
      what: "shared: 10,000 a second, recorded, due → ended",
      p50: percentile(values, 0.5),
      p99: percentile(values, 0.99),
      aSecond: values.length / seconds,
      cpu,
      note: `${engine.lost} missed or skipped`,
    };
  }

  /** How late a timer of the clock's own process is while hosts start and others flood their output. */
  async probe(seconds: number): Promise<Measured> {
    const late: number[] = [];
    const floods = Array.from({ length: 3 }, () => this.begin("flood", "worker"));
    const stop = new AbortController();
    const starts = (async () => {
      while (!stop.signal.aborted) await this.begin("noop", "process");
    })();
    const rss = Deno.memoryUsage().rss;
    const end = performance.now() + seconds * 1_000;
    while (performance.now() < end) {
      const due = performance.now() + 10;
      await new Promise((resolve) => setTimeout(resolve, 10));
      late.push(performance.now() - due);
    }
    const grown = (Deno.memoryUsage().rss - rss) / 1e6;
    stop.abort();
    void floods;
    void starts;
    return {
      what: "the clock's probe each 10 ms, while hosts start and three flood",
      p50: percentile(late, 0.5),
      p99: percentile(late, 0.99),
      note: `latest ${figure(Math.max(...late))} ms; the clock grew by ${grown.toFixed(0)} MB`,
    };
  }

  async memory(): Promise<Measured> {
    await this.begin("noop", "worker");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const idle = pssMb();
    await this.warmUp();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return {
      what: "PSS of all processes",
      note: `idle with a standby and a used host ${idle.toFixed(0)} MB; after 10 slots of 200 modules ${
        pssMb().toFixed(0)
      } MB`,
    };
  }
}

/** Of several rounds each figure's median; the note has the p99 of all. */
function medianOf(rounds: readonly Measured[]): Measured {
  const median = (key: "p50" | "p99" | "aSecond" | "cpu") =>
    percentile(rounds.map((each) => each[key] ?? NaN), 0.5);
  const all = rounds.map(({ p99 = NaN }) => figure(p99)).join(", ");
  const [{ what = "", note } = {}] = rounds;
  return {
    what,
    p50: median("p50"),
    p99: median("p99"),
    aSecond: median("aSecond"),
    cpu: median("cpu"),
    note: `median of ${rounds.length}; p99 ${all}${note === undefined ? "" : `; ${note}`}`,
  };
}

function sleepUntil(t: number): Promise<void> {
  return systemClock.sleepUntil(t, new AbortController().signal);
}

/** This process and its children. */
function processes(): number[] {
  const children = Deno.readTextFileSync(`/proc/${Deno.pid}/task/${Deno.pid}/children`);
  return [Deno.pid, ...children.split(" ").filter((each) => each !== "").map(Number)];
}

/** Processor time of this process alone. */
function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Processor time of all processes so far; 10 ms is the unit that the system counts in. */
function cpuMs(): number {
  return processes().reduce((sum, pid) => {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) * 10;
  }, 0);
}

function pssMb(): number {
  return processes().reduce((sum, pid) => {
    const found = /^Pss:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`));
    return sum + Number(found?.[1]) / 1_024;
  }, 0);
}

async function apscheduler(python: string, part: Part, seconds: number): Promise<Measured> {
  const script = new URL("apscheduler_threads.py", import.meta.url).pathname;
  const { stdout, stderr, success } = await new Deno.Command(python, {
    args: [script, part, String(TASKS), String(seconds)],
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${python} ${script}: ${text.decode(stderr)}`);
  const { p50, p99, a_second, cpu, note } = JSON.parse(text.decode(stdout));
  return { what: "  APScheduler 3, thread pool", p50, p99, aSecond: a_second, cpu, note };
}

const [first, second = ""] = Deno.args;
if (first === HOST_COMMAND) {
  void import("../app/worker/host_main.ts").then(({ hostMain }) => hostMain(second));
} else {
  await main(first, Number(second) || 10);
  Deno.exit(0);
}
