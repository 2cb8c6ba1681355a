/** The page of the API: all of it can be read without a script, in both languages, and nothing in it breaks the policy. */
import assert from "node:assert/strict";
import { ROUTES } from "../../app/api/v1/routes.ts";
import { LOCALES } from "../../app/model/locale.ts";
import { startCarillon } from "../support/carillon.ts";

for (const locale of LOCALES) {
  Deno.test(`every route, shape and problem stands on the page, with an address (${locale})`, async () => {
    await using test = await startCarillon({});
    const answer = await test.fetch("/api", { headers: { "accept-language": locale } });
    assert.equal(answer.status, 200);
    const html = await answer.text();
    for (const { name, path } of ROUTES) {
      assert.ok(html.includes(`<details id="${name}">`), name);
      assert.ok(html.includes(path.replace(/:(\w+)/g, "{$1}")), path);
    }
    for (const id of ["shape-Run", "shape-Problem", "problem-no_task", "problem-request", "problem-bug"]) {
      assert.ok(html.includes(`id="${id}"`), id);
    }
    for (const [, id] of html.matchAll(/href="#([\w-]+)"/g)) {
      assert.ok(html.includes(`id="${id}"`), `#${id} leads nowhere`);
    }
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length, "each address is there once");
    assert.match(html, locale === "zh" ? /按筛选条件列出运行/ : /Runs by a filter, newest first/);
    // Forms are a script's: without one they are not seen.
    for (const [form] of html.matchAll(/<form class="try"[^>]*>/g)) assert.match(form, / hidden/);
    assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/);
  });
}

Deno.test("the type of a problem leads to where the page says what it means", async () => {
  await using test = await startCarillon({});
  const html = await (await test.fetch("/api")).text();
  for (
    const path of ["/api/v1/tasks/nobody", "/api/v1/runs?limit=0", "/api/v1/nothing", "/api/v1/backfills/x"]
  ) {
    const { type } = await (await test.fetch(path)).json() as { type: string };
    const [page, anchor] = type.split("#");
    assert.equal(page, "/api");
    assert.ok(html.includes(`<dt id="${anchor}">`), type);
  }
});
