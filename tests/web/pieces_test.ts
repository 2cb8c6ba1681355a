/** Small pure parts of the pages: like errors, terminal colours, moments. */
import { gzipSync } from "node:zlib";
import type { ViewerView } from "../../templates/views.ts";
import { TaskRow, type TaskRowView } from "../../templates/components/task_row.tsx";
import type { LaneMark } from "../../templates/components/lane.tsx";
import { STYLE } from "../../app/web/styles.ts";
import assert from "node:assert/strict";
import { foldedError } from "../../app/service/queries/like_error.ts";
import { ansiPieces, plainLine } from "../../app/web/ansi.ts";
import { shortDuration, shortMoment, stopwatch, timesUsual } from "../../app/locale/moments.ts";

Deno.test("errors are alike where only numbers, ids and addresses differ", () => {
  const alike: readonly (readonly [string, string])[] = [
    ["no listener at 10.3.4.17:1521", "no listener at 10.3.4.18:1522"],
    ["row 17 of 1,200 is bad", "row 3 of 900 is bad"],
    ["run 01a2150e-2be0-7000-8000-00000000003b is gone", "run 01a2150e-2be0-7000-8000-0000000000ff is gone"],
    ["at 2026-03-10T10:00:00Z it broke", "at 2026-03-11 11:00:01.5 it broke"],
    ["GET https://api.example/v2/calls?page=7", "GET https://api.example/v2/calls?page=8"],
    ["object deadbeef01 is locked", "object 0badcafe99 is locked"],
    ["took 1.5 s", "took 12 s"],
  ];
  for (const [a, b] of alike) assert.equal(foldedError(a), foldedError(b), a);
  const others: readonly (readonly [string, string])[] = [
    ["ORA-12541: no listener", "ORA-01017: no listener"],
    ["HTTP 503 from GET /x", "HTTP 404 from GET /x"],
    ["status code 500", "status code 429"],
    ["table orders is locked", "table items is locked"],
    ["errno: 111", "errno: 104"],
  ];
  for (const [a, b] of others) assert.notEqual(foldedError(a), foldedError(b), a);
  assert.ok(foldedError("9".repeat(1_000_000)).length < 10);
});

Deno.test("terminal colours become classes, and every other sequence goes", () => {
  assert.deepEqual(ansiPieces("plain"), [{ text: "plain" }]);
  assert.deepEqual(ansiPieces("a\u001b[1;31mb\u001b[0mc"), [
    { text: "a", look: undefined },
    { text: "b", look: "a1 ab" },
    { text: "c", look: undefined },
  ]);
  assert.deepEqual(ansiPieces("\u001b[38;5;2mgreen\u001b[39m."), [
    { text: "green", look: "a2" },
    { text: ".", look: undefined },
  ]);
  assert.deepEqual(ansiPieces("\u001b[38;2;1;2;3mtrue").map(({ look }) => look), [undefined]);
  assert.equal(plainLine("\u001b]8;;http://x\u0007link\u001b]8;;\u0007\u001b[2K\u001b[1A!"), "link!");
  assert.equal(plainLine("cut \u001b[3"), "cut [3");
});

Deno.test("moments and durations are as short as a person says them", () => {
  const now = Date.parse("2026-03-10T10:00:00Z");
  const short = (at: string, zone = "UTC") => shortMoment(Date.parse(at), now, zone, "en");
  assert.equal(short("2026-03-10T08:05:59Z"), "08:05");
  assert.equal(short("2026-03-10T08:05:00Z", "Asia/Tokyo"), "17:05");
  assert.equal(short("2026-03-09T23:30:00Z"), "Mon 23:30");
  assert.equal(short("2026-01-02T01:00:00Z"), "2 Jan 01:00");
  assert.equal(short("2024-01-02T01:00:00Z"), "2 Jan 2024 01:00");
  assert.deepEqual([0, 796, 4_200, 12_400, 840_000, 7_500_000, 2e8].map((ms) => shortDuration(ms, "en")), [
    "0 ms",
    "796 ms",
    "4.2 s",
    "12 s",
    "14 min",
    "2 h 5 min",
    "2 days",
  ]);
  assert.deepEqual([24_000, 2_292_000, 3_753_000].map(stopwatch), ["0:24", "38:12", "1:02:33"]);
  assert.deepEqual(
    [timesUsual(900, 100), timesUsual(2_100, 1_000), timesUsual(13_000, 1_000), timesUsual(1_400, 1_000)],
    [undefined, "2.1", "13", undefined],
  );
});

Deno.test("no column asks for more than a screen at a zoom of 400 % has beside its gutters", () => {
  const least = [...STYLE.matchAll(/repeat\(auto-fi(?:t|ll), minmax\((\d+)px/g)].map(([, px]) => Number(px));
  assert.ok(least.length > 2);
  assert.deepEqual(least.filter((px) => px > 320 - 2 * 16), []);
});

Deno.test("a row of the task list with as many marks as it may have travels in 2 kB", () => {
  const marks = Array.from({ length: 24 }, (_, i): LaneMark => ({
    kind: i % 9 === 8 ? "f" : "o",
    x: i * 4.17,
    width: 0.01 * i,
    address: `/runs/019cd240-${(i * 7_919).toString(16).padStart(4, "0")}-7000-8000-${
      (i * 104_729).toString(16).padStart(12, "0")
    }`,
    title: `${String(i).padStart(2, "0")}:00 succeeded, ${359 + i * 37} ms`,
  }));
  const task: TaskRowView = {
    id: "sync_orders",
    title: "Sync orders",
    tags: ["erp"],
    warnings: [],
    folder: "erp",
    hasParams: false,
    policies: [],
    file: "erp/sync_orders.ts",
    trigger: "every hour",
    rule: "interval[1:00:00]",
    timezone: "UTC",
    next: 0,
    ended: false,
    paused: false,
    failed: 3,
    marks,
    failedAddress: "/runs?task=sync_orders&status=failed",
  };
  const viewer: ViewerView = {
    locale: "en",
    zone: "UTC",
    now: 0,
    narrow: false,
    access: "",
    may: () => true,
    mayAny: () => true,
  };
  const row = String(TaskRow({ task, viewer }));
  assert.equal(row.match(/<title>/g)?.length, 24);
  const sent = gzipSync(row).length;
  assert.ok(sent < 2_000, `${sent} bytes, ${row.length} as text`);
});
