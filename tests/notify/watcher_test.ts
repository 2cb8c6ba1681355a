import assert from "node:assert/strict";
import { fc } from "../support/fast_check.ts";
import { startCarillon } from "../support/carillon.ts";
import { makeFolder } from "../support/folder.ts";
import { readHeartbeat, signQuestion } from "../../app/notify/heartbeat.ts";
import type { Heartbeat } from "../../app/notify/heartbeat.ts";
import { lookAt } from "../../app/notify/look.ts";
import { ANSWER_MS, type Look, LOOK_MS, Watcher } from "../../app/notify/watcher.ts";
import { plainServer } from "./providers.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const SECRET = "a secret of sixteen or more";
const never = new AbortController().signal;
const MINUTES_2 = 120_000;

function answer(now: number, more: Partial<Heartbeat> = {}, tookMs = 20): Look {
  const well: Heartbeat = {
    version: 1,
    now,
    startedAt: 0,
    tickAgeMs: 100,
    overdueMs: 0,
    notReady: [],
    promises: [],
  };
  return { kind: "answer", heartbeat: { ...well, ...more }, tookMs };
}

const SILENT: Look = { kind: "none", why: "no answer within 10 s" };

/** Looks until there is an alarm; how long that takes, each look at its slowest. */
function timeToAlarm(see: (now: number) => Look): { readonly kinds: readonly string[]; readonly ms: number } {
  const watcher = new Watcher("x");
  // Just after a good look things go wrong.
  watcher.see(answer(0), 0);
  for (let now = LOOK_MS; now < 10 * MINUTES_2; now += LOOK_MS + ANSWER_MS) {
    const { alarms } = watcher.see(see(now + ANSWER_MS), now + ANSWER_MS);
    if (alarms.length > 0) return { kinds: alarms.map(({ kind }) => kind), ms: now + ANSWER_MS };
  }
  return { kinds: [], ms: Infinity };
}

const WRONG: [string, (now: number) => Look][] = [
  ["silence", () => SILENT],
  ["stuck", (now) => answer(now, { tickAgeMs: 30_000 })],
  ["stuck", (now) => answer(now, { tickAgeMs: null })],
  ["overdue", (now) => answer(now, { overdueMs: 90_000 })],
  ["clock", (now) => answer(now + 3_600_000)],
  ["clock", (now) => answer(now - 3_600_000)],
  ["not_ready", (now) => answer(now, { notReady: ["the disk is full"] })],
  ["undone", (now) => answer(now, { promises: [{ task: "a", lastSuccess: null, undone: true }] })],
];

for (const [kind, see] of WRONG) {
  Deno.test(`${kind} is told within two minutes`, () => {
    const { kinds, ms } = timeToAlarm(see);
    assert.deepEqual(kinds, [kind]);
    assert.ok(ms <= MINUTES_2, `${ms / 1_000} s`);
  });
}

Deno.test("in a week of slow answers, single failures and small clock errors there is no false alarm", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 99 })), (chance) => {
      const watcher = new Watcher("x");
      let last = "";
      for (let now = 0; now < 7 * 86_400_000; now += LOOK_MS) {
        const roll: number = chance.next().value;
        // A look that fails, or shows something, is followed by a good one: twice in a row at the most.
        const bad = last !== "bad bad" && roll < 20;
        last = bad ? (last === "bad" ? "bad bad" : "bad") : "";
        const look: Look = !bad ? answer(now + roll * 200, {}, roll * 90) : roll < 8 ? SILENT : answer(now, {
          overdueMs: roll < 14 ? 100_000 : 0,
          tickAgeMs: roll < 16 ? 20_000 : 1,
          notReady: ["x"],
        });
        assert.deepEqual(watcher.see(look, now).alarms, []);
      }
    }),
    { numRuns: 5, seed: 20_261_125 },
  );
});

Deno.test("an alarm that is over is over, and what is not known stays as it was", () => {
  const watcher = new Watcher("x");
  let now = 0;
  const see = (look: (now: number) => Look) => watcher.see(look(now), now += LOOK_MS);
  for (let i = 0; i < 4; i++) see((at) => answer(at, { overdueMs: 90_000 }));
  assert.deepEqual(see(() => SILENT).certain, []);
  assert.ok(see((at) => answer(at)).certain.includes("overdue"));
});

Deno.test("a watcher that slept itself begins anew", () => {
  const watcher = new Watcher("x");
  watcher.see(SILENT, 0);
  assert.deepEqual(watcher.see(SILENT, 3_600_000).alarms, []);
});

Deno.test("a heartbeat is for those who have the secret, and only its own answer counts", async () => {
  await using app = await startCarillon({}, { ini: `[watch]\nsecret = ${SECRET}\n` });
  const nonce = "0123456789abcdef";
  const ask = (signature: string, of = nonce) =>
    app.fetch(`/heartbeat?nonce=${of}`, { headers: { "carillon-watch": signature } });
  assert.equal((await ask(signQuestion(SECRET, nonce))).status, 200);
  assert.equal((await ask(signQuestion("another secret, wrong", nonce))).status, 401);
  assert.equal((await ask(signQuestion(SECRET, "other nonce 12345"))).status, 401);
  assert.equal((await ask("")).status, 401);
  assert.equal((await ask(signQuestion(SECRET, "x"), "x")).status, 401);
  await using closed = await startCarillon({});
  assert.equal((await closed.fetch("/heartbeat?nonce=0123456789abcdef")).status, 404);
});

Deno.test("a disk that is nearly full is told, though the history still writes, until there is room again", async () => {
  await using app = await startCarillon({}, { ini: `[watch]\nsecret = ${SECRET}\n` });
  const nonce = "0123456789abcdef";
  const notReady = async () => {
    const headers = { "carillon-watch": signQuestion(SECRET, nonce) };
    const answer = await app.fetch(`/heartbeat?nonce=${nonce}`, { headers });
    return readHeartbeat(await answer.text())?.notReady;
  };
  const { events } = app.carillon;
  events.emit("disk.low", { folder: "/data", free: 12_000_000 });
  assert.deepEqual(await notReady(), ["the disk of its data is nearly full: 12.0 MB are left"]);
  assert.equal(await (await app.fetch("/readyz")).text(), "ready\n");
  events.emit("disk.recovered", { folder: "/data", free: 12_000_000_000 });
  assert.deepEqual(await notReady(), []);
});

Deno.test("an answer that somebody kept, or made up, is none", async () => {
  const kept: { body: string; signature: string }[] = [];
  await using app = await startCarillon({}, { ini: `[watch]\nsecret = ${SECRET}\n` });
  const path = (nonce: string) => `/heartbeat?nonce=${nonce}`;
  const real = await app.fetch(path("0123456789abcdef"), {
    headers: { "carillon-watch": signQuestion(SECRET, "0123456789abcdef") },
  });
  kept.push({ body: await real.text(), signature: real.headers.get("carillon-signature") ?? "" });
  await using server = plainServer(() =>
    new Response(kept[0]?.body, { headers: { "carillon-signature": kept[0]?.signature ?? "" } })
  );
  const look = await lookAt(server.url, SECRET, never);
  assert.ok(look.kind === "none" && /not signed/.test(look.why));
  await using page = plainServer(() => new Response("<html>", { status: 200 }));
  assert.equal((await lookAt(page.url, SECRET, never)).kind, "none");
});

Deno.test("a Carillon that is well, frozen, let go again and killed", async () => {
  await using folder = makeFolder({
    "carillon.ini": `[server]\nport = 0\n[history]\nfile =\n[watch]\nsecret = ${SECRET}\n`,
  });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", `--config=${ROOT}deno.json`, `${ROOT}main.ts`, "serve"],
    cwd: folder.path,
    stderr: "piped",
  }).spawn();
  const lines = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let log = "";
    let port: string | undefined;
    while (port === undefined) {
      const { value, done } = await lines.read();
      assert.ok(!done, log);
      log += value;
      port = /listens on http:\/\/localhost:(\d+)/.exec(log)?.[1];
    }
    const look = (answerMs = 10_000) => lookAt(`http://127.0.0.1:${port}`, SECRET, never, answerMs);
    let well = await look();
    while (well.kind === "answer" && well.heartbeat.notReady.length > 0) well = await look();
    assert.ok(well.kind === "answer" && well.heartbeat.tickAgeMs !== null, JSON.stringify(well));
    child.kill("SIGSTOP");
    assert.equal((await look(200)).kind, "none");
    child.kill("SIGCONT");
    assert.equal((await look()).kind, "answer");
    child.kill("SIGKILL");
    await child.status;
    assert.equal((await look()).kind, "none");
  } finally {
    await lines.cancel();
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await child.status;
  }
});
