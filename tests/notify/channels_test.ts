import assert from "node:assert/strict";
import type { Answer, Verdict } from "../../app/notify/channel.ts";
import { dingtalkSign } from "../../app/notify/channels/dingtalk.ts";
import { feishuSign } from "../../app/notify/channels/feishu.ts";
import { webhookSign } from "../../app/notify/channels/webhook.ts";
import type { Message } from "../../app/notify/message.ts";
import type { Target } from "../../app/notify/target.ts";
import { send } from "../../app/notify/transport.ts";
import { makeCertificate } from "../support/certificate.ts";
import { dingtalkServer, feishuServer, plainServer, wecomServer } from "./providers.ts";
import { MESSAGE, targetOf } from "./samples.ts";

const NOW = 1_700_000_000_000;
const never = new AbortController().signal;

async function deliver(
  { channel, settings }: Target,
  message: Message = MESSAGE,
  now = NOW,
): Promise<Verdict> {
  return channel.judge(await send(channel.render(message, settings, now), never), settings);
}

const HOSTILE: Message = {
  ...MESSAGE,
  title: 'x"\r\nBcc: evil@example.org <script>alert(1)</script> [a](http://evil) <@all> @all <!channel> ```',
  detail: `\\ "quoted" \u2028 <at user_id="all"></at> \n# heading\n> quote\n![i](http://evil/x.png)\n${
    "长".repeat(30_000)
  }`,
  facts: [{ name: "Task", value: "<b>&amp;</b> <!here>" }],
};

Deno.test("the vendors' test vectors of signatures", () => {
  assert.equal(dingtalkSign("SECtestsecret", NOW), "7LVwF0dAF3/+MRRulbpE4y72Ogzykc6bS2nG4I99T4s=");
  assert.equal(feishuSign("testsecret", "1700000000"), "AOc8oJ7//5OlQlfWC3nRL0R+IkuzcD1FKcAyibRK9Q8=");
});

Deno.test("DingTalk takes what is signed, and what it refuses with HTTP 200 is no success", async () => {
  await using server = dingtalkServer({
    token: "t0ken",
    secret: "SECtestsecret",
    keyword: "监控",
    limit: 2,
    now: () => NOW,
  });
  const lines = (token: string, secret: string, keyword: string) =>
    targetOf(
      `type = dingtalk\ntoken = ${token}\nsecret = ${secret}\nkeyword = ${keyword}\nurl = ${server.url}`,
    );
  const good = lines("t0ken", "SECtestsecret", "监控");
  assert.deepEqual(await deliver(good), { kind: "ok" });
  assert.deepEqual(await deliver(lines("other", "SECtestsecret", "监控")), {
    kind: "permanent",
    why: "300005: token is not exist",
  });
  assert.deepEqual(await deliver(lines("t0ken", "SECwrong", "监控")), {
    kind: "permanent",
    why: "310000: sign not match",
  });
  assert.deepEqual(await deliver(good, MESSAGE, NOW - 3_700_000), {
    kind: "permanent",
    why: "310000: invalid timestamp",
  });
  assert.deepEqual(await deliver(lines("t0ken", "SECtestsecret", "")), {
    kind: "permanent",
    why: "310000: keywords not in content",
  });
  assert.deepEqual(await deliver(good, HOSTILE), { kind: "ok" });
  assert.deepEqual(await deliver(good), { kind: "retry", why: "130101: send too fast", afterMs: 600_000 });
  assert.equal(server.taken.length, 2);
  const { markdown } = server.taken[1] as { markdown: { text: string } };
  assert.doesNotMatch(markdown.text, /!\[|\]\(http:\/\/evil|^# /m);
});

Deno.test("WeCom's limit of 4,096 bytes is kept, and what it refuses with HTTP 200 is no success", async () => {
  await using server = wecomServer({ key: "abc", limit: 2 });
  const good = targetOf(`type = wecom\nkey = abc\nurl = ${server.url}`);
  assert.deepEqual(await deliver(good, HOSTILE), { kind: "ok" });
  const { markdown } = server.taken[0] as { markdown: { content: string } };
  assert.ok(markdown.content.endsWith("[Open](https://carillon.example/runs/1)"), "the link is not cut off");
  assert.doesNotMatch(markdown.content, /<@|<script/);
  assert.deepEqual(await deliver(good), { kind: "ok" });
  assert.deepEqual(await deliver(good), {
    kind: "retry",
    why: "45009: api freq out of limit",
    afterMs: 60_000,
  });
  assert.deepEqual(await deliver(targetOf(`type = wecom\nkey = no\nurl = ${server.url}`)), {
    kind: "permanent",
    why: "93000: invalid webhook url",
  });
});

Deno.test("Feishu takes signed cards of at most 20 KB, and what it refuses with HTTP 200 or 400 is no success", async () => {
  let busy = false;
  await using server = feishuServer({
    secret: "testsecret",
    keyword: "Carillon",
    now: () => NOW,
    busy: () => busy,
  });
  const lines = (secret: string, keyword: string) =>
    targetOf(`type = feishu\nurl = ${server.url}/hook/x\nsecret = ${secret}\nkeyword = ${keyword}`);
  const good = lines("testsecret", "Carillon");
  for (
    const message of [MESSAGE, HOSTILE, { ...MESSAGE, tone: "good" as const }, {
      ...MESSAGE,
      tone: "info" as const,
    }]
  ) {
    assert.deepEqual(await deliver(good, message), { kind: "ok" });
  }
  assert.doesNotMatch(JSON.stringify(server.taken), /lark_md/, "a task's text could call everybody");
  const wrong = await deliver(lines("other", "Carillon"));
  assert.ok(wrong.kind === "permanent" && wrong.why.startsWith("19021: sign match fail"));
  assert.deepEqual(await deliver(lines("testsecret", "x")), {
    kind: "permanent",
    why: "19024: Key Words Not Found",
  });
  busy = true;
  const verdict = await deliver(good);
  assert.ok(verdict.kind === "retry" && verdict.afterMs === 30_000 && verdict.why.startsWith("11232: "));
});

Deno.test("a page of a proxy in place of an answer is no success either", async () => {
  await using server = plainServer(() => new Response("<html>sign in</html>"));
  const types = [
    `type = dingtalk\ntoken = x\nurl = ${server.url}`,
    `type = wecom\nkey = x\nurl = ${server.url}`,
    `type = feishu\nurl = ${server.url}`,
  ];
  for (const lines of types) {
    const verdict = await deliver(targetOf(lines));
    assert.equal(verdict.kind, "retry", lines);
  }
  assert.equal((await deliver(targetOf(`type = slack\nurl = ${server.url}`))).kind, "permanent");
  assert.equal(
    (await deliver(targetOf(`type = telegram\ntoken = x\nchat = 1\nurl = ${server.url}`))).kind,
    "permanent",
  );
});

Deno.test("a redirect is not followed: it would hand message and secret to somebody else", async () => {
  await using other = plainServer(() => new Response("ok"));
  await using server = plainServer(() => Response.redirect(`${other.url}/stolen`, 307));
  const verdict = await deliver(targetOf(`type = webhook\nurl = ${server.url}\nsecret = geheim123`));
  assert.ok(verdict.kind === "permanent" && /is not followed/.test(verdict.why));
  assert.equal(other.requests.length, 0);
});

Deno.test("Slack: texts cannot call anybody, and only ok is ok", async () => {
  await using server = plainServer(() => new Response("ok"));
  assert.deepEqual(await deliver(targetOf(`type = slack\nurl = ${server.url}`), HOSTILE), { kind: "ok" });
  const [message] = server.taken;
  const { blocks, text } = message as { text: string; blocks: { text?: { type: string; text: string } }[] };
  const marked = blocks.flatMap((block) => block.text?.type === "mrkdwn" ? block.text.text : []);
  assert.equal(marked.length, 2);
  for (const each of [text, ...marked]) assert.doesNotMatch(each, /<[!@a-z]/);
  assert.ok(blocks.every(({ text }) => (text?.text.length ?? 0) <= 3_000));
});

Deno.test("Telegram: the wait that it names, and the new id of a group", async () => {
  const answers = [
    Response.json({
      ok: false,
      error_code: 429,
      description: "Too Many Requests",
      parameters: { retry_after: 17 },
    }, { status: 429 }),
    Response.json({
      ok: false,
      error_code: 400,
      description: "upgraded",
      parameters: { migrate_to_chat_id: -100123 },
    }, { status: 400 }),
    Response.json({ ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" }, {
      status: 403,
    }),
    Response.json({ ok: true, result: {} }),
  ];
  await using server = plainServer(() => answers.shift() ?? new Response("", { status: 500 }));
  const target = targetOf(`type = telegram\ntoken = 12:ab\nchat = -7\nthread = 3\nurl = ${server.url}`);
  const waits = await deliver(target, HOSTILE);
  assert.ok(waits.kind === "retry" && waits.afterMs === 17_000);
  const moved = await deliver(target);
  assert.ok(moved.kind === "retry" && moved.learned?.chat === "-100123");
  assert.equal((await deliver(target)).kind, "permanent");
  assert.deepEqual(await deliver(target), { kind: "ok" });
  assert.equal(server.requests[0]?.path, "/bot12:ab/sendMessage");
  const hostile = JSON.parse(server.requests[0]?.body ?? "");
  assert.ok(hostile.text.length <= 4_096 * 2 && !/<script|<at/.test(hostile.text));
  assert.equal(hostile.message_thread_id, 3);
});

Deno.test("Teams: a throttle inside HTTP 200 is tried again", async () => {
  const answers = [
    new Response("Microsoft Teams endpoint returned HTTP error 429 with ContextId x"),
    new Response("Microsoft Teams endpoint returned HTTP error 403 with ContextId x"),
    new Response("", { status: 202 }),
  ];
  await using server = plainServer(() => answers.shift() ?? new Response("", { status: 500 }));
  const target = targetOf(`type = teams\nurl = ${server.url}/workflows/x?sig=geheim`);
  assert.equal((await deliver(target)).kind, "retry");
  assert.equal((await deliver(target)).kind, "permanent");
  assert.deepEqual(await deliver(target, HOSTILE), { kind: "ok" });
  assert.ok((server.requests[2]?.body.length ?? 0) < 28_000);
});

Deno.test("ntfy gets JSON at its root, with a token in a header", async () => {
  await using server = plainServer(() => Response.json({ id: "x" }));
  const target = targetOf(`type = ntfy\ntopic = ops\ntoken = tk_1\nurl = ${server.url}`);
  assert.deepEqual(await deliver(target, HOSTILE), { kind: "ok" });
  assert.equal(server.requests[0]?.path, "/");
  assert.equal(server.requests[0]?.headers.get("authorization"), "Bearer tk_1");
  const { message, topic } = server.taken[0] as { message: string; topic: string };
  assert.equal(topic, "ops");
  assert.ok(new TextEncoder().encode(message).length <= 4_096);
});

Deno.test("a webhook is signed as Standard Webhooks has it", async () => {
  await using server = plainServer(() => new Response(null, { status: 204 }));
  const target = targetOf(
    `type = webhook\nurl = ${server.url}\nsecret = whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`,
  );
  assert.deepEqual(await deliver(target), { kind: "ok" });
  const [request] = server.requests;
  assert.equal(request?.headers.get("webhook-id"), MESSAGE.id);
  assert.equal(request?.headers.get("webhook-timestamp"), "1700000000");
  assert.equal(
    request?.headers.get("webhook-signature"),
    webhookSign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", MESSAGE.id, 1_700_000_000, request?.body ?? ""),
  );
  // The specification's own example.
  assert.equal(
    webhookSign(
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      1_614_265_330,
      '{"test": 2432232314}',
    ),
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
});

Deno.test("a webhook's own template keeps values values, and its answer may be looked into", async () => {
  const answers = [Response.json({ code: 200 }), Response.json({ code: 903, msg: "bad token" })];
  await using server = plainServer(() => answers.shift() ?? new Response("", { status: 500 }));
  const target = targetOf(
    `type = webhook\nurl = ${server.url}\nheaders = X-Token: abc\n  X-Other: d: e\nanswer_has = "code":200\n` +
      'template = {"token": "t", "title": "{title}", "content": "{text}", "other": "{nothing}"}',
  );
  assert.deepEqual(await deliver(target, HOSTILE), { kind: "ok" });
  const [body] = server.taken as unknown as { title: string; other: string }[];
  assert.equal(body?.title, HOSTILE.title);
  assert.equal(body?.other, "{nothing}");
  assert.equal(server.requests[0]?.headers.get("x-token"), "abc");
  assert.equal(server.requests[0]?.headers.get("x-other"), "d: e");
  const verdict = await deliver(target);
  assert.ok(verdict.kind === "permanent" && verdict.why.includes("903"));
});

const http = (status: number, body = "", headers = {}): Answer => ({ kind: "http", status, headers, body });

/** What every channel that goes by the status makes of it. */
const BY_STATUS: [Answer, Verdict["kind"]][] = [
  [http(500), "retry"],
  [http(503, "", { "retry-after": "30" }), "retry"],
  [http(429), "retry"],
  [http(408), "retry"],
  [http(404), "permanent"],
  [http(401), "permanent"],
  [http(301), "permanent"],
  [{ kind: "none", why: "connection refused" }, "retry"],
];

for (const type of ["webhook", "slack", "teams", "ntfy", "telegram", "dingtalk", "wecom", "feishu"]) {
  Deno.test(`${type}: what is worth another try is tried again, and nothing else`, () => {
    const { channel, settings } = targetOf(
      {
        telegram: "type = telegram\ntoken = x\nchat = 1",
        ntfy: "type = ntfy\ntopic = x",
        dingtalk: "type = dingtalk\ntoken = x",
        wecom: "type = wecom\nkey = x",
      }[type] ?? `type = ${type}\nurl = http://127.0.0.1/`,
    );
    for (const [answer, expected] of BY_STATUS) {
      assert.equal(channel.judge(answer, settings).kind, expected, JSON.stringify(answer));
    }
    for (const hostile of ["", "null", "[]", '"x"', "{", '{"errcode":"0"}', '{"code":null}', "\u0000"]) {
      const verdict = channel.judge(http(200, hostile), settings);
      if (["dingtalk", "wecom", "feishu"].includes(type)) assert.equal(verdict.kind, "retry", hostile);
    }
  });
}

Deno.test("an address with its token is in no message about a connection that failed", async () => {
  const port = (() => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.close();
    return listener.addr.port;
  })();
  const target = targetOf(`type = dingtalk\ntoken = gehe1mnis\nurl = http://127.0.0.1:${port}/robot/send`);
  const verdict = await deliver(target);
  assert.ok(verdict.kind === "retry");
  assert.doesNotMatch(verdict.why, /gehe1mnis|http:/);
});

/** A server that takes a connection and then does as the test wants. */
function rawServer(serve: (connection: Deno.TcpConn) => Promise<void>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const closes = (connection: Deno.TcpConn) => {
    try {
      connection.close();
    } catch {
      // The other side has closed it.
    }
  };
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      void serve(connection).catch(() => {});
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const each of open) closes(each);
      await accepting;
    },
  };
}

const request = (url: string) => ({ kind: "http" as const, url, headers: {}, body: "{}" });

Deno.test("an answer that comes drop by drop ends with its limit, whatever has come of it", async () => {
  const text = new TextEncoder();
  await using server = rawServer(async (connection) => {
    await connection.write(text.encode("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"));
    for (;;) {
      await connection.write(text.encode("x"));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  assert.deepEqual(await send(request(server.url), never, 200), {
    kind: "none",
    why: "no answer within 0.2 s",
  });
});

Deno.test("a server that closes, says nothing, or speaks another language is tried again, and no address is told", async () => {
  const answers = [
    "",
    "220 mail ESMTP\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort",
    "\u0016\u0003\u0001",
  ];
  for (const answer of answers) {
    await using server = rawServer(async (connection) => {
      await connection.read(new Uint8Array(4_096));
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    });
    const given = await send(request(`${server.url}gehe1mnis`), never);
    assert.equal(given.kind, "none", answer);
    assert.doesNotMatch(JSON.stringify(given), /gehe1mnis|http:/);
    assert.equal(
      targetOf("type = webhook\nurl = http://x/").channel.judge(given, { answer_has: "" }).kind,
      "retry",
    );
  }
});

Deno.test("a certificate that nobody vouches for and a name that there is not: tried again, without the address", async () => {
  const { cert, key } = await makeCertificate("localhost");
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
    () => assert.fail("the message was handed over"),
  );
  try {
    for (
      const url of [
        `https://localhost:${(server.addr as Deno.NetAddr).port}/gehe1mnis`,
        "https://no-such-host.invalid/gehe1mnis",
      ]
    ) {
      const given = await send(request(url), never);
      assert.ok(given.kind === "none" && given.why !== "", url);
      assert.doesNotMatch(given.why, /gehe1mnis|https:/);
    }
  } finally {
    await server.shutdown();
  }
});

Deno.test("a redirect to a file or to this machine is refused for good, and where to is masked", async () => {
  for (
    const location of ["file:///etc/passwd", "http://127.0.0.1:1/", "//[::1]/", "http://x/?token=gehe1mnis"]
  ) {
    await using server = plainServer(() => new Response(null, { status: 302, headers: { location } }));
    for (const type of ["webhook", "slack", "teams", "feishu"]) {
      const target = targetOf(`type = ${type}\nurl = ${server.url}/services/gehe1mnis`);
      const verdict = await deliver(target);
      assert.ok(verdict.kind === "permanent", type);
      assert.doesNotMatch(target.mask(verdict.why), /gehe1mnis/);
    }
    assert.equal(server.requests.length, 4, "each is asked once");
  }
});

Deno.test("an endless answer is read no further than needed", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const bytes = new TextEncoder().encode("x".repeat(65_536));
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(bytes) }), {
      status: 500,
    });
  });
  try {
    const answer = await send({
      kind: "http",
      url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}/`,
      headers: {},
      body: "{}",
    }, never);
    assert.ok(answer.kind === "http" && answer.body.length === 16_384);
  } finally {
    await server.shutdown();
  }
});

/** What NOTIFY lists of each vendor: its answer, and what it means. */
const VENDORS: readonly (readonly [type: string, status: number, body: string, kind: Verdict["kind"]])[] = [
  ["dingtalk", 200, '{"errcode":310000,"errmsg":"keywords not in content"}', "permanent"],
  ["dingtalk", 200, '{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}', "permanent"],
  ["dingtalk", 200, '{"errcode":130101,"errmsg":"send too fast"}', "retry"],
  ["dingtalk", 200, '{"errcode":40035,"errmsg":"missing access_token"}', "permanent"],
  ["dingtalk", 200, '{"errcode":300005,"errmsg":"token is not exist"}', "permanent"],
  ["dingtalk", 200, '{"errcode":-1,"errmsg":"system busy"}', "retry"],
  ["wecom", 200, '{"errcode":45009,"errmsg":"api freq out of limit"}', "retry"],
  ["wecom", 200, '{"errcode":93000,"errmsg":"invalid webhook url"}', "permanent"],
  ["wecom", 200, '{"errcode":40058,"errmsg":"missing field"}', "permanent"],
  ["feishu", 200, '{"code":9499,"msg":"Bad Request"}', "permanent"],
  ["feishu", 400, '{"code":9499,"msg":"Bad Request"}', "permanent"],
  ["feishu", 200, '{"code":19024,"msg":"Key Words Not Found"}', "permanent"],
  ["feishu", 200, '{"code":19022,"msg":"Ip Not Allowed"}', "permanent"],
  ["feishu", 200, '{"code":19021,"msg":"sign match fail"}', "permanent"],
  ["feishu", 200, '{"code":19002,"msg":"params error"}', "permanent"],
  ["feishu", 200, '{"code":11232,"msg":"frequency limited"}', "retry"],
  ["feishu", 200, '{"StatusCode":0,"StatusMessage":"success"}', "ok"],
  ["slack", 200, "invalid_payload", "permanent"],
  ["slack", 400, "invalid_token", "permanent"],
  ["slack", 404, "no_service", "permanent"],
  ["slack", 429, "rate_limited", "retry"],
  ["teams", 200, "1", "ok"],
  ["teams", 200, "Microsoft Teams endpoint returned HTTP error 429 with ContextId x", "retry"],
  ["teams", 200, "Microsoft Teams endpoint returned HTTP error 502 with ContextId x", "retry"],
  [
    "teams",
    200,
    "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 400",
    "permanent",
  ],
  ["teams", 413, "Request Entity Too Large", "permanent"],
  ["telegram", 403, '{"ok":false,"description":"Forbidden: bot was blocked by the user"}', "permanent"],
  ["telegram", 403, '{"ok":false,"description":"Forbidden: user is deactivated"}', "permanent"],
  ["telegram", 400, '{"ok":false,"description":"Bad Request: chat not found"}', "permanent"],
  ["telegram", 429, '{"ok":false,"parameters":{"retry_after":"x"}}', "retry"],
  ["telegram", 200, '{"ok":false}', "permanent"],
  ["ntfy", 413, '{"code":41301}', "permanent"],
  ["ntfy", 429, '{"code":42901}', "retry"],
];

for (const [type, status, body, kind] of VENDORS) {
  Deno.test(`${type}: HTTP ${status} ${body.slice(0, 60)} is ${kind}`, () => {
    const lines: Readonly<Record<string, string>> = {
      telegram: "type = telegram\ntoken = x\nchat = 1",
      ntfy: "type = ntfy\ntopic = x",
      dingtalk: "type = dingtalk\ntoken = x",
      wecom: "type = wecom\nkey = x",
    };
    const { channel, settings } = targetOf(lines[type] ?? `type = ${type}\nurl = http://127.0.0.1/`);
    assert.equal(channel.judge(http(status, body), settings).kind, kind);
  });
}
