/// <reference lib="dom" />
/** The rows of a long table in a real browser: as wide as their heads, and all there, however far down. */
import assert from "node:assert/strict";
import { hasBinary, startBinary } from "../support/binary.ts";
import { browserProgram, launchBrowser } from "../support/browser.ts";

const TASK = `import { defineTask } from "carillon";
export default defineTask({ run() {} });`;
/** In one folder more than a screen shows at once, in the next ones as many. */
const FILES = Object.fromEntries(
  ["a", "b", "c"].flatMap((folder) =>
    Array.from({ length: 40 }, (_, i) => [`tasks/${folder}/${folder}_${i}.ts`, TASK])
  ),
);

Deno.test({
  name:
    "each row of a long list is there at once or soon, has its columns under their heads, and is found by its end",
  ignore: !hasBinary() || (browserProgram() === undefined && Deno.env.get("CI") !== "true"),
  async fn() {
    await using app = await startBinary(FILES);
    const browser = await launchBrowser();
    try {
      for (const options of [{}, { reducedMotion: "reduce" }, { javaScriptEnabled: false }] as const) {
        for (const width of [720, 1_000, 1_150, 1_440]) {
          const context = await browser.newContext({ viewport: { width, height: 900 }, ...options });
          const page = await context.newPage();
          await page.goto(`${app.address}/tasks`);
          const last = page.locator("tr[data-row]").last();
          const areThere = () =>
            page.locator("tr[data-row]").evaluateAll((rows) =>
              rows.length === 120 && rows.every((row) => getComputedStyle(row).contentVisibility === "auto")
            );
          // Without scripts the browser waits for nothing in the page by itself.
          while (!await areThere()) await new Promise((resolve) => setTimeout(resolve, 20));
          await last.scrollIntoViewIfNeeded();
          await last.getByRole("button", { name: /^Run / }).waitFor();
          const off = await page.evaluate(() => {
            const placesOf = (row: Element | null | undefined) =>
              [...(row?.children ?? [])].map((cell) => cell.getBoundingClientRect())
                .filter((box) => box.width > 0).map(({ left, right }) =>
                  [left, right].map(Math.round).join("–")
                );
            const head = placesOf(document.querySelector("thead tr"));
            const rows = [...document.querySelectorAll("tr[data-row]")];
            return rows.map((row) => placesOf(row).join()).filter((places) => places !== head.join());
          });
          // Out of sight a row has no cells that could be measured: those in sight, at the end, are.
          const wrong = off.filter((places) => places !== "");
          assert.deepEqual(wrong, [], `${width} pixels wide, ${JSON.stringify(options)}`);
          assert.ok(off.length < 120);
          const isSeen = await page.locator("tr[data-row] input").evaluateAll((boxes) =>
            boxes.map((box) => box.checkVisibility())
          );
          // What is chosen is what is seen, and rows far away are.
          assert.deepEqual([isSeen.length, isSeen.every(Boolean)], [120, true]);
          const heights = await page.locator("tr[data-row]").evaluateAll((rows) =>
            rows.map((row) => row.getBoundingClientRect().height)
          );
          assert.deepEqual([...new Set(heights)], [heights[0]]);
          await context.close();
        }
      }
    } finally {
      await browser.close();
    }
  },
});
