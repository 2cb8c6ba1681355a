/** What services take, measured as they measure, with texts that no test of a task would think of. */
import assert from "node:assert/strict";
import { fc } from "../support/fast_check.ts";
import { CHANNELS } from "../../app/notify/channels.ts";
import type { Outgoing } from "../../app/notify/channel.ts";
import { type Fact, type Message, plainText } from "../../app/notify/message.ts";
import { oneLine, shownText } from "../../app/notify/shown_text.ts";
import { MESSAGE, targetOf } from "./samples.ts";

const NOW = 1_700_000_000_000;
const LINES: Readonly<Record<string, string>> = {
  email: "type = email\nhost = mail.example.org\nfrom = c@example.org\nto = o@example.org",
  webhook: "type = webhook\nurl = http://127.0.0.1/",
  dingtalk: "type = dingtalk\ntoken = t0ken\nsecret = SECx\nkeyword = 监控\nmobiles = 13800000000",
  wecom: "type = wecom\nkey = abc",
  feishu: "type = feishu\nurl = http://127.0.0.1/\nsecret = x\nkeyword = 监控",
  slack: "type = slack\nurl = http://127.0.0.1/",
  teams: "type = teams\nurl = http://127.0.0.1/",
  telegram: "type = telegram\ntoken = 12:ab\nchat = 1",
  ntfy: "type = ntfy\ntopic = ops",
};

const bytes = (text: string) => new TextEncoder().encode(text).length;

/** What each service measures, and the most that it takes. */
const LIMITS: Readonly<Record<string, (body: Record<string, unknown>, text: string) => [number, number][]>> =
  {
    dingtalk: (_body, text) => [[bytes(text), 15_000]],
    wecom: ({ markdown }) => [[bytes((markdown as { content: string }).content), 4_096]],
    feishu: (_body, text) => [[bytes(text), 20_480]],
    teams: (_body, text) => [[bytes(text), 28_000]],
    telegram: ({ text }) => [[
      String(text).replace(/<[^>]*>/g, "").replace(/&\w+;/g, "x").length,
      4_096,
    ]],
    ntfy: ({ message }) => [[bytes(String(message)), 4_096]],
    slack: ({ blocks }) =>
      (blocks as { type: string; text?: { text: string } }[]).map(({ type, text }) => [
        text?.text.length ?? 0,
        type === "header" ? 150 : 3_000,
      ]),
  };

function bodyOf(outgoing: Outgoing): string {
  assert.ok(outgoing.kind === "http");
  return outgoing.body;
}

const PIECES = ["长", "😀", "👩‍👩‍👧", "ע", "&", "<b>", '"', "\\", "*_[`", "\n", "\u0001", "\ud800", "x", " "];
const long = fc.tuple(
  fc.constantFrom(...PIECES),
  fc.constantFrom(...PIECES),
  fc.integer({ min: 0, max: 1_500 }),
)
  .map(([a, b, n]) => (a + b).repeat(n).slice(0, 100_000));
const fact: fc.Arbitrary<Fact> = fc.record({ name: long, value: long }).map(({ name, value }) => ({
  name: oneLine(name).slice(0, 1_000),
  value: shownText(value).slice(0, 1_000),
}));
const message: fc.Arbitrary<Message> = fc.record({
  title: long.map((text) => oneLine(text).slice(0, 300)),
  facts: fc.array(fact, { maxLength: 22 }),
  detail: fc.oneof(
    { weight: 20, arbitrary: fc.option(long.map(shownText), { nil: undefined }) },
    { weight: 1, arbitrary: fc.constant("长\n😀".repeat(25_000)) },
  ),
  link: fc.constantFrom(undefined, "https://carillon.example/tasks/a%2Fb(c)"),
}).map((each) => ({ ...MESSAGE, ...each }));

for (const { type } of CHANNELS) {
  Deno.test(`${type}: whatever a message says, it is no longer than the service takes, and keeps its link`, () => {
    const { channel, settings } = targetOf(LINES[type] ?? "");
    fc.assert(
      fc.property(message, (given) => {
        const outgoing = channel.render(given, settings, NOW);
        if (outgoing.kind === "mail") {
          assert.ok(outgoing.subject.length <= 200 && !/[\r\n]/.test(outgoing.subject));
          return;
        }
        const text = bodyOf(outgoing);
        const body = JSON.parse(text);
        for (const [size, most] of LIMITS[type]?.(body, text) ?? []) {
          assert.ok(size <= most, `${size} of ${most}`);
        }
        if (given.link !== undefined) assert.match(text, /carillon\.example\/tasks\/a%2Fb/);
      }),
      { numRuns: 40, seed: 20_261_127 },
    );
  });
}

Deno.test("a digest of twenty long lines keeps its first ones where not all fit", () => {
  const facts = Array.from(
    { length: 21 },
    (_, i) => ({ name: `${i} ${"任务".repeat(140)}`, value: "错误".repeat(80) }),
  );
  const { channel, settings } = targetOf(LINES.wecom ?? "");
  const { markdown: { content } } = JSON.parse(
    bodyOf(channel.render({ ...MESSAGE, facts, detail: undefined }, settings, NOW)),
  );
  assert.match(content, /\*\*0 任务/);
  assert.match(content, /\*\*10 任务/);
  assert.ok(content.endsWith("[Open](https://carillon.example/runs/1)"));
});

Deno.test("what nobody sees is not in a message: halves of characters, controls, turned directions", () => {
  assert.equal(shownText("a\u0000b\u202ec\ud800d\r\ne\tf\u2066"), "abc\ufffdd\ne\tf");
  assert.equal(shownText("שלום עולם 😀 مرحبا"), "שלום עולם 😀 مرحبا");
  assert.equal(oneLine(" a\r\n b\u0085\u2028c "), "a b c");
});

Deno.test("the plain text of a message is its facts, its error and its link", () => {
  assert.equal(
    plainText(MESSAGE),
    "Task: sync_orders\nTook: 3 s\n\nconnect ECONNREFUSED 10.0.0.7:5432\n    at query\n\nhttps://carillon.example/runs/1",
  );
});
