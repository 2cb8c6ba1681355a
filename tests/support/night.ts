/** A night of 67 tasks, as a team finds it in the morning: what recovered, what did not, what was missed, what goes on. */
import { type Config, readConfig } from "../../app/config/config.ts";
import { openHistory } from "../../app/history/open.ts";
import type { Run, RunError, RunStatus } from "../../app/model/run.ts";
import { type Application, compose } from "../../app/service/compose.ts";
import { createWebApp } from "../../app/web/server.ts";
import { passWhile } from "./carillon.ts";
import { VirtualClock } from "./clock.ts";
import { makeFolder, type TestFolder } from "./folder.ts";
import { keptJournal } from "./journal.ts";

export const MORNING = "2026-11-26T00:12:30Z";
export const NIGHT_ZONE = "Asia/Shanghai";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  erp: [
    "sync_orders|Sync orders|60",
    "sync_items|Sync items|120",
    "push_confirmations|Push confirmations|240",
    "stock_value|Stock value|720",
    "batch_traces|Batch traces|120",
    "carrier_rates|Carrier rates|1440",
    "bin_locations|Bin locations|240",
    "cycle_count|盘点|60",
    "dock_schedule|Dock schedule|1440",
    "edi_inbox|EDI inbox|15",
    "edi_outbox|EDI outbox|15",
    "goods_receipts|Goods receipts|60",
    "purchase_orders|采购订单|60",
    "returns|Returns|120",
    "serial_numbers|Serial numbers|1440",
    "suppliers|供应商主数据|1440",
  ],
  crm: [
    "call_log|Call log|120",
    "campaigns|Campaign statistics|1440",
    "churn|Churn score|1440",
    "contacts_dedupe|Contacts without doubles|10",
    "grades|客户分级|1440",
    "loyalty_points|会员积分|30",
    "pull_leads|Pull leads|30",
    "surveys|Surveys|60",
    "web_forms|Web forms|15",
    "newsletter|Newsletter|1440",
    "visits|Visits|240",
    "quotes|Quotes|120",
    "opportunities|Opportunities|120",
  ],
  finance: [
    "import_invoices|Import invoices|30",
    "close_day|Close the day|1440",
    "bank_statements|Bank statements|60",
    "rates|Exchange rates|30",
    "post_journal|Post journal entries|1440",
    "payments_out|Payments out|60",
    "dunning|Dunning letters|1440",
    "tax_report|Tax report|1440",
    "ledger_check|对账|240",
    "cash_plan|Cash plan|1440",
  ],
  bi: [
    "fact_sales|Sales facts|240",
    "fact_stock|Stock facts|240",
    "dim_customer|Customer dimension|1440",
    "dim_item|Item dimension|1440",
    "monthly_sales|每月销售汇总|1440",
    "price_index|Price index|240",
    "cube|Refresh the cube|240",
    "extracts|Extracts for the board|1440",
    "quality|Data quality|120",
    "usage|Report usage|1440",
    "kpi|Key figures|60",
    "forecast|Forecast|1440",
  ],
  infra: [
    "backup_check|Backup check|1440",
    "db_health|Databases|15",
    "sftp_mirror|SFTP mirror|30",
    "mail_queue|Mail queue|10",
    "temp_cleanup|Temporary files|60",
    "queue_depth|Queue depth|5",
    "certificates|Certificates|1440",
    "heartbeat|Heartbeat|5",
    "user_sync|User sync|120",
    "log_rotation|Log rotation|1440",
    "disk_usage|Disk usage|30",
    "licences|Licences|1440",
    "dns_check|DNS check|30",
    "ntp_check|Time servers|60",
    "vm_inventory|Machine inventory|1440",
    "patches|Patches|1440",
  ],
};

const ORA: RunError = {
  name: "OracleError",
  message: "ORA-12541: TNS:no listener at 10.3.4.17:1521 (ERP_PROD)",
};
const HTTP: RunError = {
  name: "HttpError",
  message: "HTTP 503 from GET https://api.leadhub.example/v2/calls?page=7",
};
const ROWS: RunError = { name: "CopyError", message: '3 of 1,200 rows not written: "n/a" in column amount' };
const RESET: RunError = { name: "Error", message: "read ECONNRESET" };

interface Trouble {
  readonly from: number;
  readonly to: number;
  readonly error: RunError;
  readonly status?: RunStatus;
}

/** Hours before the morning in which runs of a task fail. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  sync_orders: { from: 6.5, to: 0, error: ORA },
  sync_items: { from: 6.5, to: 0, error: { ...ORA, message: ORA.message.replace("17:1521", "18:1521") } },
  push_confirmations: { from: 6.5, to: 0, error: ORA },
  stock_value: { from: 13, to: 0, error: ORA },
  call_log: { from: 6, to: 0, error: HTTP },
  import_invoices: { from: 1.3, to: 0, error: ROWS },
  close_day: {
    from: 24,
    to: 0,
    error: { name: "Error", message: "ended after its time limit of 30 min" },
    status: "timed_out",
  },
  pull_leads: { from: 5, to: 4, error: RESET },
  edi_inbox: { from: 5.2, to: 4.6, error: RESET },
  bank_statements: { from: 7, to: 6, error: RESET },
  web_forms: { from: 4, to: 3.6, error: RESET },
  sftp_mirror: { from: 3, to: 2.4, error: RESET },
  rates: { from: 9, to: 8, error: RESET },
};

export interface Night extends AsyncDisposable {
  readonly carillon: Application;
  readonly address: string;
  readonly clock: VirtualClock;
  readonly folder: TestFolder;
  /** Ids of runs that failed, by task. */
  readonly failed: ReadonlyMap<string, string>;
}

/** Serves a Carillon in its morning on a free port of the loopback interface. */
export async function startNight({ quiet = false }: { quiet?: boolean } = {}): Promise<Night> {
  const folder = makeFolder(taskFiles(quiet));
  const clock = new VirtualClock(MORNING);
  const config = readConfig({
    folder: folder.path,
    environment: {},
    flags: { timezone: NIGHT_ZONE, "history-file": `${folder.path}/data/history.db` },
  });
  const failed = await writeHistory(config, clock, quiet);
  const { journal } = keptJournal();
  const carillon = await compose(config, clock, journal);
  await carillon.start();
  const { operations, queries, auth } = carillon;
  if (!quiet) {
    const actor = { channel: "page" } as const;
    await operations.pause(actor, ["user_sync", "quotes", "kpi"]);
    await operations.run(actor, "slow_import", []);
    folder.write(
      "tasks/crm/contacts_map.ts",
      'import { fields } from "./_missing.ts";\nexport default fields;\n',
    );
    folder.write(
      "tasks/erp/price_list.ts",
      'import { cron, defineTask } from "carillon";\nexport default defineTask({\n  title: "Price list",\n  trigger: cron({ hour: 25 }),\n  run() {},\n});\n',
    );
    await operations.reload(actor);
  }
  const app = createWebApp({ operations, queries, auth, journal, version: "2.1.0" });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  return {
    carillon,
    address: `http://127.0.0.1:${server.addr.port}`,
    clock,
    folder,
    failed,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      // What waits for its grace waits for this clock.
      await passWhile(carillon.stop(), clock, { seconds: 30 });
      await folder[Symbol.asyncDispose]();
    },
  };
}

interface NightTask {
  readonly id: string;
  readonly folder: string;
  readonly title: string;
  readonly minutes: number;
  readonly offset: number;
}

function nightTasks(): NightTask[] {
  return Object.entries(FOLDERS).flatMap(([folder, lines]) =>
    lines.map((line, i) => {
      const [id = "", title = "", minutes = "60"] = line.split("|");
      return {
        id,
        folder,
        title,
        minutes: Number(minutes),
        offset: (i * 7 + folder.length * 11) % Math.min(60, Number(minutes)),
      };
    })
  );
}

function taskFiles(quiet: boolean): Record<string, string> {
  const files = Object.fromEntries(
    nightTasks().map(({ id, folder, title, minutes, offset }, i) => [
      `tasks/${folder}/${id}.ts`,
      `import { cron, defineTask, z } from "carillon";
export default defineTask({
  title: ${JSON.stringify(title)},
  tags: ${JSON.stringify(i % 3 === 0 ? ["nightly", folder] : [folder])},
  trigger: cron({ ${cronFields(minutes, offset, i)}, timezone: "${NIGHT_ZONE}" }),
  ${
        id === "sync_orders"
          ? 'params: z.object({ begin: z.iso.datetime({ local: true }).optional(), company: z.string().default("1000").describe("Numbers with commas between."), mode: z.enum(["changed", "all"]).default("changed"), dry: z.boolean().default(false).meta({ title: "Dry run", description: "Reads everything, writes nothing." }) }),\n  retry: { attempts: 3, delay: "5s", backoff: 2 },\n  timeout: "10m",\n  locks: ["ERP_PROD"],\n  '
          : ""
      }async run({ log }) {
    log.info("begins");
    throw new Error("it is not meant to run here");
  },
});
`,
    ]),
  );
  if (quiet) return files;
  return {
    ...files,
    "database.ini":
      "[ERP_PROD]\ntype = sqlite\ndatabase = erp.db\n[WAREHOUSE]\ntype = sqlite\ndatabase = warehouse.db\n",
    "tasks/bi/slow_import.ts": `import { defineTask } from "carillon";
export default defineTask({ title: "Loading history", run: ({ signal, progress }) => {
  progress(0.59, "1,239,000 of 2,100,000 rows");
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
} });
`,
  };
}

function cronFields(minutes: number, offset: number, i: number): string {
  if (minutes < 60) {
    const at = Array.from({ length: 60 / minutes }, (_, n) => (n * minutes + offset) % 60).sort((a, b) =>
      a - b
    );
    return `minute: "${at.join(",")}"`;
  }
  if (minutes >= 1_440) return `hour: ${i % 9}, minute: ${offset}`;
  return `hour: "*/${minutes / 60}", minute: ${offset}`;
}

/** Every instant of the night and the day before, with its run. */
async function writeHistory(
  config: Config,
  clock: VirtualClock,
  quiet: boolean,
): Promise<Map<string, string>> {
  await Deno.mkdir(config.scheduler.data, { recursive: true });
  const history = openHistory(
    { file: config.history.file, limit: 500, keep: 10_000, keepMs: Infinity, keepLogsMs: Infinity },
    clock,
    () => {},
  );
  const now = clock.now();
  const failed = new Map<string, string>();
  const random = mulberry(7);
  const runs: { run: Run; lines: readonly string[] }[] = [];
  let count = 0;
  for (const task of nightTasks()) {
    const usual = [800, 6_000, 13_000, 41_000, 300_000][Math.floor(random() * 5)] ?? 800;
    for (let at = now - 60 * HOUR_MS; at < now; at += MINUTE_MS) {
      if (!isDue(task, at)) continue;
      const due = Math.floor(at / MINUTE_MS) * MINUTE_MS;
      const trouble = quiet ? undefined : TROUBLES[task.id];
      const hours = (now - due) / HOUR_MS;
      const isBad = trouble !== undefined && hours <= trouble.from && hours > trouble.to;
      const status: RunStatus = isBad ? trouble.status ?? "failed" : "succeeded";
      const took = Math.round(usual * (0.7 + random() * 0.7) * (random() < 0.02 ? 2.4 : 1));
      const id = runId(due, count++);
      if (due + took > now) continue;
      const run: Run = {
        id,
        taskId: task.id,
        status,
        cause: "schedule",
        scheduledAt: due,
        queuedAt: due + 2,
        startedAt: due + 8 + Math.round(random() * 20),
        finishedAt: due + 8 + took,
        attempt: isBad ? 3 : 1,
        instants: 1,
        params: task.id === "sync_orders"
          ? { begin: new Date(due - 3 * HOUR_MS).toISOString().slice(0, 16) }
          : {},
        ...isBad
          ? {
            error: {
              ...trouble.error,
              stack:
                `${trouble.error.name}: ${trouble.error.message}\n    at query (${task.folder}/${task.id}.ts:10:11)\n    at run (/app/tasks/${task.folder}/${task.id}.ts:10:11)`,
            },
            reason: trouble.status === "timed_out"
              ? { key: "reason.timeout", values: { limitMs: 1_800_000 } }
              : undefined,
          }
          : { message: `${Math.round(random() * 2_000)} rows` },
      };
      runs.push({ run, lines: isBad ? BAD_LOG : GOOD_LOG });
      if (isBad) failed.set(task.id, id);
    }
  }
  if (!quiet) {
    const due = now - 5 * HOUR_MS;
    for (const taskId of ["edi_outbox", "contacts_dedupe", "heartbeat"]) {
      runs.push({
        run: {
          id: runId(due, count++),
          taskId,
          status: "missed",
          cause: "schedule",
          scheduledAt: due,
          queuedAt: due,
          finishedAt: due,
          attempt: 1,
          instants: 3,
          params: {},
          message: "Carillon was stopped",
        },
        lines: [],
      });
    }
  }
  runs.sort((a, b) => a.run.id < b.run.id ? -1 : 1);
  history.batch(() => {
    for (const { run, lines } of runs) {
      if (lines.length > 0) history.save({ ...run, status: "running", finishedAt: undefined });
    }
  });
  history.batch(() => {
    for (const { run, lines } of runs) {
      lines.forEach((line, i) => {
        const [level = "info", ...words] = line.split("|");
        history.log(run.id, {
          at: (run.startedAt ?? run.queuedAt) + i * 37,
          level: level as "info",
          text: words.join("|"),
        });
      });
      history.save(run);
    }
  });
  for (const { id, ...task } of nightTasks()) {
    void task;
    await history.saveState(id, {
      firstSeen: now - 90 * 24 * HOUR_MS,
      trigger: "",
      settledTo: now,
      paused: false,
    });
  }
  await history.saveAlive(now);
  await history.close();
  return failed;
}

const GOOD_LOG = [
  "debug|watermark orders = 2026-11-25T23:00:00+08:00",
  "info|orders from \u001b[36m23:00\u001b[0m to \u001b[36m02:00\u001b[0m",
  "info|connected in 31 ms",
  "info|\u001b[32m✔\u001b[0m calendar \u001b[1m365\u001b[0m rows",
  "info|1,204 orders, 0 rejected",
];
const BAD_LOG = [
  "debug|watermark orders = 2026-11-25T23:00:00+08:00",
  "info|orders from \u001b[36m23:00\u001b[0m to \u001b[36m02:00\u001b[0m",
  "warn|ERP_PROD: no answer, attempt 1 of 3, again in 200 ms",
  "debug|resolve erp-db.example → 10.3.4.17",
  "warn|ERP_PROD: no answer, attempt 2 of 3, again in 400 ms",
  "info|\u001b[32m✔\u001b[0m calendar \u001b[1m365\u001b[0m rows  \u001b[32m✔\u001b[0m price_list \u001b[1m312\u001b[0m rows",
  "warn|ERP_PROD: no answer, attempt 3 of 3",
  "error|\u001b[1;31mORA-12541\u001b[0m: TNS:no listener at 10.3.4.17:1521 (ERP_PROD)",
  "error|    at query (erp/sync_orders.ts:10:11)",
  "info|rolled back: nothing was written to \u001b[35mWAREHOUSE\u001b[0m.orders",
  "debug|watermark stays",
];

function isDue({ minutes, offset, id }: NightTask, at: number): boolean {
  const minute = Math.floor(at / MINUTE_MS) + 8 * 60;
  if (minutes >= 1_440) {
    const index = nightTasks().findIndex((each) => each.id === id);
    return minute % 1_440 === (index % 9) * 60 + offset;
  }
  return minute % minutes === offset % minutes;
}

function runId(at: number, n: number): string {
  const time = at.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
}

/** The same numbers each time. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
