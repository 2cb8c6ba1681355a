/**
 * How late runs begin: tasks that are due every second, their due instants spread over it, run in the scheduler's own
 * thread; and a hundred runs a second on warm workers. Beside it APScheduler 3 with the same offsets, and as many
 * timers of croner.
 *
 * `deno run -A bench/lateness.ts [carillon|croner] …` runs one of the parts by itself: each has a process of its own.
 */
import { Cron } from "croner";
import process from "node:process";
import { Dispatcher } from "../app/dispatcher.ts";
import { MemoryHistory } from "../app/history/memory.ts";
import { createJournal } from "../app/journal.ts";
import { createExecutors } from "../app/run/executor.ts";
import { noWatermarks } from "../app/run/watermarks.ts";
import { Runner } from "../app/run/runner.ts";
import { systemClock } from "../app/scheduler/clock.ts";
import { Scheduler } from "../app/scheduler/scheduler.ts";
import { Mirror } from "../app/task/mirror.ts";
import { TaskChecker } from "../app/run/task_checker.ts";
import { TaskRegistry } from "../app/task/registry.ts";
import { compileTrigger } from "../app/trigger/compile.ts";
import { figure, percentile, printTable, pythonWith, say } from "./measure.ts";

const SECONDS = 6;
/** The beginning is left out: code is still being compiled. */
const WARM_UP_SECONDS = 3;

interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
  /** Share of one processor. */
  readonly cpu: number;
  readonly mb: number;
}

const [part, countText = "1000", kind = "inline"] = Deno.args;
if (part === "carillon") await printed(carillon(Number(countText), kind === "worker" ? "worker" : "inline"));
else if (part === "croner") await printed(croner(Number(countText)));
else await compare();

async function printed(measuring: Promise<Measured>): Promise<never> {
  say(JSON.stringify(await measuring));
  Deno.exit(0);
}

/** Lets `SECONDS` pass and sums up what was late by how much, in milliseconds. */
async function measure(lateness: readonly number[]): Promise<Measured> {
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_SECONDS * 1_000));
  const from = lateness.length;
  const cpu = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  const used = process.cpuUsage(cpu);
  const values = lateness.slice(from);
  return {
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    count: values.length,
    cpu: (used.user + used.system) / 1_000 / (SECONDS * 1_000),
    mb: Deno.memoryUsage().rss / 1e6,
  };
}

/** Milliseconds since 1970, with the fraction that the system clock has. */
function now(): number {
  return Number(Temporal.Now.instant().epochNanoseconds) / 1e6;
}

/** Our scheduler, dispatcher and runner, history in memory, tasks from one file that is loaded under many names. */
async function carillon(count: number, executor: "inline" | "worker"): Promise<Measured> {
  const folder = await Deno.makeTempDir({ prefix: "carillon-bench-" });
  const lateness: number[] = [];
  const source = `import { defineTask } from "carillon";
export default defineTask({ executor: "${executor}", run: ({ log, run }) => {
  if ("${executor}" === "inline") globalThis.benchLate(run.taskId); else log.info("begun");
} });`;
  await Deno.mkdir(`${folder}/tasks`);
  await Deno.writeTextFile(`${folder}/tasks/noop.ts`, source);
  const mirror = new Mirror(`${folder}/data`, `${folder}/tasks`);
  await mirror.open();
  const settings = { databaseFile: "", memoryMb: 512, secrets: {}, masked: [] };
  const checker = new TaskChecker(settings, systemClock, (text) => text);
  const registry = new TaskRegistry(`${folder}/tasks`, mirror, (module) => checker.describe(module));
  await registry.reload();
  const noop = registry.tasks.get("noop");
  if (!noop) throw new Error(JSON.stringify(registry.broken));
  Object.assign(globalThis, {
    // As on APScheduler's side: how far into its second the task begins, past its own place in it.
    benchLate: (id: string) => lateness.push((now() - (offsets.get(id) ?? NaN)) % 1_000),
  });
  const offsets = new Map<string, number>();
  const history = new MemoryHistory(5);
  const journal = createJournal({ level: "error", write: (line) => say(line) });
  const log = history.log.bind(history);
  if (executor === "worker") {
    history.log = (runId, line) => {
      const due = history.get(runId)?.scheduledAt;
      if (due !== undefined) lateness.push(now() - due);
      log(runId, line);
    };
  }
  const all = true;
  const runner: Runner = new Runner({
    clock: systemClock,
    history,
    executors: createExecutors({
      settings,
      clock: systemClock,
      limit: 10,
      mask: (text) => text,
      defaults: { net: all, read: all, write: all, env: all, run: all },
      readable: [],
      onStray: (error) => say(String(error)),
    }),
    executorOf: () => executor,
    workers: 10,
    original: (text) => text,
    mask: (text) => text,
    watermarks: noWatermarks,
    local: String,
    onEnded: () => {},
  });
  // Each worker serves one version of one task: under its own address a module is another one.
  const tasks = new Map(Array.from({ length: count }, (_, i) => {
    const id = `task_${i}`;
    return [id, { ...noop, id, module: executor === "worker" ? `${noop.module}?${i}` : noop.module }];
  }));
  const dispatcher = new Dispatcher({
    clock: systemClock,
    runner,
    journal,
    taskOf: (id) => tasks.get(id),
    zoneOf: () => "UTC",
    lastAlive: undefined,
  });
  const scheduler = new Scheduler({
    clock: systemClock,
    states: history,
    journal,
    onFire: (fire) => dispatcher.onFire(fire),
    batch: (work) => work(),
  });
  const every = executor === "worker" ? 100 : 1_000;
  const begin = Math.ceil(now() / 1_000) * 1_000;
  [...tasks.keys()].forEach((id, i) => {
    offsets.set(id, begin + Math.floor(i * every / count));
    const startDate = Temporal.Instant.fromEpochMilliseconds(begin + Math.floor(i * every / count))
      .toString();
    const trigger = compileTrigger({ kind: "interval", every, startDate }, {
      timezone: "UTC",
      anchor: begin,
    });
    scheduler.set(id, trigger);
  });
  scheduler.start();
  const measured = await measure(lateness);
  await scheduler.stop();
  await mirror.close();
  await checker.close();
  await Deno.remove(folder, { recursive: true });
  return measured;
}

/** One `Cron` with its own timer a task; a croner pattern has no fractions, so all are due on the second. */
async function croner(count: number): Promise<Measured> {
  const lateness: number[] = [];
  for (let i = 0; i < count; i++) {
    new Cron("* * * * * *", { timezone: "UTC" }, () => {
      const at = now();
      lateness.push(at - Math.floor(at / 1_000) * 1_000);
    });
  }
  return await measure(lateness);
}

async function compare(): Promise<void> {
  const rows: string[][] = [];
  const add = (what: string, { p50, p99, count, cpu, mb }: Measured) =>
    rows.push([what, figure(p50), figure(p99), String(count), `${(cpu * 100).toFixed(0)} %`, mb.toFixed(0)]);
  const python = await pythonWith("apscheduler");
  for (const count of [1_000, 10_000]) {
    add(`Carillon, ${count} a second, inline`, await ownPart(["carillon", String(count), "inline"]));
    if (python) {
      const script = new URL("apscheduler_lateness.py", import.meta.url).pathname;
      add(
        `APScheduler, ${count} a second`,
        await runPart(python, [script, String(count), String(WARM_UP_SECONDS), String(SECONDS)]),
      );
    }
    add(`croner, ${count} timers`, await ownPart(["croner", String(count)]));
  }
  add("Carillon, 100 a second on 10 warm workers", await ownPart(["carillon", "10", "worker"]));
  printTable(["late by", "p50 ms", "p99 ms", "runs", "CPU", "MB"], rows);
  if (!python) say("APScheduler is not installed here (Debian: python3-apscheduler); it is left out.");
}

function ownPart(args: readonly string[]): Promise<Measured> {
  const config = new URL("../deno.json", import.meta.url).pathname;
  return runPart(Deno.execPath(), [
    "run",
    "-A",
    "--quiet",
    `--config=${config}`,
    new URL(import.meta.url).pathname,
    ...args,
  ]);
}

async function runPart(command: string, args: readonly string[]): Promise<Measured> {
  const { stdout, stderr, code } = await new Deno.Command(command, { args: [...args] }).output();
  const text = new TextDecoder();
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout).trim().split("\n").at(-1) ?? "");
}
