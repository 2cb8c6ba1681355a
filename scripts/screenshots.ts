/** Takes the pictures of docs/screenshots: the morning after a bad night, in every look. */
import { join } from "node:path";
import { launchBrowser } from "../tests/support/browser.ts";
import { MORNING, NIGHT_ZONE, startNight } from "../tests/support/night.ts";

const OUTPUT = new URL("../docs/screenshots/", import.meta.url).pathname;
const WIDE = { width: 1440, height: 900 };

const LOOKS = [
  { name: "light", viewport: WIDE },
  { name: "dark", viewport: WIDE, colorScheme: "dark" },
  { name: "zh", viewport: WIDE, locale: "zh-CN" },
  { name: "360", viewport: { width: 360, height: 780 } },
  { name: "768", viewport: { width: 768, height: 900 } },
  { name: "960", viewport: { width: 960, height: 900 } },
  { name: "2560", viewport: { width: 2_560, height: 1_300 } },
  { name: "forced-colours", viewport: WIDE, forcedColors: "active" },
  { name: "no-javascript", viewport: WIDE, javaScriptEnabled: false },
] as const;

await using night = await startNight();
const pages: Readonly<Record<string, string>> = {
  today: "/",
  tasks: "/tasks?sort=-failed",
  runs: "/runs?window=night",
  task: "/tasks/sync_orders",
  failed: `/runs/${night.failed.get("sync_orders")}`,
  timeline: "/timeline",
  hours: "/timeline?span=4h",
  week: "/timeline?view=week",
  system: "/system",
  ask: "/tasks/sync_orders/run",
};

await Deno.mkdir(OUTPUT, { recursive: true });
const browser = await launchBrowser();
try {
  for (const { name: look, ...options } of LOOKS) {
    const context = await browser.newContext({ locale: "en-GB", timezoneId: NIGHT_ZONE, ...options });
    const page = await context.newPage();
    await page.clock.setFixedTime(new Date(MORNING));
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(`${night.address}${path}`);
      await page.screenshot({ path: join(OUTPUT, `${name}-${look}.png`) });
    }
    if (look === "light") {
      await page.goto(night.address);
      await page.emulateMedia({ media: "print" });
      await page.screenshot({ path: join(OUTPUT, "today-print.png") });
    }
    await context.close();
  }
} finally {
  await browser.close();
}
