/** The page of the audit, and asking and approving as people do it in a browser. */
import assert from "node:assert/strict";
import { auditFolder } from "../../app/audit/log.ts";
import { readLine } from "../../app/audit/line.ts";
import { verify } from "../../app/audit/verify.ts";
import { browserLike, signedIn } from "../support/browser_like.ts";
import { startCarillon, type TestCarillon } from "../support/carillon.ts";

const INI =
  "[auth]\nmode = password\n[secrets]\nbank = s3cret-value\n[role:boss]\nrights = view, parameters, run, approve\n";
const FILES = {
  "tasks/pay.ts": `import { defineTask, z } from "carillon";
export default defineTask({ title: "Pay <b>", params: z.object({ day: z.string().default("1") }),
  approval: { by: "boss", expires: "2h" }, run: ({ params }) => "paid " + params.day });`,
  "tasks/plain.ts": `import { defineTask, z } from "carillon";
export default defineTask({ params: z.object({ day: z.string().default("1") }), run: () => "done" });`,
};

async function start(): Promise<TestCarillon> {
  return await startCarillon(FILES, { ini: INI });
}

/** What the audit has, each as `who action target outcome`. */
async function told({ carillon }: TestCarillon): Promise<string[]> {
  const { lines } = await carillon.queries.audit.find({}, 1_000);
  return lines.toReversed().map(({ who = "", action, target = "", outcome }) =>
    `${who} ${action} ${target.replace(/^run\/.*/, "run/…")} ${outcome}`
  );
}

Deno.test("a run is asked for, approved by another person and followed, all of it in browsers and in the audit", async () => {
  await using test = await start();
  const anna = await signedIn(test, "anna", ["operator"]);
  const bob = await signedIn(test, "bob", ["boss"]);
  const question = await (await anna.ask("/tasks/pay/run")).text();
  assert.match(question, /It waits until another person with the role boss has approved it, 2 h at the most/);
  const asked = await anna.send("/tasks/pay/run", {
    "param.day": "9",
    note: "<i>salaries</i>",
    question: "q1",
  });
  assert.equal(asked.status, 303);
  const address = asked.headers.get("location") ?? "";
  const id = address.split("/").at(-1) ?? "";
  const own = await (await anna.ask(address)).text();
  assert.match(own, /asked for by you: another person has to decide/);
  assert.doesNotMatch(own, new RegExp(`href="${address}/approve"`));
  const others = await (await bob.ask(address)).text();
  assert.match(others, /&lt;i&gt;salaries&lt;\/i&gt;/);
  assert.match(others, /No run of this task was approved before/);
  assert.match(others, new RegExp(`href="${address}/approve"`));
  assert.match(await (await bob.ask("/runs?status=awaiting")).text(), /awaiting approval/);
  // Whoever asked may try: by the address itself, and with a stolen page.
  await anna.ask(`${address}/approve`);
  assert.equal((await anna.send(`${address}/approve`)).status, 403);
  assert.equal((await browserLike(test).send(`${address}/approve`)).status, 401);
  assert.equal((await bob.send(`${address}/approve`, { form_key: anna.formKey })).status, 403);
  const sure = await (await bob.ask(`${address}/approve`)).text();
  assert.match(sure, /<code>day<\/code>/);
  assert.equal((await bob.send(`${address}/approve`, { note: "go on" })).status, 303);
  assert.equal((await test.ended(id)).message, "paid 9");
  const after = await (await anna.ask(address)).text();
  assert.match(after, /Approved by bob/);
  assert.match(after, /go on/);
  assert.equal((await bob.send(`${address}/decline`)).status, 409);
  // The next one shows what the last one did.
  const next = await anna.send("/tasks/pay/run", { "param.day": "9", question: "q2" });
  const page = await (await bob.ask(next.headers.get("location") ?? "")).text();
  assert.match(page, /The last run that was approved/);
  assert.match(page, /with the same parameters/);
  assert.equal((await bob.send(`${next.headers.get("location")}/decline`, { note: "twice" })).status, 303);
  const declined = await (await anna.ask(next.headers.get("location") ?? "")).text();
  assert.match(declined, /declined by bob: twice/);
  assert.deepEqual((await told(test)).filter((line) => !line.startsWith(" ")), [
    "anna sign_in user/anna done",
    "bob sign_in user/bob done",
    "anna run.start task/pay done",
    "anna run.approve run/… refused",
    "bob run.approve run/… done",
    "bob run.decline run/… refused",
    "anna run.start task/pay done",
    "bob run.decline run/… done",
  ]);
  assert.deepEqual(verify(auditFolder(test.config.scheduler.data)).problems, []);
});

Deno.test("the audit is for those who may read it; its page and its export go by the filter", async () => {
  await using test = await start();
  const admin = await signedIn(test, "root", ["admin"]);
  const anna = await signedIn(test, "anna", ["operator"]);
  for (const address of ["/audit", "/audit.ndjson"]) {
    assert.equal((await anna.ask(address)).status, 403, address);
    assert.equal((await browserLike(test).ask(address)).status, 303, address);
    assert.equal((await admin.ask(address)).status, 200, address);
  }
  assert.doesNotMatch(await (await anna.ask("/system")).text(), /href="\/audit"/);
  assert.match(await (await admin.ask("/system")).text(), /href="\/audit"/);
  const nasty = "<script>alert(1)</script>";
  await anna.send("/tasks/plain/run", { "param.day": nasty, note: "s3cret-value", question: nasty });
  await anna.send("/sign-in", { name: nasty, password: nasty });
  const page = await (await admin.ask("/audit")).text();
  assert.match(page, /&lt;script&gt;/);
  assert.ok(!page.includes(nasty));
  assert.ok(!page.includes("s3cret"));
  assert.match(page, /Run started/);
  const zh = await (await admin.ask("/audit", { headers: { "accept-language": "zh" } })).text();
  assert.match(zh, /启动运行/);
  const refused = await (await admin.ask("/audit?outcome=refused&action=sign_in")).text();
  assert.doesNotMatch(refused, /Run started/);
  assert.match(refused, /refused/);
  const ndjson = await (await admin.ask("/audit.ndjson?who=anna&action=run")).text();
  const lines = ndjson.trimEnd().split("\n").map(readLine);
  assert.deepEqual(lines.map((line) => line?.action), ["run.start"]);
  assert.deepEqual(lines[0]?.params, { note: "•••", params: { day: nasty } });
  const token = test.carillon.auth.tokens.create({ name: "siem", rights: "audit" });
  const byToken = await test.fetch("/audit.ndjson", { headers: { authorization: `Bearer ${token}` } });
  assert.equal(byToken.status, 200);
  assert.equal(byToken.headers.get("cache-control"), "no-store");
});

Deno.test("a filter that means nothing is refused with a sentence, whatever is in it", async () => {
  await using test = await start();
  const admin = await signedIn(test, "root", ["admin"]);
  const wrong = [
    "outcome=well",
    "before=x",
    "before=-1",
    "before=99999999999999999999",
    "from=soon",
    "to=2026-13-45",
    "from=%2B275760-09-13",
    "to=%2B275760-09-13",
    "from=2026-03-11&to=2026-03-01",
    `from=${"9".repeat(5_000)}`,
    "target=%F0%9F",
  ];
  for (const query of wrong) {
    for (const address of ["/audit", "/audit.ndjson"]) {
      const answer = await admin.ask(`${address}?${query}`);
      assert.ok(answer.status === 400 || answer.status === 422, `${query}: ${answer.status}`);
    }
  }
  for (
    const query of [
      "q=%00",
      `q=${"x".repeat(5_000)}`,
      "who=[",
      "target=%F0%9F%98%80",
      "action=__proto__",
      "q=(.*)*",
    ]
  ) {
    assert.equal((await admin.ask(`/audit?${query}`)).status, 200, query);
  }
});

Deno.test("starts, changed files, stops, and what a program does by a token are in the audit", async () => {
  await using test = await start();
  const token = test.carillon.auth.tokens.create({ name: "ci", rights: "view, run" });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const started = await test.fetch("/api/v1/tasks/plain/runs", {
    method: "POST",
    headers,
    body: JSON.stringify({ params: { day: "s3cret-value" }, note: "nightly" }),
  });
  assert.equal(started.status, 202);
  const { run } = await started.json();
  assert.equal(run.note, "nightly");
  await test.ended(run.id);
  const missing = await test.fetch("/api/v1/tasks/nobody/runs", { method: "POST", headers, body: "{}" });
  assert.equal(missing.status, 404);
  const cancel = await test.fetch(`/api/v1/runs/${run.id}/cancel`, { method: "POST", headers });
  assert.equal(cancel.status, 403);
  test.folder.write("tasks/new.ts", FILES["tasks/plain.ts"]);
  await test.carillon.operations.reload({ channel: "cli" });
  await using again = await test.restart();
  const lines = (await again.carillon.queries.audit.find({}, 100)).lines.toReversed();
  assert.deepEqual(
    lines.map(({ who = "", token: by = "", by: channel, action, outcome }) =>
      `${who} ${by} ${channel} ${action} ${outcome}`
    ),
    [
      "  carillon carillon.start done",
      "ci ci api run.start done",
      "ci ci api run.start refused",
      "ci ci api run.cancel refused",
      "  carillon tasks.changed done",
      "  carillon carillon.stop done",
      "  carillon carillon.start done",
    ],
  );
  const text = JSON.stringify(lines);
  assert.ok(!text.includes("s3cret"), text);
  const [begin] = lines;
  const { audit, secrets } = begin?.params as Record<string, unknown>;
  assert.deepEqual([audit, secrets], [{ days: 365 }, ["bank"]]);
});

Deno.test("an audit that cannot be written stops nothing and is said", async () => {
  await using test = await start();
  const folder = auditFolder(test.config.scheduler.data);
  await Deno.rename(folder, `${folder}.away`);
  await Deno.writeTextFile(folder, "in the way");
  const admin = await signedIn(test, "root", ["admin"]);
  const { headers } = await admin.send("/tasks/plain/run", { question: "q" });
  await test.ended(headers.get("location")?.split("/").at(-1) ?? "");
  assert.match(test.lines.join("\n"), /the audit cannot be written/);
  assert.match(await (await admin.ask("/system")).text(), /the audit cannot be written/);
  await Deno.remove(folder);
  await Deno.rename(`${folder}.away`, folder);
  await test.clock.advance({ seconds: 5 });
  assert.match(test.lines.join("\n"), /the audit is written again; it has the \d+ entries/);
  assert.deepEqual(verify(folder).problems, []);
  assert.ok((await told(test)).includes("root run.start task/plain done"));
});
