/** What is wrong with a task file is said in the language of whoever looks; the API and the journal stay English. */
import assert from "node:assert/strict";
import { startStill } from "../support/carillon.ts";

const task = (options: string) =>
  `import { cron, defineTask, every } from "carillon";
export default defineTask({ ${options} run() {} });`;

/** Each file with a part of what is said of it in English and in Chinese. */
const FILES: Readonly<Record<string, readonly [text: string, en: string, zh: string]>> = {
  "hour.ts": [
    task("trigger: cron({ hour: 25 }),"),
    `hour: "25" is not between 0 and 23`,
    "hour：“25”不在 0 到 23 之间",
  ],
  "line.ts": [
    task(`trigger: cron("0 9 * * MUN"),`),
    `weekday (field 5, position 9): "MUN" is not allowed; allowed is 0 to 7`,
    "星期（第 5 个字段，第 9 个字符）：“MUN”不允许；允许 0 到 7",
  ],
  "retry.ts": [
    task(`retry: { attempts: "many" },`),
    `defineTask: retry.attempts: "many" is not a whole number from 1`,
    `defineTask：retry.attempts："many" 不是 1 到`,
  ],
  "key.ts": [
    task("retryy: 3,"),
    `unknown key "retryy"; did you mean "retry"?`,
    "未知的键“retryy”；是不是“retry”？",
  ],
  "none.ts": [`export const nothing = 1;`, "it has no default export", "没有默认导出"],
  "number.ts": [`export default 5;`, "the default export is 5, not a task", "默认导出是 5，不是任务"],
  "package.ts": [`import "left-pad";\n${task("")}`, `imports the package "left-pad"`, "导入了包“left-pad”"],
  "script.sh": [
    `#!/bin/sh\n# carillon: every=1h timeout=soon\necho\n`,
    `# carillon: timeout: "soon" is not a duration`,
    "# carillon：timeout：“soon”不是时长",
  ],
  "twice.sh": [
    `# carillon: every=1h keep=1\n# carillon: keep=2\n`,
    "given twice, the first time in line 1",
    "第一次在第 1 行",
  ],
  "approval.ts": [task(`approval: { by: "admin" },`), "it takes people who sign in", "需要用户登录"],
};

const unescaped = (html: string) =>
  html.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&gt;", ">");

Deno.test("what is wrong with a task file is said in the viewer's language, and in English by the API", async () => {
  const files = Object.entries(FILES).map(([name, [text]]) => [`tasks/${name}`, text]);
  await using test = await startStill(Object.fromEntries(files));
  const seen = async (language: string) => {
    const page = await test.fetch("/system", { headers: { "accept-language": language } });
    return unescaped(await page.text());
  };
  const [english, chinese] = [await seen("en"), await seen("zh-CN")];
  const api = await (await test.fetch("/api/v1/system", { headers: { "accept-language": "zh-CN" } })).json();
  const said = api.broken.map(({ message }: { readonly message: string }) => message).join("\n");
  for (const [name, [, en, zh]] of Object.entries(FILES)) {
    assert.ok(english.includes(en), `${name}: ${en}`);
    assert.ok(
      chinese.includes(zh),
      `${name}: ${zh}\n${/<p class="preserve">[^]*?<\/p>/g.exec(chinese)?.[0]}`,
    );
    assert.ok(!chinese.includes(en), `${name} is said in English to who reads Chinese`);
    assert.ok(said.includes(en), `${name}: ${en}\n${said}`);
  }
});

Deno.test("what a program says of a file stays in its own words", async () => {
  await using test = await startStill({
    "tasks/a.ts": `throw new Error("the ERP is away");\n${task("")}`,
  });
  const page = await test.fetch("/system", { headers: { "accept-language": "zh-CN" } });
  assert.match(await page.text(), /<p class="preserve">the ERP is away<\/p>/);
});

Deno.test("a file can not make a language be told something else than the others", async () => {
  const forged = `Object.assign(new Error("the ERP is away"), {
    sentence: { key: "mistake.calendar.no_file", values: {} } })`;
  await using test = await startStill({ "tasks/a.ts": `throw ${forged};\n${task("")}` });
  const [file] = test.carillon.queries.tasks.broken();
  assert.deepEqual([file?.message, file?.sentence], ["the ERP is away", undefined]);
});
