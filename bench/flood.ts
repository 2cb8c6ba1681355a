/** The executable while one run writes 10,000 lines a second for a minute, and while connections do nothing: memory and pages. */
import { startBinary } from "../tests/support/binary.ts";
import { figure, percentile, printTable, say } from "./measure.ts";

const SECONDS = 60;
const LINES_A_SECOND = 10_000;
const SAMPLE_MS = 2_500;
const IDLE = 500;

const FLOOD = `import { defineTask } from "carillon";
export default defineTask({
  async run({ log }) {
    const begun = performance.now();
    for (let written = 0; written < ${SECONDS * LINES_A_SECOND};) {
      const due = Math.min((performance.now() - begun) / 1_000 * ${LINES_A_SECOND}, ${
  SECONDS * LINES_A_SECOND
});
      while (written < due) log.info("order " + ++written + " of the night has been written to the warehouse");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return ((performance.now() - begun) / 1_000).toFixed(1) + " s";
  },
});
`;

interface Sample {
  readonly memory: number;
  readonly cpu: number;
}

/** Resident megabytes, and processor seconds so far (proc(5); a hundred ticks a second). */
function sampleOf(pid: number): Sample {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const [, kilobytes = ""] = /VmRSS:\s+(\d+)/.exec(status) ?? [];
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return { memory: Number(kilobytes) / 1_000, cpu: (Number(fields[11]) + Number(fields[12])) / 100 };
}

async function timed(address: string): Promise<number> {
  const begun = performance.now();
  await (await fetch(address)).text();
  return performance.now() - begun;
}

const [load] = Deno.loadavg();
await using app = await startBinary({ "tasks/flood.ts": FLOOD });
await app.logged("task flood: loaded");
const { run } = await (await fetch(`${app.address}/trigger/flood`, { method: "POST" })).json() as {
  run?: string;
};
const runs = await (await fetch(`${app.address}/api/v1/runs?limit=1`)).json() as { runs: { id: string }[] };
const id = run ?? runs.runs[0]?.id ?? "";
const pages = { today: "/", tasks: "/tasks", runs: "/runs", run: `/runs/${id}`, log: `/runs/${id}/log.txt` };
const times = new Map<string, number[]>();
const samples: Sample[] = [];
while (!app.log().includes("task flood: run")) {
  samples.push(sampleOf(app.pid));
  for (const [name, path] of Object.entries(pages)) {
    times.set(name, [...times.get(name) ?? [], await timed(`${app.address}${path}`)]);
  }
  await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
}
const ended = sampleOf(app.pid);
const third = Math.floor(samples.length / 3);
const mean = (some: readonly Sample[]) => some.reduce((sum, { memory }) => sum + memory, 0) / some.length;
say(`load of the machine before: ${figure(load ?? NaN)}; ${/task flood: run .*/.exec(app.log())?.[0] ?? ""}`);
say(
  `memory, MB: ${figure(mean(samples.slice(0, third)))} in the first third, ${
    figure(mean(samples.slice(-third)))
  } in the last; processor of the clock: ${figure((ended.cpu - (samples[0]?.cpu ?? 0)) / SECONDS * 100)} %`,
);
printTable(
  ["page", "median, ms", "95 %, ms", "most, ms"],
  [...times].map(([name, all]) => [
    name,
    figure(percentile(all, 0.5)),
    figure(percentile(all, 0.95)),
    figure(Math.max(...all)),
  ]),
);

const before = sampleOf(app.pid);
const port = Number(new URL(app.address).port);
const idle = await Promise.all(
  Array.from({ length: IDLE - 10 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
);
const open = await timed(`${app.address}/tasks`);
say(
  `${idle.length} connections without a request: ${
    figure((sampleOf(app.pid).memory - before.memory) * 1_000 / idle.length)
  } KB each; a page takes ${figure(open)} ms`,
);
const begun = performance.now();
const gone = await Promise.all(idle.map(async (each) => {
  const count = await each.read(new Uint8Array(1_000)).catch(() => null);
  for (let rest = count; rest !== null; rest = await each.read(new Uint8Array(1_000)).catch(() => null));
  each.close();
  return (performance.now() - begun) / 1_000;
}));
say(`they are closed after ${figure(Math.min(...gone))} to ${figure(Math.max(...gone))} s`);
