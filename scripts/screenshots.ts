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

const folder = makeFolder();
await runBinary(["init"], folder.path);
await using app = await startBinaryIn(folder);
folder.write("tasks/unfinished.ts", "export default defineTask({\n  trigger: every(,\n});\n");
await app.logged("unfinished.ts");
await app.logged(/task heartbeat: run \S+ succeeded/);
const started: string[] = [];
for (const id of ["get_test_data", "flaky", "flaky", "flaky", "flaky", "nightly_report"]) {
  const { run_id } = await (await fetch(`${app.address}/trigger/${id}`, { method: "POST" })).json();
  started.push(run_id);
}
await app.logged(/task flaky: run \S+ failed/).catch(() => {});
await app.logged(/task nightly_report: run \S+ succeeded/);
await fetch(`${app.address}/trigger/nightly_report`, { method: "POST" });

const pages: Readonly<Record<string, string>> = {
  tasks: "/",
  task: "/tasks/nightly_report",
  run: `/runs/${started.at(-1)}`,
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
    await page.locator("#task-get_test_data").getByRole("button").click();
    await page.getByRole("dialog").waitFor();
    await page.screenshot({ path: join(OUTPUT, `dialog-${look}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
}
