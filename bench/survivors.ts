/**
 * What of a run outlives V8's young generation, by the place where it was made: bytes a run, at 10,000 tiny runs a second.
 * A record of some 400 bytes does, for it is kept; all else is work for the collector, and pauses.
 *
 * `deno task bench survivors`
 */
import { Session } from "node:inspector/promises";
import { BenchEngine, BenchHosts } from "./bench_engine.ts";
import { figure, printTable } from "./measure.ts";

const TASKS = 1_000;
const EVERY_MS = 100;
const WARM_MS = 3_000;
const SECONDS = 8;
/** A sample each so many bytes. */
const SAMPLING_BYTES = 2_048;
/** Callers that are named with a place, and places that are shown. */
const CALLERS = 3;
const SHOWN = 20;

interface Node {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly Node[];
}

const sums = new Map<string, number>();

function addUp(node: Node, callers: readonly string[]): void {
  const { functionName, url, lineNumber } = node.callFrame;
  const file = url.split("/").slice(-2).join("/");
  const stack = [`${functionName || "(unnamed)"} ${file}:${lineNumber + 1}`, ...callers];
  if (node.selfSize > 0) {
    const place = stack.slice(0, CALLERS).join(" < ");
    sums.set(place, (sums.get(place) ?? 0) + node.selfSize);
  }
  for (const child of node.children) addUp(child, stack);
}

const hosts = new BenchHosts(1);
const body = `import { defineTask } from "carillon";
export default defineTask({ executor: "shared", overlap: "allow", run() {} });`;
const tiny = (await hosts.load({ "tiny.ts": body })).get("tiny");
if (!tiny) throw new Error("the task was not loaded");
let runs = 0;
const engine = await BenchEngine.start(
  hosts,
  Array.from({ length: TASKS }, (_, i) => ({
    task: { ...tiny, id: `tiny_${i}` },
    every: EVERY_MS,
    offset: i * EVERY_MS / TASKS,
  })),
  { onEnded: () => runs++ },
);
await new Promise((resolve) => setTimeout(resolve, WARM_MS));
const session = new Session();
session.connect();
await session.post("HeapProfiler.startSampling", {
  samplingInterval: SAMPLING_BYTES,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: false,
});
runs = 0;
await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
const { profile } = await session.post("HeapProfiler.stopSampling") as { profile: { head: Node } };
const counted = runs;
session.disconnect();
await engine.stop();
await hosts.stop();
addUp(profile.head, []);
const total = [...sums.values()].reduce((sum, bytes) => sum + bytes, 0);
const most = [...sums].toSorted(([, one], [, other]) => other - one).slice(0, SHOWN);
printTable(
  ["made in", "bytes a run"],
  [
    ["everywhere", figure(total / counted)],
    ...most.map(([place, bytes]) => [place, figure(bytes / counted)]),
  ],
);
