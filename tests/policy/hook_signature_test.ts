/** Signatures of hooks: the senders' own examples, and whatever is near them and not right. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type HookRequest, verifyHook } from "../../app/policy/hook_signature.ts";
import { fc } from "../support/fast_check.ts";

type Headers = Readonly<Record<string, string>>;

function request(body: string, headers: Headers): HookRequest {
  const known = new Map(Object.entries(headers));
  return { header: (name) => known.get(name), body: new TextEncoder().encode(body) };
}

// docs.github.com, "Validating webhook deliveries", "Testing the webhook payload validation".
const GITHUB = {
  secret: "It's a Secret to Everybody",
  body: "Hello, World!",
  signature: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
};

function github(body: string, headers: Headers, secret = GITHUB.secret) {
  return verifyHook({ verify: "github" }, secret, request(body, headers), 0);
}

Deno.test("GitHub's published example is right", () => {
  const headers = { "x-hub-signature-256": GITHUB.signature, "x-github-delivery": "72d3162e-cc78-11e3-81ab" };
  assert.deepEqual(github(GITHUB.body, headers), { ok: true, delivery: "72d3162e-cc78-11e3-81ab" });
});

Deno.test("without an id the same body is the same delivery", () => {
  const headers = { "x-hub-signature-256": GITHUB.signature };
  assert.deepEqual(github(GITHUB.body, headers), {
    ok: true,
    delivery: `sha256.${GITHUB.signature.slice("sha256=".length)}`,
  });
});

const WRONG_GITHUB: readonly [what: string, body: string, signature: string | undefined, secret?: string][] =
  [
    ["another body", "Hello, World", GITHUB.signature],
    ["no signature", GITHUB.body, undefined],
    ["an empty one", GITHUB.body, ""],
    ["the old SHA-1", GITHUB.body, `sha1=${"a".repeat(40)}`],
    ["no prefix", GITHUB.body, GITHUB.signature.slice("sha256=".length)],
    ["a piece of it", GITHUB.body, GITHUB.signature.slice(0, -2)],
    ["more than it", GITHUB.body, `${GITHUB.signature}00`],
    ["other digits", GITHUB.body, GITHUB.signature.replace("757107", "757108")],
    ["no digits", GITHUB.body, `sha256=${"z".repeat(64)}`],
    ["two of them", GITHUB.body, `${GITHUB.signature}, ${GITHUB.signature}`],
    ["another secret", GITHUB.body, GITHUB.signature, "it's a secret to everybody"],
  ];

for (const [what, body, signature, secret] of WRONG_GITHUB) {
  Deno.test(`GitHub's signature with ${what} is not right`, () => {
    assert.equal(
      github(body, signature === undefined ? {} : { "x-hub-signature-256": signature }, secret).ok,
      false,
    );
  });
}

// github.com/standard-webhooks/standard-webhooks: the example of its libraries.
const STANDARD = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  body: '{"test": 2432232314}',
  at: 1_614_265_330,
  headers: {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  },
};

function standard(headers: Headers, { body = STANDARD.body, secret = STANDARD.secret, after = 0 } = {}) {
  return verifyHook({ verify: "standard" }, secret, request(body, headers), (STANDARD.at + after) * 1_000);
}

Deno.test("the example of Standard Webhooks is right, within five minutes", () => {
  for (const after of [0, 300, -300]) {
    assert.deepEqual(standard(STANDARD.headers, { after }), {
      ok: true,
      delivery: STANDARD.headers["webhook-id"],
    });
  }
  for (const after of [301, -301, 86_400 * 365]) {
    const { ok, ...rest } = standard(STANDARD.headers, { after });
    assert.equal(ok, false);
    assert.match(JSON.stringify(rest), /more than 5 minutes away/);
  }
});

Deno.test("one of several signatures is enough, and the prefix of the secret may be left out", () => {
  const right = STANDARD.headers["webhook-signature"];
  const several = `v1a,${"x".repeat(80)} v1,${"A".repeat(43)}= ${right}`;
  assert.equal(standard({ ...STANDARD.headers, "webhook-signature": several }).ok, true);
  assert.equal(standard(STANDARD.headers, { secret: STANDARD.secret.slice("whsec_".length) }).ok, true);
  const late = `${`v1,${"A".repeat(43)}= `.repeat(10)}${right}`;
  assert.equal(standard({ ...STANDARD.headers, "webhook-signature": late }).ok, false, "ten are compared");
});

Deno.test("Standard Webhooks with anything else is not right", () => {
  const { headers } = STANDARD;
  const wrong: [Headers, Parameters<typeof standard>[1]?][] = [
    [headers, { body: '{"test": 2432232315}' }],
    [headers, { secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx" }],
    [headers, { secret: "no base64 at all" }],
    [{ ...headers, "webhook-id": "msg_other" }],
    [{ ...headers, "webhook-id": "" }],
    [{ ...headers, "webhook-timestamp": "1614265331" }],
    [{ ...headers, "webhook-timestamp": "1614265330.0" }],
    [{ ...headers, "webhook-signature": "" }],
    [{ ...headers, "webhook-signature": "v1," }],
    [{ ...headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v2,") }],
    [{ ...headers, "webhook-signature": headers["webhook-signature"].slice(0, -3) }],
    [{ "webhook-signature": headers["webhook-signature"] }],
    [{}],
  ];
  assert.deepEqual(wrong.filter(([given, options]) => standard(given, options).ok), []);
});

Deno.test("a timestamp that is signed and no number of seconds is refused", () => {
  for (const at of ["never", "-1", "1e9", "", "99999999999999999999", "0x60377b32"]) {
    const key = createHmac("sha256", Buffer.from(STANDARD.secret.slice(6), "base64"));
    const signature = key.update(`id.${at}.x`).digest("base64");
    const headers = { "webhook-id": "id", "webhook-timestamp": at, "webhook-signature": `v1,${signature}` };
    assert.equal(standard(headers, { body: "x" }).ok, false, at);
  }
});

Deno.test("the token is the secret itself, in one of two headers", () => {
  const token = (headers: Headers) => verifyHook({ verify: "token" }, "s3cret", request("", headers), 0);
  assert.deepEqual(token({ authorization: "Bearer s3cret" }), { ok: true, delivery: undefined });
  assert.deepEqual(token({ authorization: "bearer s3cret", "idempotency-key": "k-1" }), {
    ok: true,
    delivery: "k-1",
  });
  assert.deepEqual(token({ "x-gitlab-token": "s3cret", "x-gitlab-event-uuid": "u-1" }), {
    ok: true,
    delivery: "u-1",
  });
  const wrong: Headers[] = [
    {},
    { authorization: "Bearer " },
    { authorization: "Bearer s3cre" },
    { authorization: "Bearer s3crett" },
    { authorization: "Basic s3cret" },
    { authorization: "s3cret" },
    { "x-gitlab-token": "" },
    // The first one given counts: a right one beside a wrong one does not help.
    { authorization: "Bearer other", "x-gitlab-token": "s3cret" },
  ];
  assert.deepEqual(wrong.filter((headers) => token(headers).ok), []);
});

Deno.test("odd ids of deliveries are kept as their hash", () => {
  for (const id of ["x".repeat(101), "a b", "a\nb", "'; drop table runs", "数据"]) {
    const verified = github(GITHUB.body, {
      "x-hub-signature-256": GITHUB.signature,
      "x-github-delivery": id,
    });
    assert.ok(verified.ok);
    assert.match(verified.delivery ?? "", /^sha256\.[\da-f]{64}$/);
  }
});

Deno.test("what is refused says nothing of the secret", () => {
  fc.assert(fc.property(fc.string({ minLength: 8 }), fc.string(), (secret, given) => {
    fc.pre(!given.includes(secret));
    for (const verify of ["github", "standard", "token"] as const) {
      const headers = {
        "x-hub-signature-256": given,
        authorization: `Bearer ${given}`,
        "webhook-id": given,
        "webhook-timestamp": given,
        "webhook-signature": given,
      };
      const verified = verifyHook({ verify }, secret, request(given, headers), 0);
      assert.equal(verified.ok, false);
      assert.ok(
        !JSON.stringify(verified).includes(JSON.stringify(secret).slice(1, -1)) || secret.trim() === "",
      );
    }
  }));
});
