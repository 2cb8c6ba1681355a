import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { allOf, anyOf, at, cron, every } from "../../app/trigger/declare.ts";
import type { TriggerSpec } from "../../app/trigger/trigger.ts";

const shanghai = { timezone: "Asia/Shanghai" };

const CASES: [TriggerSpec, string, string][] = [
  [
    cron({ hour: "*/2", ...shanghai }),
    "every 2 hours at minute 0, Asia/Shanghai",
    "每 2 小时的第 0 分,Asia/Shanghai",
  ],
  [cron({ hour: 10, minute: 30 }), "every day at 10:30, UTC", "每天 10:30,UTC"],
  [cron({ minute: "*" }), "every minute, UTC", "每分钟,UTC"],
  [cron({ minute: 15 }), "every hour at minute 15, UTC", "每小时的第 15 分,UTC"],
  [
    cron({ minute: "*/5", hour: "8-18" }),
    "every 5 minutes in hours 8 to 18, UTC",
    "8 至 18 点内每 5 分钟,UTC",
  ],
  [
    cron({ dayOfWeek: "mon-fri", hour: 10, minute: 30 }),
    "at 10:30 on Monday to Friday, UTC",
    "周一至周五 10:30,UTC",
  ],
  [cron({ day: "1,15", hour: 10, minute: 30 }), "at 10:30 on day 1 and day 15, UTC", "1 日、15 日 10:30,UTC"],
  [cron({ day: "last", hour: 6 }), "at 06:00 on the last day of the month, UTC", "月末最后一天 06:00,UTC"],
  [
    cron({ day: "2nd fri", hour: 6 }),
    "at 06:00 on the second Friday of the month, UTC",
    "当月第二个周五 06:00,UTC",
  ],
  [cron({ month: 1, day: 1 }), "at 00:00 on day 1 in January, UTC", "1 月 1 日 00:00,UTC"],
  [cron({ second: "*/10" }), "every 10 seconds, UTC", "每 10 秒,UTC"],
  [cron("0 9 * * MON"), "at 09:00 on Monday, UTC", "周一 09:00,UTC"],
  [cron("0 9 L * *"), "by the crontab line 0 9 L * *, UTC", "按 crontab 表达式 0 9 L * *,UTC"],
  [every("1h30m"), "every 1 hour 30 minutes", "每 1 小时 30 分钟"],
  [every("1h"), "every hour", "每小时"],
  [
    every({ weeks: 2, startDate: "2026-01-05" }),
    "every 2 weeks, from 2026-01-05, UTC",
    "每 2 周,自 2026-01-05 起,UTC",
  ],
  [at("2026-12-24T18:00"), "once, on 2026-12-24 18:00, UTC", "一次,于 2026-12-24 18:00,UTC"],
  [
    anyOf(every("1h"), cron({ hour: 6 })),
    "every hour; or every day at 06:00, UTC",
    "每小时;或每天 06:00,UTC",
  ],
  [
    allOf(cron({ day: 13, hour: 9 }), cron({ dayOfWeek: "fri", hour: 9 })),
    "at 09:00 on day 13, UTC, and at the same time at 09:00 on Friday, UTC",
    "13 日 09:00,UTC,且同时周五 09:00,UTC",
  ],
];

for (const [spec, english, chinese] of CASES) {
  Deno.test(`in words: ${english}`, () => {
    const trigger = compileTrigger(spec, {
      timezone: "UTC",
      anchor: 0,
    });
    assert.equal(trigger.describe("en"), english);
    assert.equal(trigger.describe("zh"), chinese);
  });
}

Deno.test("the exact rule reads like APScheduler's", () => {
  const rule = (spec: TriggerSpec) => compileTrigger(spec, { timezone: "UTC", anchor: 0 }).rule;
  assert.equal(rule(cron({ hour: "*/2" })), "cron[hour='*/2']");
  assert.equal(
    rule(cron({ dayOfWeek: "mon", hour: 10, minute: 30 })),
    "cron[day_of_week='mon', hour='10', minute='30']",
  );
  assert.equal(rule(every({ seconds: 5 })), "interval[0:00:05]");
  assert.equal(rule(every({ days: 1, hours: 2 })), "interval[1 day, 2:00:00]");
  assert.equal(rule(every({ weeks: 2 })), "interval[14 days, 0:00:00]");
  assert.equal(rule(every({ seconds: 0.5 })), "interval[0:00:00.500000]");
  assert.equal(rule(at("2026-12-24T18:00")), "date[2026-12-24 18:00:00 UTC]");
});
