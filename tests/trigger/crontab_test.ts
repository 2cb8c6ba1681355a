import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { cron } from "../../app/trigger/declare.ts";

function fires(line: string, from: string, count: number, timezone = "UTC"): string[] {
  const trigger = compileTrigger(cron(line), { timezone, anchor: 0 });
  const found: string[] = [];
  let at = trigger.next(Temporal.Instant.from(from));
  while (at && found.length < count) {
    found.push(at.toString());
    at = trigger.next(at);
  }
  return found;
}

const CASES: [line: string, expected: string[]][] = [
  ["0 9 L-3 * *", ["2026-01-28T09:00:00Z", "2026-02-25T09:00:00Z", "2026-03-28T09:00:00Z"]],
  ["0 9 LW * *", ["2026-01-30T09:00:00Z", "2026-02-27T09:00:00Z", "2026-03-31T09:00:00Z"]],
  ["0 9 1W * *", ["2026-01-01T09:00:00Z", "2026-02-02T09:00:00Z", "2026-03-02T09:00:00Z"]],
  ["0 9 31W * *", ["2026-01-30T09:00:00Z", "2026-03-31T09:00:00Z", "2026-05-29T09:00:00Z"]],
  ["0 9 15,LW * *", ["2026-01-15T09:00:00Z", "2026-01-30T09:00:00Z", "2026-02-15T09:00:00Z"]],
  ["0 9 * * 5#2", ["2026-01-09T09:00:00Z", "2026-02-13T09:00:00Z"]],
  ["0 9 * * FRIL", ["2026-01-30T09:00:00Z", "2026-02-27T09:00:00Z"]],
  ["0 9 * * FRI-SUN", [
    "2026-01-02T09:00:00Z",
    "2026-01-03T09:00:00Z",
    "2026-01-04T09:00:00Z",
    "2026-01-09T09:00:00Z",
  ]],
  ["0 9 13 * FRI", ["2026-01-02T09:00:00Z", "2026-01-09T09:00:00Z", "2026-01-13T09:00:00Z"]],
  ["0 9 13 * +FRI", ["2026-02-13T09:00:00Z", "2026-03-13T09:00:00Z", "2026-11-13T09:00:00Z"]],
  // As cron has it: a field that begins with `*` restricts nothing by itself, so both must match.
  ["0 4 */2 * 1", ["2026-01-05T04:00:00Z", "2026-01-19T04:00:00Z", "2026-02-09T04:00:00Z"]],
  ["0 4 1-7 * */2", ["2026-01-01T04:00:00Z", "2026-01-03T04:00:00Z", "2026-01-04T04:00:00Z"]],
  ["0 4 ?/2 * 1", ["2026-01-05T04:00:00Z", "2026-01-19T04:00:00Z", "2026-02-09T04:00:00Z"]],
  ["0 4 *,5 * 1", ["2026-01-05T04:00:00Z", "2026-01-12T04:00:00Z"]],
  ["0 4 2-31/2 * 1", ["2026-01-02T04:00:00Z", "2026-01-04T04:00:00Z", "2026-01-05T04:00:00Z"]],
  ["0 9 ? * 7", ["2026-01-04T09:00:00Z", "2026-01-11T09:00:00Z"]],
  ["5/20 9 * * *", [
    "2026-01-01T09:05:00Z",
    "2026-01-01T09:25:00Z",
    "2026-01-01T09:45:00Z",
    "2026-01-02T09:05:00Z",
  ]],
  ["CRON_TZ=Asia/Shanghai 0 9 * * *", ["2026-01-01T01:00:00Z", "2026-01-02T01:00:00Z"]],
  ["TZ=Asia/Shanghai @daily", ["2026-01-01T16:00:00Z", "2026-01-02T16:00:00Z"]],
  ["@hourly", ["2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"]],
  ["@WEEKLY", ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"]],
  ["@yearly", ["2027-01-01T00:00:00Z"]],
  ["@reboot", []],
];

for (const [line, expected] of CASES) {
  Deno.test(`crontab ${line}`, () => {
    assert.deepEqual(fires(line, "2026-01-01T00:00:00Z", Math.max(1, expected.length)), expected);
  });
}

Deno.test("@reboot fires at each start, also under a zone; every other line does not", () => {
  const atStart = (line: string) => compileTrigger(cron(line), { timezone: "UTC", anchor: 0 }).atStart;
  assert.equal(atStart("@reboot"), true);
  assert.equal(atStart("CRON_TZ=Asia/Shanghai @REBOOT"), true);
  assert.equal(atStart("@daily"), false);
});

const WRONG: [line: string, message: string][] = [
  ["61 * * * *", `minute (field 1, position 1): "61" is not between 0 and 59; allowed is 0 to 59`],
  ["0 9,25 * * *", `hour (field 2, position 5): "25" is not between 0 and 23; allowed is 0 to 23`],
  [
    "0 9 * * FRI-MON",
    `weekday (field 5, position 9): "FRI-MON" runs backwards; write it as two ranges, "FRI-SUN,MON"`,
  ],
  [
    "0 9 * * sat-tue",
    `weekday (field 5, position 9): "sat-tue" runs backwards; write it as two ranges, "SAT-SUN,MON-TUE"`,
  ],
  ["0 9 * * 5-1", `weekday (field 5, position 9): "5-1" runs backwards; write it as two ranges, "5-6,0-1"`],
  [
    "0 9 * NOV-FEB *",
    `month (field 4, position 7): "NOV-FEB" runs backwards; write it as two ranges, "NOV-DEC,JAN-FEB"`,
  ],
  ["0 22-2 * * *", `hour (field 2, position 3): "22-2" runs backwards; write it as two ranges, "22-23,0-2"`],
  [
    "0 9 * *",
    "it has 4 fields; write five (minute hour day month weekday), six (second first) or seven (year last)",
  ],
  [
    "",
    "it has 0 fields; write five (minute hour day month weekday), six (second first) or seven (year last)",
  ],
  ["*/0 * * * *", `minute (field 1, position 1): "*/0" has a step of 0; the least step is 1`],
  [
    "*/90 * * * *",
    `minute (field 1, position 1): "*/90" has a step of 90, more than the 60 values there are`,
  ],
  [
    "0 9 * * MUN",
    `weekday (field 5, position 9): "MUN" is not allowed; allowed is 0 to 7 (0 and 7 are Sunday) or SUN to SAT, 5#2 (the second Friday) or 5L (the last Friday), with *, */n, a-b, a-b/n and comma lists`,
  ],
  [
    "0 9 * * 5#6",
    `weekday (field 5, position 9): "5#6" counts weekdays of the month from #1 to #5, or #L for the last`,
  ],
  [
    "0 9 L-31 * *",
    `day of the month (field 3, position 5): "L-31" is before the month begins; allowed is L-1 to L-30`,
  ],
  [
    "0 9 1,,2 * *",
    `day of the month (field 3, position 7): "" is empty; allowed is 1 to 31, L (the last day), L-3, LW or 15W, or *`,
  ],
  ["0 0 25 * * *", `hour (field 3, position 5): "25" is not between 0 and 23; allowed is 0 to 23`],
  [
    "@dayly",
    `"@dayly" is no nickname; did you mean "@daily"? Known are: @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @reboot`,
  ],
  ["@every 5m", `a length of time is no crontab line; write every("5m")`],
];

for (const [line, message] of WRONG) {
  Deno.test(`a crontab line is refused in our own words: ${line}`, () => {
    assert.throws(() => cron(line), {
      name: "TriggerError",
      message: `crontab line "${line}": ${message}`,
    });
  });
}

Deno.test("a zone that does not exist, or two of them, are refused", () => {
  assert.throws(
    () => cron("CRON_TZ=Asia/Shanghi 0 9 * * *"),
    /^TriggerError: timezone: "Asia\/Shanghi" is not a time zone/,
  );
  assert.throws(
    () => cron("CRON_TZ=Asia/Shanghai 0 9 * * *", { timezone: "UTC" }),
    /it names the zone Asia\/Shanghai, and timezone says UTC; leave one of them out$/,
  );
});
