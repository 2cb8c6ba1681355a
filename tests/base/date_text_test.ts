import assert from "node:assert/strict";
import { isoDate, isoLocalDateTime, readDateText } from "../../app/base/date_text.ts";

const LOCAL: [text: string, iso: string][] = [
  ["2026-11-25", "2026-11-25T00:00:00"],
  ["2026-11-25 10:00:00", "2026-11-25T10:00:00"],
  ["2026-11-25T10:00", "2026-11-25T10:00:00"],
  ["2021-11-9 15:00:00", "2021-11-09T15:00:00"],
  ["2021-1-9 5:07", "2021-01-09T05:07:00"],
  ["2026/11/25", "2026-11-25T00:00:00"],
  ["2026/1/5 8:00", "2026-01-05T08:00:00"],
  ["  2026-11-25  10:00  ", "2026-11-25T10:00:00"],
  ["2026-11-25 10:00:00.250", "2026-11-25T10:00:00.25"],
  ["2026-11-25 10:00:00,250", "2026-11-25T10:00:00.25"],
  ["20261125", "2026-11-25T00:00:00"],
  ["20261125T100000", "2026-11-25T10:00:00"],
  ["2028-02-29", "2028-02-29T00:00:00"],
];

for (const [text, iso] of LOCAL) {
  Deno.test(`a local date and time: ${JSON.stringify(text)}`, () => {
    const read = readDateText(text);
    assert.equal(read?.kind, "local");
    assert.equal(read?.kind === "local" && read.time.toString(), iso);
    assert.equal(isoLocalDateTime(text), iso);
  });
}

const INSTANTS: [text: string, iso: string][] = [
  ["2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z"],
  ["2026-11-25 10:00:00+08:00", "2026-11-25T02:00:00Z"],
  ["2026-11-25 10:00+0800", "2026-11-25T02:00:00Z"],
  ["2026-11-25T10:00:00 +08:00", "2026-11-25T02:00:00Z"],
  ["2026-11-5 9:30z", "2026-11-05T09:30:00Z"],
  ["2026-11-25T10:00:00+08:00[Asia/Shanghai]", "2026-11-25T02:00:00Z"],
  ["2026-11-25 10:00[Asia/Shanghai]", "2026-11-25T02:00:00Z"],
];

for (const [text, iso] of INSTANTS) {
  Deno.test(`an instant: ${JSON.stringify(text)}`, () => {
    const read = readDateText(text);
    assert.equal(read?.kind === "instant" && read.instant.toString(), iso);
    assert.equal(isoLocalDateTime(text), undefined);
  });
}

const NEITHER = [
  "",
  "soon",
  "tomorrow",
  "2026-13-01",
  "2026-02-30",
  "2026-02-29 10:00",
  "2026-11-25 25:00",
  "2026-11-25 10:60",
  "2026-11-25 10",
  "2026-11-25 at 10",
  "2026-11/25",
  "25.11.2026",
  "11/25/2026",
  "10:00",
  "2026-11-25T10:00:00+99:00",
  "2026-11-25T10:00:00+08:00[Mars/Base]",
  "2026-11-25T10:00:00+01:00[Asia/Shanghai]",
  "2026-11-25[Asia/Shanghai",
  "2026-11-25 10:00:00 CET",
  "1764064800",
];

for (const text of NEITHER) {
  Deno.test(`neither a date nor an instant: ${JSON.stringify(text)}`, () => {
    assert.equal(readDateText(text), undefined);
  });
}

Deno.test("a date alone is one only without a time", () => {
  assert.equal(isoDate("2026-1-5"), "2026-01-05");
  assert.equal(isoDate("2026-01-05 00:00"), undefined);
  assert.equal(isoDate("2026-01-05T00:00:00Z"), undefined);
});
