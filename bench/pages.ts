/** How long the list of 2,000 tasks takes: whole, as its live part, where one row or nothing has changed; and the other pages. */
import { makePageWorld, RUNS } from "./page_world.ts";
import { figure, percentile, printTable, say } from "./measure.ts";

const TASKS = 2_000;
const PASSES = 20;

await using world = await makePageWorld(TASKS, 10);
const { app, carillon } = world;
say(`${TASKS} task files loaded in ${(world.loadingMs / 1_000).toFixed(1)} s`);

const LIVE = { "hx-request": "true" };
const GZIP = { "accept-encoding": "gzip" };

interface Asked {
  readonly status: number;
  readonly body: string;
  readonly bytes: number;
  readonly etag: string;
}

async function ask(path: string, headers: Record<string, string>): Promise<Asked> {
  const answer = await app.request(`http://localhost:8398${path}`, { headers });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const { status } = answer;
  return {
    status,
    body: new TextDecoder().decode(bytes),
    bytes: bytes.length,
    etag: answer.headers.get("etag") ?? "",
  };
}

/** @param before makes the next answer another one than the last */
async function measure(
  path: () => string,
  headers: Record<string, string>,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> {
  const times: number[] = [];
  let last: Asked | undefined;
  for (let pass = 0; pass < PASSES; pass++) {
    await before();
    const begun = performance.now();
    last = await ask(path(), headers);
    times.push(performance.now() - begun);
    const poll = pollAddress(last.body);
    if (poll !== undefined) next = poll;
  }
  return [
    String(last?.status),
    `${figure((last?.bytes ?? 0) / 1_000)} kB`,
    figure(percentile(times, 0.5)),
    figure(Math.max(...times)),
  ];
}

function pollAddress(html: string): string | undefined {
  return /id="live" hx-get="([^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
}

/** One run that begins and ends. */
async function change(): Promise<void> {
  const answer = await carillon.operations.run({ channel: "page" }, "task_7", []);
  if (!answer.ok) throw new Error("task_7 takes no parameters");
  for await (const run of carillon.queries.runs.follow(answer.run.id)) {
    if (run.finishedAt !== undefined) return;
  }
}

let next = "";
const begun = performance.now();
await ask("/tasks", {});
say(`the first look at the list took ${figure(performance.now() - begun)} ms`);
const rows = [
  ["the list, something has changed", ...await measure(() => "/tasks", {}, change)],
  ["the list, nothing has", ...await measure(() => "/tasks", {})],
  ["the same, compressed", ...await measure(() => "/tasks", GZIP)],
  ["a folder of 200 opened", ...await measure(() => "/tasks?open=g7", {}, change)],
  ["filtered to 100", ...await measure(() => "/tasks?tag=group+7", LIVE, change)],
  ["since: one row has changed", ...await measure(() => next || "/tasks?open=g7", LIVE, change)],
  ["the same, compressed", ...await measure(() => next, { ...LIVE, ...GZIP }, change)],
  ["since: nothing has changed", ...await measure(() => next, LIVE)],
  [
    "etag: nothing has changed",
    ...await measure(() => "/tasks", { ...LIVE, "if-none-match": (await ask("/tasks", LIVE)).etag }),
  ],
  ["Today, something has changed", ...await measure(() => "/", {}, change)],
  ["Today, nothing has", ...await measure(() => "/", {})],
  ["runs of 24 hours", ...await measure(() => "/runs", {}, change)],
  ["a task's page", ...await measure(() => "/tasks/task_7", {}, change)],
  ["the timeline", ...await measure(() => "/timeline", {}, change)],
  ["the system page", ...await measure(() => "/system", {}, change)],
];
say(`\n${TASKS} tasks with ${RUNS} runs each; milliseconds of ${PASSES} answers\n`);
printTable(["", "status", "body", "median", "longest"], rows);
