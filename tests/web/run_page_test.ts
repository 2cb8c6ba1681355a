/** The page of a run: what changed in the code, results as tables, and logs of any length. */
import assert from "node:assert/strict";
import { resultView } from "../../app/web/result_view.ts";
import { startCarillon, startRun, type TestCarillon, TESTER } from "../support/carillon.ts";

async function page({ fetch }: TestCarillon, path: string): Promise<string> {
  const answer = await fetch(path);
  assert.equal(answer.status, 200, path);
  return await answer.text();
}

const TASK = (body: string) =>
  `import { defineTask } from "carillon";
const token = "s3cret-of-the-crm";
export default defineTask({
  run({ log }) {
    ${body}
  },
});
`;

Deno.test("what changed in the code since the last good run stands on the page, without secrets", async () => {
  await using test = await startCarillon({ "tasks/sync.ts": TASK(`return { rows: token.length };`) }, {
    ini: "[secrets]\ncrm_token = s3cret-of-the-crm\n",
  });
  await test.ended((await startRun(test, "sync")).id);
  test.folder.write("tasks/sync.ts", TASK(`throw new Error("<b>" + token.length);`));
  await test.carillon.operations.reload(TESTER);
  const { id } = await startRun(test, "sync");
  await test.ended(id);
  const html = await page(test, `/runs/${id}`);
  assert.match(html, /<summary><span class="mono">sync\.ts<\/span> <span class="quiet">\+1 −1<\/span>/);
  assert.match(html, /<span class="minus"><i>5<\/i><span>− {5}return \{ rows: token\.length \};<\/span>/);
  assert.match(html, /<span class="plus"><i>5<\/i><span>\+ {5}throw new Error\(&quot;&lt;b&gt;&quot;/);
  assert.doesNotMatch(html, /s3cret/);
  assert.match(html, new RegExp(`on ${Deno.hostname()}, Carillon \\d`));
});

Deno.test("code that did not change is the same, and of a run without a version it is not known", async () => {
  await using test = await startCarillon({
    "tasks/sync.ts": `import { defineTask, z } from "carillon";
export default defineTask({
  params: z.object({ fail: z.string().default("") }),
  run({ params }) { if (params.fail !== "") throw new Error("x"); },
});`,
  });
  await test.ended((await startRun(test, "sync")).id);
  const { id } = await startRun(test, "sync", { fail: "1" });
  await test.ended(id);
  assert.match(await page(test, `/runs/${id}`), /<dt>Code<\/dt><dd><span class="quiet">the same<\/span>/);
});

const RESULTS: readonly [unknown, unknown][] = [
  [undefined, undefined],
  ["ok", undefined],
  [42, undefined],
  [null, undefined],
  [[], undefined],
  [{}, undefined],
  [{ rows: 3, by: { a: 1 } }, { head: [], rows: [["rows", "3"], ["by", '{"a":1}']], total: 2 }],
  [[{ a: 1 }, { b: "x" }], { head: ["a", "b"], rows: [["1", ""], ["", "x"]], total: 2 }],
  [["x", { a: 1 }, null], { head: [], rows: [["x"], ['{"a":1}'], ["null"]], total: 3 }],
  [[[1, 2]], { head: [], rows: [["[1,2]"]], total: 1 }],
];

Deno.test("a result is a table where it is more than a value", () => {
  for (const [result, expected] of RESULTS) {
    const view = resultView(result);
    const { json: _, ...shown } = view ?? { json: "" };
    assert.deepEqual(view && shown, expected, JSON.stringify(result));
  }
  const many = resultView(Array.from({ length: 5_000 }, (_, i) => ({ [`c${i}`]: "x".repeat(9_000) })));
  assert.equal(many?.total, 5_000);
  assert.ok(many && many.head.length <= 12 && many.rows.length <= 100);
  assert.ok(many.rows.every((row) => row.every((value) => value.length <= 501)));
});

Deno.test("a result stands on the page, escaped", async () => {
  await using test = await startCarillon({
    "tasks/sync.ts": TASK(`return [{ table: "<i>orders</i>", rows: 12 }, { table: "items", rows: 3 }];`),
  });
  const { id } = await startRun(test, "sync");
  await test.ended(id);
  const html = await page(test, `/runs/${id}`);
  assert.match(html, /<th scope="col">table<\/th><th scope="col">rows<\/th>/);
  assert.match(html, /<td class="mono">&lt;i&gt;orders&lt;\/i&gt;<\/td><td class="num mono">12<\/td>/);
});

Deno.test("a log of 12,000 lines: its numbers are those of the run, and what is between is a link away", async () => {
  await using test = await startCarillon({
    "tasks/loud.ts": TASK(
      `for (let i = 1; i <= 12_000; i++) i === 3_000 ? log.error("odd one") : log.info("line " + i);`,
    ),
  });
  const { id } = await startRun(test, "loud");
  await test.ended(id);
  const html = await page(test, `/runs/${id}`);
  assert.match(html, /12000 lines|12,000 lines/);
  const shown = [...html.matchAll(/id="L(\d+)"/g)].map(([, n]) => Number(n));
  assert.equal(shown.at(-1), 12_000);
  assert.match(html, new RegExp(`href="/runs/${id}\\?lines=all&amp;line=3000#L3000"`));
  const whole = await page(test, `/runs/${id}?lines=all&line=7000`);
  assert.match(whole, / 1 {2}10:00:00\.000 {2}info {3}line 1\n/);
  assert.match(whole, /<span id="L7000"/);
  assert.match(whole, /<span id="L3000" class="bad">/);
  assert.equal([...whole.matchAll(/ line \d+\n/g)].length, 11_999);
  const file = await (await test.fetch(`/runs/${id}/log.txt`)).text();
  assert.equal(file.trimEnd().split("\n").length, 12_000);
  assert.match(file, /ERROR odd one\n/);
  // A line that is not at hand is found nevertheless.
  assert.deepEqual(
    [...(await page(test, `/runs/${id}?q=line+4321`)).matchAll(/id="L(\d+)"/g)].map(([, n]) => n),
    ["4321"],
  );
  for (const odd of ["-1", "0", "1e9", "x", "99999999999999999999"]) {
    assert.match(await page(test, `/runs/${id}?lines=all&line=${odd}`), / line 12000\n/, odd);
  }
});

Deno.test("what is nested deeply is not indented: a page would be blanks", () => {
  const flat = Array.from({ length: 1_000 }, () => 0);
  const deep = Array.from({ length: 40 }).reduce((inner) => [inner], flat as unknown);
  assert.ok((resultView(deep)?.json.length ?? Infinity) < 3_000);
  assert.match(resultView({ a: [1] })?.json ?? "", /^\{\n {2}"a": \[\n {4}1\n/);
});
