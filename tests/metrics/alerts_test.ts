/** docs/alerts.yml, tried by Prometheus' own tools where they are installed, and a scrape by a real Prometheus. */
import assert from "node:assert/strict";
import { EventBus } from "../../app/events/bus.ts";
import { Metrics } from "../../app/metrics/metrics.ts";
import { makeFolder } from "../support/folder.ts";
import { READINGS, runOf } from "./readings.ts";

const RULES = new URL("../../docs/alerts.yml", import.meta.url).pathname;

const has = (program: string) =>
  (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });

async function promtool(...args: string[]): Promise<{ readonly success: boolean; readonly text: string }> {
  const { success, stdout, stderr } = await new Deno.Command("promtool", {
    args,
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { success, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** Each alert with series that make it fire; a name of a metric that there is not makes none fire. */
const FIRING: Readonly<Record<string, readonly [series: string, values: string][]>> = {
  CarillonDown: [['up{job="carillon"}', "0x60"]],
  CarillonClockStuck: [["carillon_oldest_overdue_seconds", "0+60x60"]],
  CarillonHistoryNotWritten: [["carillon_history_writes", "0x60"]],
  CarillonMissedInstants: [['carillon_due_instants_total{outcome="missed"}', "0+1x60"]],
  CarillonRunsFail: [['carillon_runs_total{folder="etl",status="failed",cause="schedule"}', "0+1x60"]],
  CarillonRunsStartLate: [
    ['carillon_run_lateness_seconds_bucket{le="1"}', "0x60"],
    ['carillon_run_lateness_seconds_bucket{le="300"}', "0+1x60"],
    ['carillon_run_lateness_seconds_bucket{le="+Inf"}', "0+1x60"],
  ],
  CarillonWorkersBusy: [
    ['carillon_workers_busy{instance="a"}', "10x60"],
    ['carillon_workers{instance="a"}', "10x60"],
    ['carillon_runs_active{instance="a",state="queued"}', "3x60"],
  ],
  CarillonTaskFileBroken: [["carillon_task_files_broken", "1x60"]],
  CarillonNotificationsUndelivered: [['carillon_notifications_undelivered_total{target="ops"}', "0+1x60"]],
  CarillonPromiseBroken: [["carillon_promises_broken_total", "0+1x60"]],
};

Deno.test("every alert speaks of metrics that there are, and has a case that makes it fire", () => {
  const rules = Deno.readTextFileSync(RULES);
  const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name);
  assert.deepEqual(alerts.toSorted(), Object.keys(FIRING).toSorted());
  const events = new EventBus((sentence) => assert.fail(sentence));
  const metrics = new Metrics(events, READINGS);
  events.emit("run.ended", { run: runOf("a", "failed", { startedAt: 0, finishedAt: 1 }) });
  events.emit("notify.undelivered", { target: "ops", id: "x", reason: "y" });
  const text = metrics.text("1");
  for (const [name] of rules.matchAll(/carillon_\w+/g)) assert.ok(text.includes(`\n${name}`), name);
});

Deno.test({
  name: "promtool takes the rules, and each alert fires on what it is for and is silent otherwise",
  ignore: !has("promtool"),
  async fn() {
    assert.deepEqual((await promtool("check", "rules", RULES)).success, true);
    await using folder = makeFolder();
    const tests = Object.entries(FIRING).map(([alert, series]) => ({
      interval: "1m",
      input_series: series.map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [{
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0`,
        eval_time: "40m",
        exp_samples: [{ labels: "{}", value: 1 }],
      }],
    }));
    const quiet = {
      interval: "1m",
      input_series: Object.values(FIRING).flat().map(([name]) => ({
        series: name,
        values: /^up|writes|workers$|workers\{/.test(name) ? "1x60" : "0x60",
      })),
      promql_expr_test: [{ expr: 'count(ALERTS{alertstate="firing"})', eval_time: "40m", exp_samples: [] }],
    };
    const file = folder.write(
      "alerts_test.yml",
      JSON.stringify({ rule_files: [RULES], evaluation_interval: "1m", tests: [...tests, quiet] }),
    );
    const { success, text } = await promtool("test", "rules", file);
    assert.ok(success, text);
  },
});

Deno.test({
  name: "a real Prometheus scrapes it, and its alert fires",
  ignore: !has("prometheus"),
  async fn() {
    const events = new EventBus((sentence) => assert.fail(sentence));
    const metrics = new Metrics(events, { ...READINGS, historyWrites: () => false });
    let scrape = Promise.withResolvers<void>();
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      scrape.resolve();
      scrape = Promise.withResolvers();
      return new Response(metrics.text("1.2.3"), {
        headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      });
    });
    const { port } = server.addr as Deno.NetAddr;
    const rules = Deno.readTextFileSync(RULES).replaceAll(/for: \w+/g, "for: 0s");
    await using folder = makeFolder({ "rules.yml": rules });
    folder.write(
      "prometheus.yml",
      `global: { scrape_interval: 5s, evaluation_interval: 200ms, scrape_timeout: 5s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: carillon, static_configs: [{ targets: ["127.0.0.1:${port}"] }] }]`,
    );
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.close();
    const address = `127.0.0.1:${listener.addr.port}`;
    const prometheus = new Deno.Command("prometheus", {
      args: [
        `--config.file=${folder.path}/prometheus.yml`,
        `--storage.tsdb.path=${folder.path}/data`,
        `--web.listen-address=${address}`,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const ask = async () => {
        try {
          const answer = await fetch(`http://${address}/api/v1/alerts`);
          const { data } = await answer.json();
          return (data.alerts as { labels: { alertname: string }; state: string }[]).map((
            { labels, state },
          ) => `${labels.alertname} ${state}`);
        } catch {
          return [];
        }
      };
      const deadline = performance.now() + 120_000;
      let alerts: string[] = [];
      while (!alerts.includes("CarillonHistoryNotWritten firing") && performance.now() < deadline) {
        await scrape.promise;
        alerts = await ask();
      }
      assert.deepEqual(alerts, ["CarillonHistoryNotWritten firing"]);
    } finally {
      prometheus.kill("SIGTERM");
      await prometheus.status;
      await server.shutdown();
    }
  },
});
