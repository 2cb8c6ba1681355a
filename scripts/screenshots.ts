/** Takes the pictures of docs/screenshots: every page, light and dark, wide and narrow, in both languages. */
import { join } from "node:path";
import { runBinary, startBinaryIn } from "../tests/support/binary.ts";
import { launchBrowser } from "../tests/support/browser.ts";
import { makeFolder } from "../tests/support/folder.ts";

const OUTPUT = new URL("../docs/screenshots/", import.meta.url).pathname;
const WIDE = { width: 1180, height: 720 };
const NARROW = { width: 360, height: 740 };

const LOOKS = [
  { name: "light", viewport: WIDE, colorScheme: "light", locale: "en-GB" },
  { name: "dark", viewport: WIDE, colorScheme: "dark", locale: "en-GB" },
  { name: "narrow", viewport: NARROW, colorScheme: "light", locale: "en-GB" },
  { name: "zh", viewport: WIDE, colorScheme: "light", locale: "zh-CN" },
] as const;

/** A task with much to say about how it is run. */
const CAREFUL = `import { defineTask, every } from "carillon";
export default defineTask({
  title: { en: "Careful copy", zh: "谨慎复制" },
  tags: ["warehouse", "nightly"],
  trigger: every("1s"),
  timeout: "10m",
  retry: { attempts: 3, delay: "5s", backoff: 2 },
  overlap: "queue",
  misfire: { catchUp: "latest" },
  locks: ["warehouse"],
  blackout: { from: "00:00", to: "24:00" },
  after: "get_test_dat",
  permissions: { net: ["db.local:5432"] },
  run() {},
});
`;

const folder = makeFolder();
await runBinary(["init"], folder.path);
await using app = await startBinaryIn(folder);
folder.write("tasks/unfinished.ts", "export default defineTask({\n  trigger: every(,\n});\n");
await app.logged("unfinished.ts");
await app.logged(/task heartbeat: run \S+ succeeded/);
folder.write("tasks/warehouse/careful.ts", CAREFUL);
await app.logged("task careful: loaded");
const start = async (id: string): Promise<string> => {
  const answer = await fetch(`${app.address}/trigger/${id}`, { method: "POST" });
  return (await answer.json() as { run_id: string }).run_id;
};
await start("get_test_data");
// It fails now and then: as often as it takes.
while (!/task flaky: run \S+ failed/.test(app.log())) {
  await start("flaky");
  await app.news();
}
const failed = /task flaky: run (\S+) failed/.exec(app.log())?.[1] ?? "";
await start("nightly_report");
await app.logged(/task nightly_report: run \S+ succeeded/);
const going = await start("nightly_report");
await fetch(`${app.address}/tasks/flaky/pause`, { method: "POST" });
await app.logged("its trigger was paused");

const pages: Readonly<Record<string, string>> = {
  tasks: "/",
  task: "/tasks/nightly_report",
  policies: "/tasks/careful",
  run: `/runs/${going}`,
  failed: `/runs/${failed}`,
  source: "/tasks/get_test_data/source",
  timeline: "/timeline",
  year: "/tasks/heartbeat/year",
  system: "/system",
  ask: "/tasks/get_test_data/run",
  error: "/nowhere",
};

await Deno.mkdir(OUTPUT, { recursive: true });
const browser = await launchBrowser();
try {
  for (const { name: look, ...options } of LOOKS) {
    const context = await browser.newContext({ ...options, timezoneId: "Asia/Shanghai" });
    const page = await context.newPage();
    await page.goto(app.address);
    await page.getByText("Asia/Shanghai").first().waitFor();
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(`${app.address}${path}`);
      await page.screenshot({ path: join(OUTPUT, `${name}-${look}.png`) });
    }
    await page.goto(app.address);
    await page.locator("#task-get_test_data").locator("[data-kind=run]").click();
    await page.getByRole("dialog").waitFor();
    await page.screenshot({ path: join(OUTPUT, `dialog-${look}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
}
