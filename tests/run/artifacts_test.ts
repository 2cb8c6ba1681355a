/** Files that runs leave: kept, limited, downloaded, and gone with their run. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { makeFolder } from "../support/folder.ts";

/** A task that leaves the files it is told of. */
const LEAVE = `import { artifact, defineTask, z } from "carillon";
export default defineTask({
  params: z.object({ path: z.string(), title: z.string().optional(), times: z.coerce.number().default(1) }),
  async run({ params: { path, title, times } }) {
    for (let i = 0; i < times; i++) await artifact(path, { title });
    return "left";
  },
});
`;
const FILES = { "tasks/leave.ts": LEAVE };

async function leave(test: TestCarillon, params: Record<string, string>) {
  return await test.ended((await startRun(test, "leave", params)).id);
}

Deno.test("a file is kept byte by byte and downloaded with its name, and nothing that a browser would show", async () => {
  await using outside = makeFolder();
  await using test = await startCarillon(FILES, {
    ini: "[secrets]\ncrm_token = s3cret-of-the-crm\n",
  });
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const content = new Uint8Array(300_001);
  for (let at = 0; at < content.length; at += bytes.length) {
    content.set(bytes.subarray(0, content.length - at), at);
  }
  const name = `re"port <b>\n s3cret-of-the-crm 报表.html`;
  const path = join(outside.path, name);
  Deno.writeFileSync(path, content);
  const run = await leave(test, { path, title: "<script>alert(1)</script> s3cret-of-the-crm" });
  assert.equal(run.status, "succeeded", String(run.error?.message));
  const [artifact, ...others] = await test.carillon.queries.runs.artifacts(run.id);
  assert.deepEqual(others, []);
  assert.equal(artifact?.bytes, content.length);
  assert.equal(artifact?.title, "<script>alert(1)</script> •••");
  assert.match(artifact?.path ?? "", /^1-re_port__b___[_ ]*___报表\.html$/);
  const page = await (await test.fetch(`/runs/${run.id}`)).text();
  assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt; •••/);
  assert.doesNotMatch(page, /<script>alert|s3cret/);
  const [, address = ""] = /href="(\/runs\/[^"]+\/files\/[^"]+)"/.exec(page) ?? [];
  const answer = await test.fetch(address);
  assert.equal(answer.status, 200);
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), content);
  assert.equal(answer.headers.get("content-type"), "application/octet-stream");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.match(answer.headers.get("content-disposition") ?? "", /^attachment; filename\*=UTF-8''1-re_port/);
  const file = join(test.folder.path, "artifacts", run.id, artifact?.path ?? "");
  assert.equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
  // What is asked for is one of the run's own files, or nothing.
  for (
    const wrong of [
      "../../history.db",
      "..%2F..%2Fhistory.db",
      "2-x",
      ".",
      "%2Fetc%2Fpasswd",
      `${artifact?.path}.part`,
    ]
  ) {
    assert.equal((await test.fetch(`/runs/${run.id}/files/${wrong}`)).status, 404, wrong);
  }
  Deno.removeSync(file);
  assert.equal((await test.fetch(address)).status, 404);
  await using again = await test.restart();
  assert.equal((await again.carillon.queries.runs.artifacts(run.id)).length, 1);
});

Deno.test("what an attempt has not finished is not in the files of the next one", async () => {
  await using outside = makeFolder({ "big.bin": "", "report.txt": "the report" });
  const at = (name: string) => JSON.stringify(join(outside.path, name));
  Deno.truncateSync(join(outside.path, "big.bin"), 15_000_000);
  await using test = await startCarillon({
    "tasks/again.ts": `import { existsSync, readdirSync } from "node:fs";
import { artifact, defineTask, z } from "carillon";
export default defineTask({
  retry: { attempts: 2, delay: "1s" },
  params: z.object({ folder: z.string() }),
  async run({ params: { folder }, run }) {
    if (run.attempt === 2) return await artifact(${at("report.txt")});
    artifact(${at("big.bin")}).catch(() => {});
    const kept = folder + "/" + run.id;
    while (!existsSync(kept) || readdirSync(kept).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    throw new Error("cut off");
  },
});
`,
  });
  const retrying = Promise.withResolvers<void>();
  test.carillon.events.on("run.retrying", () => retrying.resolve());
  const started = await startRun(test, "again", { folder: join(test.folder.path, "artifacts") });
  await retrying.promise;
  await test.clock.advance({ seconds: 1 });
  const run = await test.ended(started.id);
  assert.equal(run.status, "succeeded", String(run.error?.message));
  const artifacts = await test.carillon.queries.runs.artifacts(run.id);
  assert.deepEqual(artifacts.map(({ bytes }) => bytes), ["the report".length]);
  const { bytes } = await test.carillon.queries.runs.artifact(run.id, artifacts[0]?.path ?? "");
  let text = "";
  for await (const piece of bytes) text += new TextDecoder().decode(piece);
  assert.equal(text, "the report");
});

Deno.test("a file that is called as unfinished ones are is downloaded", async () => {
  await using outside = makeFolder({ "orders.csv.part": "orders" });
  await using test = await startCarillon(FILES);
  const run = await leave(test, { path: join(outside.path, "orders.csv.part") });
  const answer = await test.fetch(`/runs/${run.id}/files/1-orders.csv.part`);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "orders");
});

Deno.test("what is no plain file, or too large, is refused with a sentence", async () => {
  await using outside = makeFolder({ "folder/x": "", "plain.txt": "plain", "huge.bin": "" });
  const at = (name: string) => join(outside.path, name);
  Deno.symlinkSync("/etc/passwd", at("link"));
  new Deno.Command("mkfifo", { args: [at("pipe")] }).outputSync();
  Deno.truncateSync(at("huge.bin"), 1_000_001);
  await using test = await startCarillon(FILES, {
    ini: "[history]\nartifact_size = 1\nartifacts_of_run = 3\n",
  });
  const cases: [string, RegExp][] = [
    [`${outside.path}/folder/../plain.txt`, /write the path without "\.\."$/],
    [at("link"), /it is a link; give the file that it leads to$/],
    [at("pipe"), /it is a pipe or a device, not a file$/],
    ["/dev/zero", /it is a pipe or a device, not a file$/],
    [at("folder"), /it is a folder, not a file$/],
    [at("nowhere"), /No such file/],
    [at("huge.bin"), /it has 1000001 bytes; 1000000 are kept at the most \(\[history\] artifact_size\)$/],
  ];
  for (const [path, message] of cases) {
    const run = await leave(test, { path });
    assert.equal(run.status, "failed", path);
    assert.match(run.error?.message ?? "", message);
    assert.deepEqual(await test.carillon.queries.runs.artifacts(run.id), []);
  }
  Deno.truncateSync(at("huge.bin"), 900_000);
  const run = await leave(test, { path: at("huge.bin"), times: "4" });
  assert.match(run.error?.message ?? "", /the files of this run would have more than 3000000 bytes/);
  assert.equal((await test.carillon.queries.runs.artifacts(run.id)).length, 3);
  const many = await leave(test, { path: at("plain.txt"), times: "101" });
  assert.match(many.error?.message ?? "", /a run leaves 100 files at the most$/);
  assert.equal((await test.carillon.queries.runs.artifacts(many.id)).length, 100);
});

Deno.test("a task with limited rights leaves only what it may read, and an empty file is a file", async () => {
  await using outside = makeFolder({ "open/a.txt": "", "closed/b.txt": "b" });
  await using test = await startCarillon({
    "tasks/limited.ts": LEAVE.replace(
      "params:",
      `permissions: { read: [${JSON.stringify(join(outside.path, "open"))}] },\n  params:`,
    ),
  });
  const results = [];
  for (const path of ["open/a.txt", "closed/b.txt"]) {
    const started = await startRun(test, "limited", { path: join(outside.path, path) });
    results.push(await test.ended(started.id));
  }
  const [good, bad] = results;
  assert.equal(good?.status, "succeeded", String(good?.error?.message));
  assert.equal(bad?.status, "failed");
  assert.match(bad?.error?.message ?? "", /read access/);
  assert.deepEqual(
    (await test.carillon.queries.runs.artifacts(good?.id ?? "")).map(({ path, bytes }) => [path, bytes]),
    [["1-a.txt", 0]],
  );
});

Deno.test("without a history file a run goes on without its files, and its log says so", async () => {
  await using outside = makeFolder({ "a.txt": "a" });
  await using test = await startCarillon(FILES, { flags: { "history-file": "" } });
  const run = await leave(test, { path: join(outside.path, "a.txt") });
  assert.equal(run.status, "succeeded");
  const lines = await test.carillon.queries.runs.lines(run.id);
  assert.ok(lines.some(({ level, text }) => level === "warn" && /it is not kept/.test(text)));
});
