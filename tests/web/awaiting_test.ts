/** Runs that wait for another person stand on Today, for whoever may see them and as long as they wait. */
import assert from "node:assert/strict";
import { approvalHouse, byApi } from "../support/approval_house.ts";
import { signedIn } from "../support/browser_like.ts";
import { startCarillon } from "../support/carillon.ts";

/** The block of a page, or nothing. */
function block(html: string): string {
  return /<section id="awaiting"[^]*?<\/section>/.exec(html)?.[0] ?? "";
}

Deno.test("a run that waits stands on Today, with the way to decide for whoever may", async () => {
  await using house = await approvalHouse();
  const { anna, bob, runId } = house;
  const yours = block(await (await bob.ask("/")).text());
  assert.match(yours, new RegExp(`<a class="btn s main" href="/runs/${runId}"`));
  assert.match(yours, /Awaiting approval <a href="\/runs\?status=awaiting">1<\/a>/);
  assert.match(yours, /asked for by anna, decided by boss/);
  const own = block(await (await anna.ask("/")).text());
  assert.match(own, new RegExp(`<a class="btn s" href="/runs/${runId}"`));
  assert.doesNotMatch(own, /Decide/);
  const zh = block(await (await bob.ask("/", { headers: { "accept-language": "zh" } })).text());
  assert.match(zh, /待批准[^]*anna 申请，由 boss 决定[^]*去决定/);
});

Deno.test("it goes from the page once it is decided, expired or cancelled, also from a page that is open", async () => {
  await using house = await approvalHouse();
  const { test, anna, bob, runId } = house;
  const html = await (await bob.ask("/")).text();
  const poll = (/id="live" hx-get="([^"]+)"/.exec(html)?.[1] ?? "").replaceAll("&amp;", "&");
  assert.notEqual(block(html), "");
  assert.equal((await bob.ask(`/runs/${runId}`)).status, 200);
  await anna.ask(`/api/v1/runs/${runId}/cancel`, byApi(anna));
  assert.equal(block(await (await bob.ask("/")).text()), "");
  const later = await bob.ask(poll, { headers: { "hx-request": "true" } });
  const part = await later.text();
  assert.match(part, /#answer/);
  assert.equal(block(part), "");
  await anna.ask("/api/v1/tasks/pay/runs", byApi(anna));
  assert.notEqual(block(await (await bob.ask("/")).text()), "");
  await test.clock.advance({ hours: 25 });
  assert.equal(block(await (await bob.ask("/")).text()), "");
});

Deno.test("five are listed and the others counted; what one may not view is not there, and no note is markup", async () => {
  await using test = await startCarillon({
    "tasks/finance/pay.ts": `import { defineTask } from "carillon";
export default defineTask({ title: "<u>Pay</u>", approval: { by: "admin" }, run: () => "paid" });`,
  }, { ini: "[auth]\nmode = password\n[role:hr]\ntasks = hr/*\nrights = view, approve\n" });
  const anna = await signedIn(test, "anna", ["operator"]);
  const other = await signedIn(test, "hans", ["hr"]);
  for (let n = 0; n < 7; n++) {
    const body = { note: `<img src=x onerror=alert(${n})>${"长".repeat(500)}` };
    assert.equal((await anna.ask("/api/v1/tasks/pay/runs", byApi(anna, body))).status, 202);
  }
  const shown = block(await (await anna.ask("/")).text());
  assert.equal(shown.match(/<li id="[^"]+" class="cause">/g)?.length, 5);
  assert.match(shown, /status=awaiting">7</);
  assert.doesNotMatch(shown, /<img|<u>/);
  assert.equal(block(await (await other.ask("/")).text()), "");
});
