/** The watermarks of an earlier Carillon. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { OperatorError } from "../../app/base/errors.ts";
import { LedgerHistory } from "../../app/history/ledger_history.ts";
import { MemoryHistory } from "../../app/history/memory.ts";
import { importWatermarkFile } from "../../app/history/watermark_file.ts";
import { makeFolder } from "../support/folder.ts";
import { LIMIT, openSqlite } from "./runs.ts";

const OLD = { orders: { "": "2026-03-10T08:00:00Z", id: 1.5 }, __proto__x: { a: 0 } };

Deno.test("an old file of watermarks is taken into the history once, and what the history has is newer", async () => {
  await using folder = makeFolder({ "watermarks.json": JSON.stringify(OLD) });
  const path = join(folder.path, "watermarks.json");
  const history = new LedgerHistory(openSqlite(join(folder.path, "history.db")));
  await history.keepWatermarks("orders", { id: 7 });
  await importWatermarkFile(path, history);
  assert.deepEqual(await history.watermarks("orders"), { "": "2026-03-10T08:00:00Z", id: 7 });
  assert.deepEqual(await history.watermarks("__proto__x"), { a: 0 });
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(`${path}.imported`)), OLD);
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  await importWatermarkFile(path, history);
  await history.close();
});

Deno.test("where only memory could take the watermarks, their file stays", async () => {
  await using folder = makeFolder({ "watermarks.json": JSON.stringify(OLD) });
  const path = join(folder.path, "watermarks.json");
  const history = new MemoryHistory(LIMIT);
  await importWatermarkFile(path, history);
  assert.deepEqual(await history.watermarks("orders"), OLD.orders);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(path)), OLD);
});

Deno.test("a damaged file of watermarks is an error with its place, and it is left as it is", async () => {
  for (const [text, why] of [["{", /JSON/], ['{"a": {"b": []}}', /a\.b: /], ["[]", /record/]] as const) {
    await using folder = makeFolder({ "watermarks.json": text });
    const path = join(folder.path, "watermarks.json");
    await assert.rejects(importWatermarkFile(path, new MemoryHistory(LIMIT)), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.match(error.message, /watermarks\.json: it does not hold the watermarks of tasks/);
      assert.match(error.message, why);
      return true;
    });
    assert.equal(Deno.readTextFileSync(path), text);
  }
});
