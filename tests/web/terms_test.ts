/** Terms of a pause that there is are changed in the same question; and nobody is led to what they may not see. */
import assert from "node:assert/strict";
import { startStill, TESTER } from "../support/carillon.ts";
import { browserLike, signedIn } from "../support/browser_like.ts";

const TASK = `import { defineTask, every } from "carillon";
export default defineTask({ trigger: every("1h"), run() {} });`;

Deno.test("a task that is paused already gets another end and note, alone and with those that are ticked", async () => {
  await using test = await startStill({ "tasks/a.ts": TASK, "tasks/b.ts": TASK });
  const { operations, queries } = test.carillon;
  const until = test.clock.now() + 3_600_000;
  await operations.pause(TESTER, ["a"], { until, note: "the ERP moves" });
  const browser = browserLike(test);
  const question = await (await browser.ask("/tasks/a/pause")).text();
  assert.match(question, /Change the pause of/);
  assert.match(question, /<option value="2026-03-10T11:00:00Z" selected[^>]*>11:00, as now</);
  assert.match(question, /value="the ERP moves"/);
  assert.match(await (await browser.ask("/tasks/a")).text(), /href="\/tasks\/a\/pause"/);
  assert.match(await (await browser.ask("/tasks/a/more")).text(), /href="\/tasks\/a\/pause"/);
  const later = "2026-03-10T12:30:00Z";
  assert.equal((await browser.send("/tasks/a/pause", { until: later, note: "it takes longer" })).status, 303);
  const { pause } = queries.tasks.get("a");
  assert.deepEqual([pause?.until, pause?.note], [Date.parse(later), "it takes longer"]);
  // Whoever pauses all that are not yet leaves those alone that are.
  const all = await (await browser.ask("/pause")).text();
  assert.match(all, /name="chosen" value="b"/);
  const ticked = await (await browser.ask("/pause?task=a&task=b")).text();
  assert.match(ticked, /name="chosen" value="a,b"/);
  assert.match(ticked, /paused until 12:30/);
  assert.equal((await browser.send("/pause?task=a&task=b", { chosen: "a,b", note: "both" })).status, 303);
  for (const id of ["a", "b"]) {
    const { until, note } = queries.tasks.get(id).pause ?? {};
    assert.deepEqual([until, note], [undefined, "both"], id);
  }
});

Deno.test("whoever may not see the system page is led there from nowhere", async () => {
  await using test = await startStill({
    "tasks/good.ts": TASK,
    "tasks/broken.ts": TASK,
    "tasks/never.ts": "export default 1;",
  }, { ini: "[auth]\nmode = password\n" });
  test.folder.write("tasks/broken.ts", "export default defineTask({\n  trigger: every(,\n});\n");
  await test.carillon.operations.reload(TESTER);
  const [vera, otto] = [await signedIn(test, "vera", ["viewer"]), await signedIn(test, "otto", ["operator"])];
  for (const page of ["/", "/tasks", "/tasks/broken", "/runs", "/search?q=s"]) {
    const seen = await (await vera.ask(page)).text();
    assert.match(seen, /broken files/, page);
    const led = [...seen.matchAll(/href="([^"#?]*)/g)].map(([, address]) => address);
    for (const address of new Set(led)) {
      const isOwn = address?.startsWith("/") && !address.startsWith("/assets");
      if (isOwn) assert.notEqual((await vera.ask(address ?? "")).status, 403, `${page} leads to ${address}`);
    }
  }
  const today = await (await otto.ask("/")).text();
  assert.match(today, /class="wide warn" href="\/system"/);
  assert.match(today, /href="\/tasks\/broken\/source#L2"/);
});
