/** What is wrong with a file is kept as a key and values: each language says it, and English says what the error says. */
import assert from "node:assert/strict";
import { durationMs } from "../../app/base/duration.ts";
import { readGlob } from "../../app/base/glob.ts";
import { systemReason } from "../../app/base/system_error.ts";
import { ALL_TEXT_KEYS, text } from "../../app/locale/locale.ts";
import {
  changed,
  isSentence,
  refusedBySystem,
  saidBy,
  sentence,
  sentenceOf,
  sentenceText,
  toldText,
} from "../../app/locale/sentence.ts";
import { cron, every } from "../../app/trigger/declare.ts";

const WRONG: Readonly<Record<string, () => unknown>> = {
  "a text that is no duration": () => durationMs("soon"),
  "a unit that is none": () => durationMs("5 moons"),
  "a key that is no unit": () => durationMs(Object.fromEntries([["moons", 1]])),
  "an amount below 0": () => durationMs({ hours: -1 }),
  "a duration without an end": () => durationMs({ weeks: 1e15 }),
  "too many alternatives": () => readGlob("{a,b,c,d,e}".repeat(4)),
  "an open brace": () => readGlob("{a"),
  "nested braces": () => readGlob("{a,{b}}"),
  "a folder": () => readGlob("inbox/"),
  "the folder above, behind a star": () => readGlob("*/../a"),
  "an open bracket": () => readGlob("[a"),
  "an empty set": () => readGlob("[!]]a"),
  "an hour that there is not": () => cron({ hour: "9,25" }),
  "a weekday that there is not": () => cron("0 9 * * MUN"),
  "an interval that is too short": () => every("10ms"),
  "a zone that there is not": () => cron({ hour: 1, timezone: "Europe/Stokholm" }),
};

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

for (const [what, act] of Object.entries(WRONG)) {
  Deno.test(`the error about ${what} is said in every language`, () => {
    const error = thrownBy(act);
    const said = sentenceOf(error);
    assert.ok(said && error instanceof Error);
    assert.equal(sentenceText(said, "en"), error.message);
    assert.match(sentenceText(said, "zh"), /\p{Script=Han}/u);
    assert.doesNotMatch(sentenceText(said, "zh"), /\{\w+\}|mistake\./);
  });
}

Deno.test("what the system refuses has the same words by its key", () => {
  const codes = ALL_TEXT_KEYS.filter((key) => key.startsWith("mistake.system.")).map((key) => key.slice(15));
  assert.ok(codes.length > 10);
  for (const code of codes) {
    const error = Object.assign(new Error("no"), { code });
    assert.equal(sentenceText(refusedBySystem(error), "en"), systemReason(error));
  }
  assert.equal(refusedBySystem(new Error("it burns")), "it burns");
});

Deno.test("what is no error of ours is said in its own words", () => {
  assert.equal(saidBy(new SyntaxError("Unexpected token '}'")), "Unexpected token '}'");
  assert.equal(toldText({ message: "Unexpected token" }, "zh"), "Unexpected token");
});

Deno.test("only texts that are known are sentences, with plain values and few levels", () => {
  const good = sentence("mistake.no_text", { value: "5" });
  assert.ok(isSentence(good));
  const deep = Array.from({ length: 20 }).reduce<ReturnType<typeof sentence>>(
    (why) => sentence("mistake.of", { what: "x", why }),
    good,
  );
  const bad: unknown[] = [
    { key: "mistake.unheard", values: {} },
    { key: "problem.no_task", values: { id: "x" } },
    { key: "toString", values: {} },
    { key: "mistake.no_text" },
    { key: "mistake.no_text", values: { value: { key: "page.today", values: {} } } },
    { key: "mistake.no_text", values: { value: ["5"] } },
    {
      key: "mistake.no_text",
      values: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`v${i}`, i])),
    },
    deep,
    null,
    "mistake.no_text",
  ];
  for (const each of bad) assert.equal(isSentence(each), false, JSON.stringify(each).slice(0, 80));
});

Deno.test("a sentence is changed in all its texts, however deep", () => {
  const said = sentence("mistake.of", {
    what: "hunter2",
    why: sentence("mistake.no_text", { value: "hunter2" }),
  });
  const clean = changed(said, (words) => words.replaceAll("hunter2", "***"));
  assert.equal(sentenceText(clean, "en"), "***: *** is not a text");
  assert.equal(text("en", "mistake.no_text", { value: 5 }), "5 is not a text");
});
