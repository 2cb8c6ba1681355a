import assert from "node:assert/strict";
import { Counter, Gauge, Histogram } from "../../app/metrics/metric.ts";
import { exposition } from "../../app/metrics/exposition.ts";
import { Metrics } from "../../app/metrics/metrics.ts";
import { EventBus } from "../../app/events/bus.ts";
import { startRun, startStill } from "../support/carillon.ts";
import { parseExposition } from "./parser.ts";
import { READINGS, runOf } from "./readings.ts";

/** `promtool check metrics`, where it is installed. */
async function promtool(text: string): Promise<string | undefined> {
  try {
    const child = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    const { success, stdout, stderr } = await child.output();
    return success ? "" : new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("labels are escaped, and the strict reader gives back what was written", () => {
  const counter = new Counter("x_total", "a \\ b\nc", ["name"]);
  const hostile = ['"', "\\", "\n", 'a"} 1\nforged_total 2', "中文", "", "}{,="];
  hostile.forEach((name, i) => counter.add([name], i + 1));
  const family = parseExposition(exposition([counter])).get("x_total");
  assert.deepEqual(
    family?.samples.map(({ labels, value }) => [labels.name, value]),
    hostile.map((name, i) => [name, i + 1]),
  );
});

Deno.test("a value falls into the first bucket that it is not above", () => {
  const histogram = new Histogram("x", "x", [1, 5]);
  for (const value of [0, 1, 1.5, 5, 6, NaN, Infinity]) histogram.observe(value);
  const samples = parseExposition(exposition([histogram])).get("x")?.samples;
  assert.deepEqual(samples?.map(({ value }) => value), [2, 4, 5, 13.5, 5]);
});

Deno.test("what cannot be said is not there, numbers of any size are", () => {
  assert.equal(exposition([new Gauge("x", "x", [], () => undefined)]), "");
  for (const value of [0, -1, 1e-7, 1.5e300, Infinity, -Infinity, 12345678901234]) {
    assert.equal(
      parseExposition(exposition([new Gauge("x", "x", [], () => value)])).get("x")?.samples[0]?.value,
      value,
    );
  }
});

Deno.test("10,000 tasks in 10,000 folders are a bounded number of series, and no run is lost in them", () => {
  const events = new EventBus((sentence) => assert.fail(sentence));
  const metrics = new Metrics(events, READINGS);
  for (let i = 0; i < 10_000; i++) {
    events.emit("run.ended", {
      run: runOf(`t${i}`, i % 2 ? "failed" : "succeeded", { startedAt: 0, finishedAt: 1_000 }),
    });
    events.emit("run.skipped", {
      run: runOf(`t${i}`, "skipped", { reason: { key: `reason.${i}`, values: {} } }),
    });
    metrics.onRequest("GET", `/r${i}`, 200, 1);
    metrics.onRequest(`M${i}`, "/", 200, 1);
  }
  const text = metrics.text("1.2.3");
  const families = parseExposition(text);
  const series = [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0);
  assert.ok(series < 6_000, `${series} series`);
  const sum = (name: string) => families.get(name)?.samples.reduce((all, { value }) => all + value, 0);
  assert.equal(sum("carillon_runs_total"), 10_000);
  assert.equal(sum("carillon_skipped_instants_total"), 10_000);
  assert.equal(sum("carillon_http_requests_total"), 20_000);
});

Deno.test("where there is no room for a folder, what failed still counts as failed", () => {
  const events = new EventBus((sentence) => assert.fail(sentence));
  const metrics = new Metrics(events, { ...READINGS, folderOf: (taskId) => taskId });
  const end = (folder: string, status: "succeeded" | "failed") =>
    events.emit("run.ended", { run: runOf(folder, status, { startedAt: 0, finishedAt: 1_000 }) });
  for (let i = 0; i < 300; i++) end(`folder${i}`, "succeeded");
  for (let i = 0; i < 50; i++) end(`folder${i}`, "failed");
  const { samples = [] } = parseExposition(metrics.text("1.2.3")).get("carillon_runs_total") ?? {};
  const failed = samples.filter(({ labels }) => labels.status === "failed");
  assert.equal(failed.reduce((sum, { value }) => sum + value, 0), 50);
  assert.ok(samples.every(({ labels }) => labels.status !== "other" && labels.cause !== "other"));
  assert.ok(samples.length < 210, `${samples.length} series`);
});

Deno.test("a whole Carillon is measured: runs, instants, requests, the file, the process", async () => {
  const task = (body: string) =>
    `import { cron, defineTask } from "carillon"; export default defineTask({ trigger: cron({ minute: 0 }), run() { ${body} } });`;
  await using app = await startStill({
    "tasks/etl/good.ts": task("return 1;"),
    "tasks/bad.ts": task('throw new Error("x");'),
  });
  await app.ended((await startRun(app, "good")).id);
  await app.ended((await startRun(app, "bad")).id);
  await app.fetch("/tasks/good");
  await app.fetch("/tasks/no/such/page");
  await app.fetch("/nowhere");
  const answer = await app.fetch("/metrics");
  assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await answer.text();
  const families = parseExposition(text);
  const value = (name: string, labels: Record<string, string> = {}) =>
    families.get(name)?.samples.find((each) =>
      Object.entries(labels).every(([key, of]) => each.labels[key] === of)
    )?.value;
  assert.equal(value("carillon_runs_total", { folder: "etl", status: "succeeded", cause: "manual" }), 1);
  assert.equal(value("carillon_runs_total", { folder: "", status: "failed", cause: "manual" }), 1);
  assert.equal(value("carillon_tasks", { state: "active" }), 2);
  assert.equal(value("carillon_build_info", { version: "1.2.3" }), 1);
  assert.equal(value("carillon_history_writes"), 1);
  // Each run was queued, begun and ended: at least a write each.
  const writes = families.get("carillon_history_write_duration_seconds")?.samples ?? [];
  const counted = writes.find((each) => each.name.endsWith("_count"))?.value ?? 0;
  assert.ok(counted >= 4, `${counted} writes`);
  assert.ok((writes.find((each) => each.name.endsWith("_sum"))?.value ?? 0) > 0);
  assert.ok((value("carillon_history_bytes") ?? 0) > 0);
  assert.ok((value("process_resident_memory_bytes") ?? 0) > 1e6);
  const routes = families.get("carillon_http_requests_total")?.samples.map(({ labels }) => labels.route);
  assert.ok(routes?.includes("/tasks/:id"), String(routes));
  assert.ok(!routes?.some((route) => route?.includes("nowhere")), String(routes));
  assert.equal(await promtool(text) ?? "", "");
});

Deno.test("/readyz says what is wrong, in sentences", async () => {
  await using app = await startStill({});
  const ready = await app.fetch("/readyz");
  assert.deepEqual([ready.status, await ready.text()], [200, "ready\n"]);
  await app.carillon.queries.system.pulse.stop();
  const stuck = await app.fetch("/readyz");
  assert.equal(stuck.status, 503);
  assert.match(await stuck.text(), /^not ready: the clock has not ticked for /);
  await app.carillon.stop();
  assert.match(await (await app.fetch("/readyz")).text(), /not ready: the scheduler is not running/);
});

for (
  const [name, text] of Object.entries({
    "no end": "# HELP a x\n# TYPE a gauge\na 1",
    "no help": "# TYPE a gauge\na 1\n",
    "twice": "# HELP a x\n# TYPE a gauge\na 1\na 1\n",
    "quote": '# HELP a x\n# TYPE a gauge\na{b="""} 1\n',
    "foreign": "# HELP a x\n# TYPE a gauge\nb 1\n",
    "falling":
      '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
  })
) {
  Deno.test(`the strict reader refuses: ${name}`, () => {
    assert.throws(() => parseExposition(text));
  });
}
