/** Deciding about a run by the API: by another person, once, and written down; the files of runs come byte by byte. */
import assert from "node:assert/strict";
import { approvalHouse, byApi } from "../support/approval_house.ts";
import { startCarillon, startRun } from "../support/carillon.ts";
import { settled } from "../support/clock.ts";

Deno.test("a run is approved by another person, by the API too, and the audit has who it was", async () => {
  await using house = await approvalHouse();
  const { test, anna, bob, runId } = house;
  const address = `/api/v1/runs/${runId}/approve`;
  const own = await anna.ask(address, byApi(anna));
  assert.equal(own.status, 403);
  const answer = await bob.ask(address, byApi(bob, { note: "go on" }));
  assert.equal(answer.status, 202);
  const { run } = await answer.json();
  assert.deepEqual(
    [run.approval.decision, run.approval.decided_by, run.approval.note, run.approval.asked_by],
    ["approved", "bob", "go on", "anna"],
  );
  assert.equal((await test.ended(runId)).message, "paid");
  const { lines } = await test.carillon.queries.audit.find({ action: "run.approve" }, 10);
  assert.deepEqual(lines.map(({ who, by, outcome }) => [who, by, outcome]), [
    ["bob", "api", "done"],
    ["anna", "api", "refused"],
  ]);
});

Deno.test("of twenty decisions at the same time one holds, and the others say so", async () => {
  await using house = await approvalHouse();
  const { test, bob, runId } = house;
  const words = Array.from({ length: 20 }, (_, index) => index % 2 === 0 ? "approve" : "decline");
  const answers = await Promise.all(
    words.map((word) => bob.ask(`/api/v1/runs/${runId}/${word}`, byApi(bob))),
  );
  const good = answers.filter(({ ok }) => ok);
  assert.equal(good.length, 1);
  assert.deepEqual([...new Set(answers.filter(({ ok }) => !ok).map(({ status }) => status))], [409]);
  const { approval, status } = await test.ended(runId);
  assert.equal(status, approval?.decision === "approved" ? "succeeded" : "cancelled");
});

Deno.test("a decision needs the key of the session, and a body that says nothing else", async () => {
  await using house = await approvalHouse();
  const { test, anna, bob, runId } = house;
  for (const word of ["approve", "decline"]) {
    const address = `/api/v1/runs/${runId}/${word}`;
    const forged = { ...bob, formKey: anna.formKey };
    assert.equal((await bob.ask(address, byApi(forged))).status, 403);
    assert.equal((await bob.ask(address, { method: "POST" })).status, 403);
    for (const body of [{ note: 5 }, { note: "x", force: true }, [], null]) {
      assert.equal((await bob.ask(address, byApi(bob, body))).status, 400, JSON.stringify(body));
    }
    assert.equal((await test.fetch(address, { method: "POST" })).status, 401);
  }
  const run = await test.carillon.queries.runs.get(runId);
  assert.equal(run.status, "awaiting_approval");
});

Deno.test("who follows a run that waits for a decision is let go as Carillon stops, and not told that it has ended", async () => {
  await using house = await approvalHouse();
  const { test, anna, runId } = house;
  const headers = { accept: "text/event-stream" };
  const answer = await anna.ask(`/api/v1/runs/${runId}/log`, { headers });
  assert.equal(answer.status, 200);
  const text = answer.text();
  await settled();
  await test.carillon.stop();
  assert.doesNotMatch(await text, /^event: end$/m);
});

Deno.test("a file of a run is downloaded byte by byte, to be saved, and no other is", async () => {
  await using test = await startCarillon({
    "tasks/leave.ts": `import { artifact, defineTask } from "carillon";
export default defineTask({ async run() {
  const file = Deno.makeTempDirSync() + "/报表.html";
  Deno.writeFileSync(file, Uint8Array.from({ length: 300_000 }, (_, i) => i % 251));
  await artifact(file);
} });`,
  });
  const first = await test.ended((await startRun(test, "leave")).id);
  const second = await test.ended((await startRun(test, "leave")).id);
  assert.equal(first.status, "succeeded", String(first.error?.message));
  const [left] = await test.carillon.queries.runs.artifacts(first.id);
  const address = `/api/v1/runs/${first.id}/artifacts/`;
  const answer = await test.fetch(address + encodeURIComponent(left?.path ?? ""));
  assert.equal(answer.status, 200);
  const expected = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), expected);
  const field = (name: string) => answer.headers.get(name);
  assert.equal(field("content-type"), "application/octet-stream");
  assert.equal(field("content-length"), "300000");
  assert.match(
    field("content-disposition") ?? "",
    /^attachment; filename\*=UTF-8''1-%E6%8A%A5%E8%A1%A8\.html$/,
  );
  assert.equal(field("x-content-type-options"), "nosniff");
  assert.equal(field("cache-control"), "no-store");
  // Left off in the middle, and asked for again.
  const cut = (await test.fetch(address + encodeURIComponent(left?.path ?? ""))).body?.getReader();
  await cut?.read();
  await cut?.cancel();
  const wrong = ["nothing", "..%2f..%2fhistory.db", "%2e%2e%2f1", "1-", "%00", "a".repeat(500), "<script>"];
  for (const name of wrong) assert.equal((await test.fetch(address + name)).status, 404, name);
  assert.equal((await test.fetch(address + "a".repeat(501))).status, 400);
  await Deno.remove(`${test.folder.path}/artifacts/${second.id}`, { recursive: true });
  const gone = `/api/v1/runs/${second.id}/artifacts/${encodeURIComponent(left?.path ?? "")}`;
  const lost = await test.fetch(gone);
  assert.equal(lost.status, 404);
  assert.equal(lost.headers.get("content-type"), "application/problem+json");
});
