/**
 * How late runs begin: tasks that are due every second, their due instants spread over it, run in the shared
 * host; and a hundred runs a second on warm workers. A run has begun when its first line is there. Beside it APScheduler 3
 * with the same offsets, and as many timers of croner.
 *
 * `deno run -A bench/lateness.ts [carillon|croner] …` runs one of the parts by itself: each has a process of its own.
 */
import { Cron } from "../tests/support/croner.ts";
import process from "node:process";
import { BenchEngine, BenchHosts, preciseNow } from "./bench_engine.ts";
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

const [part, countText = "1000", kind = "shared"] = Deno.args;
if (part === "carillon") await printed(carillon(Number(countText), kind === "worker" ? "worker" : "shared"));
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

/** Our scheduler, dispatcher and runner, history in memory, tasks from one file that is loaded under many names. */
async function carillon(count: number, executor: "shared" | "worker"): Promise<Measured> {
  const hosts = new BenchHosts(10);
  const lateness: number[] = [];
  const source = `import { defineTask } from "carillon";
export default defineTask({ executor: "${executor}", run: ({ log }) => { log.info("begun"); } });`;
  const noop = (await hosts.load({ "noop.ts": source })).get("noop");
  if (!noop) throw new Error("the task was not loaded");
  // A host that has still to start would have everything wait that is due meanwhile.
  await hosts.begin(noop, executor);
  const every = executor === "worker" ? 100 : 1_000;
  const rhythms = Array.from({ length: count }, (_, i) => {
    // Under its own address a module is another one.
    const module = executor === "worker" ? `${noop.module}?${i}` : noop.module;
    return { task: { ...noop, id: `task_${i}`, module }, every, offset: i * every / count };
  });
  const engine = await BenchEngine.start(hosts, rhythms, {
    onLine: (due) => void lateness.push(preciseNow() - due),
  });
  const measured = await measure(lateness);
  await engine.stop();
  await hosts.stop();
  return measured;
}

/** One `Cron` with its own timer a task; a croner pattern has no fractions, so all are due on the second. */
async function croner(count: number): Promise<Measured> {
  const lateness: number[] = [];
  for (let i = 0; i < count; i++) {
    new Cron("* * * * * *", { timezone: "UTC" }, () => {
      const at = preciseNow();
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
    add(`Carillon, ${count} a second, shared`, await ownPart(["carillon", String(count), "shared"]));
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
