import { reason, reasonText } from "../../app/locale/reason.ts";
import assert from "node:assert/strict";
import en from "../../app/locale/en.json" with { type: "json" };
import zh from "../../app/locale/zh.json" with { type: "json" };
import { list, localText, preferredLocale, text } from "../../app/locale/locale.ts";

Deno.test("every language has every key", () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
});

Deno.test("no key stands twice: the first text would be there for nothing", () => {
  for (const [locale, texts] of Object.entries({ en, zh })) {
    const file = Deno.readTextFileSync(new URL(`../../app/locale/${locale}.json`, import.meta.url));
    const keys = [...file.matchAll(/^ {2}"([^"]+)":/gm)].map(([, key]) => key);
    assert.deepEqual(keys, Object.keys(texts), locale);
  }
});

Deno.test("a sentence has the same places to fill in, in every language", () => {
  const places = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const [key, words] of Object.entries(en)) {
    assert.deepEqual(places(zh[key as keyof typeof zh]), places(words), key);
  }
});

Deno.test("no text is empty but for joints", () => {
  for (const [key, words] of [...Object.entries(en), ...Object.entries(zh)]) {
    if (key !== "date.join") assert.notEqual(words, "", key);
  }
});

Deno.test("places are filled in, unknown ones are left", () => {
  assert.equal(text("en", "problem.no_task", { id: "x" }), `There is no task "x".`);
  assert.equal(text("en", "problem.no_task"), `There is no task "{id}".`);
});

Deno.test("lists are joined the way the language does", () => {
  assert.equal(list("en", ["a", "b", "c"]), "a, b and c");
  assert.equal(list("zh", ["甲", "乙"]), "甲、乙");
});

Deno.test("a text in one or several languages is shown in the best one", () => {
  assert.equal(localText("x", "zh"), "x");
  assert.equal(localText({ en: "a", zh: "b" }, "zh"), "b");
  assert.equal(localText({ en: "a" }, "zh"), "a");
});

const HEADERS: [string | undefined, string][] = [
  [undefined, "en"],
  ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
  ["en;q=0.2, zh;q=0.7", "zh"],
  ["fr, zh;q=0", "en"],
  ["sv-SE,sv;q=0.9", "en"],
];

for (const [header, locale] of HEADERS) {
  Deno.test(`Accept-Language ${header} means ${locale}`, () => assert.equal(preferredLocale(header), locale));
}

Deno.test("a time limit is told in the viewer's language, also where a record of before holds it in words", () => {
  const limit = reason("reason.timeout", { limitMs: 1_800_000 });
  assert.equal(reasonText(limit, "en"), "ended after its time limit of 30 min");
  assert.equal(reasonText(limit, "zh"), "超过时限 30 分后被终止");
  assert.equal(
    reasonText(reason("reason.timeout", { limit: "5 s" }), "en"),
    "ended after its time limit of 5 s",
  );
});
