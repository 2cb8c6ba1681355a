/** `POST /hooks/<id>`: who knows the secret starts a run, once a delivery; nobody else learns anything. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { startCarillon, type TestCarillon, TESTER } from "../support/carillon.ts";

const SECRET = "a very secret word";
const STANDARD = Buffer.from("another very secret word").toString("base64");
const INI = `[secrets]\ngh = ${SECRET}\nstd = whsec_${STANDARD}\ntok = token-of-gitlab\nodd = not base64!\n`;

const TASKS = {
  "tasks/push.ts": `
    import { at, defineTask, z } from "carillon";
    export default defineTask({
      trigger: at("2999-01-01"),
      hook: { secret: "gh", verify: "github" },
      params: z.object({ ref: z.string(), repository: z.object({ full_name: z.string() }), n: z.int().default(1) }),
      run: ({ params }) => \`\${params.ref} of \${params.repository.full_name}, \${params.n}\`,
    });`,
  "tasks/others.ts": `
    import { defineTask, z } from "carillon";
    export const standard = defineTask({
      hook: { secret: "std", verify: "standard" },
      params: z.object({ n: z.int() }),
      run: ({ params }) => String(params.n),
    });
    export const token = defineTask({
      hook: { secret: "tok", verify: "token", param: "body" },
      params: z.object({ body: z.unknown() }),
      run: ({ params }) => JSON.stringify(params.body),
    });
    export const homeless = defineTask({ hook: { secret: "gone", verify: "token" }, run() {} });
    export const odd = defineTask({ hook: { secret: "odd", verify: "standard" }, run() {} });
    export const plain = defineTask({ run() {} });`,
};

const BODY = JSON.stringify({
  ref: "main",
  repository: { full_name: "a/b", private: true },
  sender: { id: 1 },
});

let deliveries = 0;

function signed(body: string, headers: Record<string, string> = {}, secret = SECRET): RequestInit {
  return {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
      "x-github-delivery": `delivery-${++deliveries}`,
      "x-github-event": "push",
      ...headers,
    },
  };
}

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly run?: string | undefined;
}

async function send(going: TestCarillon, path: string, init: RequestInit): Promise<Answer> {
  const response = await going.fetch(path, init);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("set-cookie"), null);
  const { message, run_id: run, url } = await response.json() as Record<string, string | undefined>;
  if (run !== undefined) {
    assert.equal(url, `/runs/${run}`);
    assert.equal(response.headers.get("location"), url);
  }
  return { status: response.status, message: message ?? "", run };
}

Deno.test("hooks", async (t) => {
  await using going = await startCarillon(TASKS, { ini: INI });
  const { clock, carillon: { queries } } = going;
  const count = async () => (await queries.runs.search({ limit: 1_000 })).length;

  await t.step(
    "a signed request starts a run with the declared fields, and is answered with its address",
    async () => {
      const init = signed(BODY);
      const { status, run = "" } = await send(going, "/hooks/push", init);
      assert.equal(status, 202);
      const ended = await going.ended(run);
      assert.deepEqual(
        [ended.message, ended.cause, ended.params],
        ["main of a/b, 1", "hook", { ref: "main", repository: { full_name: "a/b", private: true } }],
      );
      assert.equal(ended.by, `delivery-${deliveries}`);
    },
  );

  await t.step("the same delivery again starts nothing, in whatever number and at once", async () => {
    const init = signed(BODY);
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(going, "/hooks/push", init)));
    assert.equal(new Set(answers.map(({ run }) => run)).size, 1);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(49).fill(200), 202]);
    assert.equal(await count(), before + 1);
    await clock.jump({ hours: 23 });
    assert.equal((await send(going, "/hooks/push", init)).status, 200);
    await going.ended(answers[0]?.run ?? "");
  });

  await t.step("the same body in another delivery is another run", async () => {
    assert.equal((await send(going, "/hooks/push", signed(BODY))).status, 202);
    assert.equal((await send(going, "/hooks/push", signed(BODY))).status, 202);
  });

  await t.step("a delivery that was refused for its body may come again", async () => {
    const wrong = signed(JSON.stringify({ ref: 5 }), { "x-github-delivery": "again" });
    assert.equal((await send(going, "/hooks/push", wrong)).status, 422);
    assert.equal(
      (await send(going, "/hooks/push", signed(BODY, { "x-github-delivery": "again" }))).status,
      202,
    );
  });

  await t.step("wrong signatures start nothing, and the answer is one sentence for all of them", async () => {
    const before = await count();
    const right = signed(BODY);
    const wrong: RequestInit[] = [
      { method: "POST", body: BODY },
      signed(BODY, {}, "another secret"),
      { ...right, body: `${BODY} ` },
      { ...right, body: "" },
      signed(BODY, { "x-hub-signature-256": "sha256=" }),
      signed(BODY, { authorization: `Bearer ${SECRET}` }, "x"),
    ];
    const answers = await Promise.all(wrong.map((init) => send(going, "/hooks/push", init)));
    assert.deepEqual(answers.map(({ status }) => status), Array(wrong.length).fill(403));
    assert.equal(new Set(answers.map(({ message }) => message)).size, 1);
    assert.equal(await count(), before);
  });

  await t.step("a task that is not there and one without a hook are answered alike", async () => {
    const ids = [
      "nothing",
      "plain",
      "..%2Fpush",
      "%00",
      "push%2F",
      "pu%73h2",
      "x".repeat(5_000),
      "__proto__",
    ];
    const answers = await Promise.all(ids.map((id) => send(going, `/hooks/${id}`, signed(BODY))));
    assert.deepEqual(new Set(answers.map(({ status, message }) => `${status} ${message}`)).size, 1);
    assert.equal(answers[0]?.status, 404);
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
      for (const id of ["push", "nothing"]) {
        assert.equal((await send(going, `/hooks/${id}`, { method })).status, 405);
      }
    }
  });

  await t.step("wrong bodies are told with a sentence", async () => {
    const cases: [body: string, type: string, status: number, said: RegExp][] = [
      ["{", "application/json", 400, /not JSON/],
      ["[1]", "application/json", 400, /not a JSON object/],
      ["{}", "application/json", 422, /ref: .*; repository/],
      [JSON.stringify({ ref: 1, repository: {} }), "application/json", 422, /ref/],
      [BODY, "text/plain", 415, /neither JSON nor a form/],
      ["x".repeat(1024 * 1024 + 1), "application/json", 413, /more than 1024 KB/],
    ];
    for (const [body, type, status, said] of cases) {
      const answer = await send(going, "/hooks/push", signed(body, { "content-type": type }));
      assert.equal(answer.status, status, body.slice(0, 50));
      assert.match(answer.message, said);
    }
    const spaces = `${BODY}${" ".repeat(1024 * 1024 - BODY.length)}`;
    assert.equal((await send(going, "/hooks/push", signed(spaces))).status, 202);
  });

  await t.step("GitHub's ping starts nothing and is well", async () => {
    const before = await count();
    const ping = signed('{"zen":"Keep it logically awesome."}', { "x-github-event": "ping" });
    assert.equal((await send(going, "/hooks/push", ping)).status, 200);
    assert.equal(await count(), before);
  });

  await t.step("Standard Webhooks, with their timestamp", async () => {
    const message = (id: string, at: number, body: string) => ({
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(at),
        "webhook-signature": `v1,${
          createHmac("sha256", Buffer.from(STANDARD, "base64")).update(`${id}.${at}.${body}`).digest("base64")
        }`,
      },
    });
    const now = Math.floor(clock.now() / 1_000);
    const first = await send(going, "/hooks/standard", message("m-1", now, '{"n":5}'));
    assert.equal(first.status, 202);
    assert.equal((await going.ended(first.run ?? "")).message, "5");
    // The sender tries again: the id stays, the time of the attempt does not.
    assert.equal((await send(going, "/hooks/standard", message("m-1", now + 60, '{"n":5}'))).status, 200);
    assert.equal((await send(going, "/hooks/standard", message("m-2", now - 301, '{"n":5}'))).status, 403);
    assert.equal((await send(going, "/hooks/standard", message("m-3", now, '{"n":"5"}'))).status, 422);
  });

  await t.step("a token, in either header, with the whole body as one parameter", async () => {
    for (
      const [name, token] of [
        ["authorization", "Bearer token-of-gitlab"],
        ["x-gitlab-token", "token-of-gitlab"],
      ] as const
    ) {
      const { status, run = "" } = await send(going, "/hooks/token", {
        method: "POST",
        body: "[1]",
        headers: { [name]: token, "content-type": "application/json" },
      });
      assert.equal(status, 202);
      assert.equal((await going.ended(run)).message, "[1]");
    }
    const wrong = { method: "POST", headers: { authorization: "Bearer token-of-gitla" } };
    assert.equal((await send(going, "/hooks/token", wrong)).status, 403);
  });

  await t.step("signs of a browser on another site keep no signed request out", async () => {
    const init = signed(BODY, {
      origin: "https://elsewhere.example",
      "sec-fetch-site": "cross-site",
      cookie: "a=b",
    });
    assert.equal((await send(going, "/hooks/push", init)).status, 202);
  });

  await t.step("a paused task is started, as by hand", async () => {
    assert.equal(await going.carillon.operations.pause(TESTER, ["push"]), 1);
    assert.equal((await send(going, "/hooks/push", signed(BODY))).status, 202);
  });

  await t.step("a hook without its secret refuses, and the page, the log and check say why", async () => {
    const wrong = { method: "POST", headers: { authorization: "Bearer undefined" } };
    assert.equal((await send(going, "/hooks/homeless", wrong)).status, 403);
    assert.equal((await send(going, "/hooks/odd", wrong)).status, 403);
    assert.match(queries.tasks.warnings("homeless", "en").join(), /\[secrets\] has no "gone"/);
    assert.match(queries.tasks.warnings("odd", "zh").join(), /不是 Standard Webhooks 要求的 base64/);
    const lines = going.lines.join("\n");
    assert.match(lines, /task homeless: hook: \[secrets\] has no "gone"/);
    assert.match(lines, /a request to its hook was refused: \[secrets\] has no "gone"/);
  });

  await t.step("refusals are said once a minute, however many there are", async () => {
    await clock.advance({ minutes: 2 });
    const said = () =>
      going.lines.filter((line) => /task push: a request to its hook was refused/.test(line)).length;
    const before = said();
    for (let i = 0; i < 100; i++) await send(going, "/hooks/push", { method: "POST" });
    assert.equal(said(), before + 1);
    await clock.advance({ minutes: 2 });
    await send(going, "/hooks/push", { method: "POST" });
    assert.match(going.lines.join("\n"), /was refused, as 99 before: it has no X-Hub-Signature-256/);
  });

  await t.step("neither secrets nor bodies are in the log", async () => {
    await send(going, "/hooks/push", signed('{"password":"hunter2",', {}));
    await send(going, "/hooks/push", signed('{"ref":{"password":"hunter2"}}', {}));
    const lines = going.lines.join("\n");
    for (const secret of [SECRET, STANDARD, "token-of-gitlab", "hunter2", "not base64!"]) {
      assert.ok(!lines.includes(secret), secret);
    }
  });

  await t.step("pages have words for it", async () => {
    const page = await (await going.fetch("/tasks/push")).text();
    assert.match(page, /started by POST \/hooks\/…, signed as GitHub does with the secret &quot;gh&quot;/);
    const runs = await (await going.fetch("/runs?cause=hook", { headers: { "accept-language": "en" } }))
      .text();
    assert.match(runs, /webhook/);
  });
});

Deno.test("over a restart: what was delivered stays so, and a run that had not begun comes", async () => {
  const task = `
    import { defineTask, z } from "carillon";
    export default defineTask({
      hook: { secret: "gh", verify: "github" },
      params: z.object({ go: z.string().optional() }),
      async run({ params, signal }) {
        while (params.go && !signal.aborted) {
          try {
            await Deno.stat(params.go);
            return "went";
          } catch {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        }
        return "done";
      },
    });`;
  await using going = await startCarillon({ "tasks/slow.ts": task }, {
    ini: INI,
    flags: { "scheduler-grace": "0s" },
  });
  const first = await send(
    going,
    "/hooks/slow",
    signed(JSON.stringify({ go: join(going.folder.path, "go") })),
  );
  const waiting = signed("{}");
  const second = await send(going, "/hooks/slow", waiting);
  assert.deepEqual([first.status, second.status], [202, 202]);
  const { queries } = going.carillon;
  assert.equal((await queries.runs.get(second.run ?? "")).status, "queued");
  await using next = await going.restart();
  assert.equal((await send(next, "/hooks/slow", waiting)).run, second.run, "the delivery is known");
  const runs = await next.carillon.queries.runs.search({ taskId: "slow", limit: 10 });
  const again = runs.find(({ cause, by }) => cause === "again" && by === second.run);
  assert.ok(again, JSON.stringify(runs));
  assert.equal((await next.ended(again.id)).message, "done");
  assert.equal(
    runs.some(({ by }) => by === first.run),
    false,
    "the one that had begun is left, as the task says",
  );
});
