/** The pages of backfills and of the promise report. */
import assert from "node:assert/strict";
import { signedIn } from "../support/browser_like.ts";
import { startCarillon, startStill, type TestCarillon } from "../support/carillon.ts";

const FILES = {
  "tasks/a.ts": `import { defineTask, every, z } from "carillon";
export default defineTask({ trigger: every("1h", { startDate: "2026-03-01T00:00:00Z" }), params: z.object({ shop: z.string().min(2).default("all") }), run() { return "ok"; } });`,
  "tasks/b.ts": `import { defineTask } from "carillon"; export default defineTask({ run() {} });`,
};

async function page({ fetch }: TestCarillon, path: string, status = 200): Promise<string> {
  const answer = await fetch(path);
  assert.equal(answer.status, status, path);
  return await answer.text();
}

const RANGE = "from=2026-03-10T01%3A00&to=2026-03-10T03%3A30&at_once=1";

async function post({ fetch }: TestCarillon, path: string, fields: Readonly<Record<string, string>> = {}) {
  return await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
}

Deno.test("a backfill is previewed, started once, followed to its end, without a script", async () => {
  await using test = await startCarillon(FILES);
  const empty = await page(test, "/tasks/a/backfill");
  assert.doesNotMatch(empty, /method="post" action="\/tasks\/a\/backfill/);
  const preview = await page(test, `/tasks/a/backfill?${RANGE}`);
  assert.match(preview, /3 runs, 1 at a time/);
  assert.match(preview, /<li>2026-03-10 01:00:00<\/li><li>2026-03-10 02:00:00<\/li>/);
  assert.match(preview, /name="param\.shop"/);
  assert.deepEqual(test.carillon.queries.backfills.all(), [], "looking starts nothing");
  const started = await post(test, `/tasks/a/backfill?${RANGE}`, { "param.shop": "north" });
  assert.equal(started.status, 303);
  const address = started.headers.get("location") ?? "";
  assert.match(address, /^\/backfills\/bf-/);
  const id = address.split("/").at(-1) ?? "";
  for (let round = 0; round < 3; round++) {
    const [run] = test.carillon.queries.backfills.get(id).going;
    if (run !== undefined) await test.ended(run);
    await test.clock.advance({ seconds: 1 });
  }
  const done = await page(test, address);
  assert.match(done, /3 of 3 runs are over/);
  assert.match(done, /<b>done<\/b>/);
  assert.match(await page(test, "/backfills"), new RegExp(`href="${address}"`));
  const runs = await page(test, `/runs?task=a&cause=backfill`);
  assert.equal([...runs.matchAll(/data-row/g)].length, 3);
  assert.deepEqual((await test.carillon.queries.runs.recent("a"))[0]?.params, { shop: "north" });
});

Deno.test("what cannot be made up for is a sentence beside what was typed, and starts nothing", async () => {
  await using test = await startStill(FILES);
  const wrong: readonly [string, RegExp][] = [
    ["from=2026-03-10T03%3A00&to=2026-03-10T01%3A00", /The range ends before it begins/],
    ["from=soon&to=2026-03-10T01%3A00", /&quot;soon&quot; is not a date and time/],
    ["from=2026-03-10T01%3A10&to=2026-03-10T01%3A20", /has no instant in the past/],
    [`${RANGE.replace("at_once=1", "at_once=0")}`, /At once: 0/],
    [`${RANGE.replace("at_once=1", "at_once=1e9")}`, /At once: /],
    ["from=%3Cscript%3E&to=x", /&lt;script&gt;/],
  ];
  for (const [query, sentence] of wrong) {
    const html = await page(test, `/tasks/a/backfill?${query}`, 422);
    assert.match(html, sentence, query);
    assert.doesNotMatch(html, /<button type="submit" class="btn main primary">/, query);
  }
  await page(test, `/tasks/b/backfill?${RANGE}`, 409);
  await page(test, "/tasks/nothing/backfill", 404);
  await page(test, "/backfills/bf-none", 404);
  const bad = await post(test, `/tasks/a/backfill?${RANGE}`, { "param.shop": "x" });
  assert.equal(bad.status, 422);
  assert.match(await bad.text(), /name="param\.shop"[^>]*aria-invalid="true"/);
  assert.deepEqual(test.carillon.queries.backfills.all(), []);
});

Deno.test("a backfill is cancelled after a question, and one that is over says so", async () => {
  await using test = await startStill({
    ...FILES,
    "tasks/a.ts": FILES["tasks/a.ts"].replace('return "ok"', "return new Promise(() => {})"),
  });
  const started = await post(test, `/tasks/a/backfill?${RANGE}`);
  const address = started.headers.get("location") ?? "";
  assert.match(await page(test, `${address}/cancel`), /no further ones are started/);
  assert.equal((await post(test, `/tasks/a/backfill?${RANGE}`)).status, 409, "one at a time");
  assert.equal((await post(test, `${address}/cancel`)).status, 303);
  assert.match(await page(test, address), /<b>cancelled<\/b>/);
  assert.equal((await post(test, `${address}/cancel`)).status, 409);
});

Deno.test("the promise report counts each instant once, and says why", async () => {
  await using test = await startCarillon(FILES);
  await using again = await test.restart({ hours: 3, minutes: 30 });
  await again.clock.advance({ seconds: 1 });
  const html = await page(again, "/report?from=2026-03-10T10%3A30&to=2026-03-10T13%3A30");
  assert.match(
    html,
    /<a href="\/tasks\/a">a<\/a>[\s\S]*<td class="num bad">3<span class="why">3 Carillon was stopped/,
  );
  assert.doesNotMatch(html, /href="\/tasks\/b"/, "without a trigger nothing is promised");
  assert.match(await page(again, "/report?task=a"), /href="\/report">All tasks/);
  await page(again, "/report?from=x", 422);
  await page(again, "/report?task=nothing", 404);
  assert.match(await page(again, "/tasks/a"), /href="\/report\?task=a"[\s\S]*href="\/tasks\/a\/backfill"/);
});

Deno.test("a backfill of a task that asks for its id has a field for it, and keeps what was typed when it is refused", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": FILES["tasks/a.ts"].replace("params:", `confirm: "name", params:`),
  });
  const address = `/tasks/a/backfill?${RANGE}`;
  assert.match(await page(test, address), /<input[^>]*name="confirm"[^>]*required/);
  const refused = await post(test, address, { "param.shop": "north", confirm: "b" });
  assert.equal(refused.status, 422);
  const again = await refused.text();
  assert.match(again, /<p class="problem" role="alert">Task &quot;a&quot; asks for its id/);
  assert.match(again, /name="param\.shop" value="north"/);
  assert.match(again, /name="confirm" value="b"/);
  assert.deepEqual(test.carillon.queries.backfills.all(), [], "it starts nothing");
  assert.equal((await post(test, address, { "param.shop": "north", confirm: "a" })).status, 303);
  const other = await post(test, address, { "param.shop": "south", confirm: "a" });
  assert.equal(other.status, 409);
  const shown = await other.text();
  assert.match(shown, /role="alert">Backfill [^<]* is still going/);
  assert.match(shown, /name="param\.shop" value="south"/);
});

Deno.test("a backfill of a task that needs approval is not offered, and the page says why", async () => {
  await using test = await startCarillon({
    "tasks/a.ts": FILES["tasks/a.ts"].replace("params:", `approval: { by: "admin" }, params:`),
  }, { ini: "[auth]\nmode = password\n" });
  const otto = await signedIn(test, "otto", ["operator"]);
  const address = `/tasks/a/backfill?${RANGE}`;
  const shown = await (await otto.ask(address)).text();
  assert.match(shown, /a backfill of it is not possible/);
  assert.doesNotMatch(shown, /<button type="submit" class="btn main primary">/);
  const refused = await otto.send(address, { "param.shop": "north" });
  assert.equal(refused.status, 409);
  assert.match(await refused.text(), /name="param\.shop" value="north"/);
});
