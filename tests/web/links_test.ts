/** A link leads to what it stands beside, and an action is about what is shown. */
import assert from "node:assert/strict";
import { signedIn } from "../support/browser_like.ts";
import { startCarillon, type TestCarillon, TESTER } from "../support/carillon.ts";

const task = (more: string) =>
  `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1h", { startDate: "2026-03-01T00:00:00Z" }), ${more} });`;

async function page({ fetch }: TestCarillon, path: string): Promise<string> {
  const answer = await fetch(path);
  assert.equal(answer.status, 200, path);
  return await answer.text();
}

Deno.test("a group is paused as it is shown: what else is filtered counts too", async () => {
  const night = task(`tags: ["night"], run() {}`);
  await using test = await startCarillon({
    "tasks/etl/a.ts": night,
    "tasks/etl/b.ts": night,
    "tasks/c.ts": night,
    "tasks/d.ts": night,
  });
  const addresses = ["/tasks?folder=etl&group=tag", "/tasks?first=night&folder=etl&group=tag"];
  for (const address of addresses) {
    const html = await page(test, address);
    const buttons = [...html.matchAll(/(?:href|hx-get)="(\/pause\?[^"]*)"/g)].map(([, each = ""]) => each);
    assert.ok(buttons.length > 1, "one for all, and one for the group");
    for (const button of buttons) {
      assert.match(await page(test, button.replaceAll("&amp;", "&")), /Pause 2 tasks\?/, button);
    }
  }
});

Deno.test("the report's link to runs and that of a folder of the timeline keep the span", async () => {
  await using test = await startCarillon({ "tasks/etl/a.ts": task("run() {}") });
  await using later = await test.restart({ hours: 2 });
  const report = await page(later, "/report?from=2026-03-10T10%3A00&to=2026-03-10T12%3A00");
  assert.match(report, /href="\/runs\?task=a&amp;from=2026-03-10T10%3A00%3A00Z&amp;to=2026-03-10T12%3A0/);
  const day = await page(later, "/timeline?day=2026-03-09");
  assert.doesNotMatch(day, /href="\/runs\?from=(?!2026-03-09T00)/);
});

Deno.test("why the task folder cannot be read is not told to everybody, in the language of the page", async () => {
  await using test = await startCarillon({ "tasks/a.ts": task("run() {}") }, {
    ini: "[auth]\nmode = password\n",
  });
  const vera = await signedIn(test, "vera", ["viewer"]);
  await Deno.remove(`${test.folder.path}/tasks`, { recursive: true });
  await test.carillon.operations.reload(TESTER).catch(() => {});
  const said = async (language: string) => {
    const answer = await vera.ask("/tasks", { headers: { "accept-language": language } });
    return /<p class="alarm">([^<]*)<\/p>/.exec(await answer.text())?.[1] ?? "";
  };
  assert.match(await said("en"), /the reason is in the log/);
  assert.match(await said("zh"), /原因见日志/);
  assert.doesNotMatch(await said("zh"), /reason/);
});
