import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { allOf, anyOf, at, atStart, cron, every, everyNth } from "../../app/trigger/declare.ts";
import type { TriggerSpec } from "../../app/trigger/trigger.ts";

const shanghai = { timezone: "Asia/Shanghai" };

const CASES: [TriggerSpec, string, string][] = [
  [
    cron({ hour: "*/2", ...shanghai }),
    "every 2 hours at minute 0, Asia/Shanghai",
    "每 2 小时的第 0 分，Asia/Shanghai",
  ],
  [cron({ hour: 10, minute: 30 }), "every day at 10:30, UTC", "每天 10:30，UTC"],
  [cron({ minute: "*" }), "every minute, UTC", "每分钟，UTC"],
  [cron({ minute: 15 }), "every hour at minute 15, UTC", "每小时的第 15 分，UTC"],
  [
    cron({ minute: "*/5", hour: "8-18" }),
    "every 5 minutes in hours 8 to 18, UTC",
    "8 至 18 点内每 5 分钟，UTC",
  ],
  [
    cron({ dayOfWeek: "mon-fri", hour: 10, minute: 30 }),
    "at 10:30 on Monday to Friday, UTC",
    "周一至周五 10:30，UTC",
  ],
  [
    cron({ day: "1,15", hour: 10, minute: 30 }),
    "at 10:30 on day 1 and day 15, UTC",
    "1 日、15 日 10:30，UTC",
  ],
  [cron({ day: "last", hour: 6 }), "at 06:00 on the last day of the month, UTC", "月末最后一天 06:00，UTC"],
  [
    cron({ day: "2nd fri", hour: 6 }),
    "at 06:00 on the second Friday of the month, UTC",
    "当月第二个周五 06:00，UTC",
  ],
  [cron({ month: 1, day: 1 }), "at 00:00 on day 1 in January, UTC", "1 月 1 日 00:00，UTC"],
  [cron({ second: "*/10" }), "every 10 seconds, UTC", "每 10 秒，UTC"],
  [cron("0 9 * * MON"), "at 09:00 on Monday, UTC", "周一 09:00，UTC"],
  [
    cron("0 9 13 * FRI"),
    "by the crontab line 0 9 13 * FRI, UTC",
    "按 crontab 表达式 0 9 13 * FRI，UTC",
  ],
  [
    cron("0 4 */2 * 1"),
    "at 04:00 on days 1 to 31 in steps of 2 if it is a Monday, UTC",
    "1 至 31(步长 2) 日且为周一 04:00，UTC",
  ],
  [
    cron("0 4 1-7 * */2"),
    "at 04:00 on days 1 to 7 if it is a Tuesday, Thursday and Saturday to Sunday, UTC",
    "1 至 7 日且为周二、周四、周六至周日 04:00，UTC",
  ],
  [
    cron("0 4 * * */2"),
    "at 04:00 on Tuesday, Thursday and Saturday to Sunday, UTC",
    "周二、周四、周六至周日 04:00，UTC",
  ],
  [cron("0 9 L * *"), "at 09:00 on the last day of the month, UTC", "月末最后一天 09:00，UTC"],
  [
    cron("0 9 L-3 * *"),
    "at 09:00 on the day 3 days before the last of the month, UTC",
    "月末最后一天的前 3 天 09:00，UTC",
  ],
  [cron("0 9 L-1 * *"), "at 09:00 on the last day but one of the month, UTC", "月末倒数第二天 09:00，UTC"],
  [
    cron("0 9 LW * *"),
    "at 09:00 on the last day of the month from Monday to Friday, UTC",
    "当月最后一个周一至周五的日子 09:00，UTC",
  ],
  [
    cron("0 9 15W * *"),
    "at 09:00 on the day from Monday to Friday nearest to day 15, UTC",
    "距 15 日最近的周一至周五 09:00，UTC",
  ],
  [cron("0 9 * * 5#2"), "at 09:00 on the second Friday of the month, UTC", "当月第二个周五 09:00，UTC"],
  [cron("0 9 * * FRI-SUN"), "at 09:00 on Friday to Sunday, UTC", "周五至周日 09:00，UTC"],
  [
    cron("CRON_TZ=Asia/Shanghai 0 9 * * *"),
    "every day at 09:00, Asia/Shanghai",
    "每天 09:00，Asia/Shanghai",
  ],
  [cron("@hourly"), "every hour at minute 0, UTC", "每小时的第 0 分，UTC"],
  [cron("@reboot"), "each time Carillon starts", "每次 Carillon 启动时"],
  [atStart(), "each time Carillon starts", "每次 Carillon 启动时"],
  [
    anyOf(atStart(), cron({ hour: 3 })),
    "each time Carillon starts; or every day at 03:00, UTC",
    "每次 Carillon 启动时；或每天 03:00，UTC",
  ],
  [
    everyNth(3, cron({ dayOfWeek: "mon", hour: 9 })),
    "at 09:00 on Monday, UTC, only one time in 3",
    "周一 09:00，UTC，每 3 次只触发一次",
  ],
  [
    every({ weeks: 2, on: "mon", at: "09:00", startDate: "2026-01-05" }),
    "every 2 weeks on Monday at 09:00, from 2026-01-05, UTC",
    "每 2 周的周一 09:00，自 2026-01-05 起，UTC",
  ],
  [
    every({ days: 3, at: ["08:00", "20:30"], startDate: "2026-01-05" }),
    "every 3 days at 08:00 and 20:30, from 2026-01-05, UTC",
    "每 3 天 08:00、20:30，自 2026-01-05 起，UTC",
  ],
  [
    every({ months: 1, on: "last", at: "06:00:30", startDate: "2026-01-01" }),
    "every month on the last day of the month at 06:00:30, from 2026-01-01, UTC",
    "每月的月末最后一天 06:00:30，自 2026-01-01 起，UTC",
  ],
  [every("1h30m"), "every 1 hour 30 minutes", "每 1 小时 30 分钟"],
  [every("1h"), "every hour", "每小时"],
  [
    every({ weeks: 2, startDate: "2026-01-05" }),
    "every 2 weeks, from 2026-01-05, UTC",
    "每 2 周，自 2026-01-05 起，UTC",
  ],
  [at("2026-12-24T18:00"), "once, on 2026-12-24 18:00, UTC", "一次，于 2026-12-24 18:00，UTC"],
  [
    anyOf(every("1h"), cron({ hour: 6 })),
    "every hour; or every day at 06:00, UTC",
    "每小时；或每天 06:00，UTC",
  ],
  [
    allOf(cron({ day: 13, hour: 9 }), cron({ dayOfWeek: "fri", hour: 9 })),
    "at 09:00 on day 13, UTC, and at the same time at 09:00 on Friday, UTC",
    "13 日 09:00，UTC，且同时周五 09:00，UTC",
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
