import assert from "node:assert/strict";
import { ConfigError } from "../../app/config/config.ts";
import { lastDigest, readDigestTime } from "../../app/notify/digest_time.ts";
import { matches } from "../../app/notify/route.ts";
import { readWatchSection } from "../../app/notify/watch_section.ts";
import { endOfWindow, nextInside, readWindows } from "../../app/notify/windows.ts";
import { readConfig } from "../../app/config/config.ts";
import { makeFolder } from "../support/folder.ts";
import { targetsOf } from "./samples.ts";

const WECOM = "type = wecom\nkey = abc\n";

const WRONG: [string, RegExp][] = [
  [
    "[notify:ops]\nkey = x\n",
    /^carillon\.ini, line 1, section \[notify:ops\]: "type" is missing; it is one of email, webhook/,
  ],
  [
    "[notify:ops]\ntype = wecon\n",
    /line 2, section \[notify:ops\], key "type": "wecon" is no channel; did you mean "wecom"\?/,
  ],
  ["[notify:ops]\ntype = wecom\n", /section \[notify:ops\], key "key": is missing/],
  ["[notify:ops]\ntype = wecom\nkey =\n", /line 3, .*key "key": must be the robot's key/],
  [`[notify:ops]\n${WECOM}keys = x\n`, /line 4, .*key "keys": unknown key; did you mean "key"\?/],
  [
    `[notify:ops]\n${WECOM}events = failed, faild\n`,
    /key "events": "faild" is no event; did you mean "failed"\?/,
  ],
  [`[notify:ops]\n${WECOM}language = de\n`, /key "language": must be one of en, zh/],
  [
    `[notify:ops]\n${WECOM}hours = 8-20\n`,
    /key "hours": "8-20" is no stretch of the day such as 08:00-20:00/,
  ],
  [
    `[notify:ops]\n${WECOM}hours = montag 08:00-20:00\n`,
    /key "hours": "montag" in .* are no days of the week/,
  ],
  [`[notify:ops]\n${WECOM}hours = 24:00-25:00\n`, /is no stretch of the day/],
  [`[notify:ops]\n${WECOM}timezone = Mars\/X\n`, /key "timezone": must be an IANA time zone/],
  [
    `[notify:ops]\n${WECOM}else = nobody\n`,
    /key "else": there is no \[notify:nobody\]; name another section, or none/,
  ],
  ["[notify:ops]\ntype = slack\nurl = gehe1mnis\n", /key "url": must be an http or https address$/],
  ["[notify:ops]\ntype = email\nhost = h\nfrom = a@b\nto = x\n", /key "to": must be one address or several/],
  ["[notify:ops]\ntype = email\nhost = h\nfrom = a\r\n  b@c\nto = x@y\n", /key "from": must be an address/],
  [
    "[notify:ops]\ntype = wecom\nkey_env = NOWHERE\n",
    /key "key_env": there is no environment variable NOWHERE/,
  ],
  ["[notify:ops]\ntype = wecom\nkey = a\nkey_env = HOME\n", /key "key_env": "key" is there already/],
  ["[notify]\ntype = wecom\n", /line 1: unknown section \[notify\]; known are: .*notify:NAME/],
  ["[notify:]\ntype = wecom\n", /unknown section \[notify:\]/],
  ["[notify:../x]\ntype = wecom\n", /unknown section/],
  [
    "[notify:ops]\ntype = webhook\nurl = http://x/\nheaders = X-A b\n",
    /key "headers": must have lines such as X-Token: value/,
  ],
  [
    `[notify:ops]\n${WECOM}url = gehe1mnis\n`,
    /key "url": must be an http or https address$/,
  ],
  [
    "[notify:ops]\ntype = dingtalk\ntoken = a\nurl = file:///etc/passwd\n",
    /key "url": must be an http or https address$/,
  ],
  [
    "[notify:ops]\ntype = telegram\ntoken = a\nchat = 1\nproxy = gehe1mnis:80\n",
    /key "proxy": must be an address such as http:\/\/proxy\.example:3128/,
  ],
  [
    "[notify:ops]\ntype = webhook\nurl = http://x/\nproxy = ftp://x\n",
    /line 4, section \[notify:ops\], key "proxy": must be an address/,
  ],
  ["[notify:ops]\ntype = telegram\ntoken = a\nchat = 1\nthread = x\n", /key "thread": must be a number$/],
  [
    "[notify:ops]\ntype = telegram\ntoken = a\nchat = 1\nsilent = maybe\n",
    /key "silent": must be yes or no$/,
  ],
  [
    "[notify:ops]\ntype = email\nhost = h\nport = 70000\nfrom = a@b\nto = c@d\n",
    /key "port": must be a number from 1 to 65535$/,
  ],
  [
    "[notify:ops]\ntype = email\nhost = h h\nfrom = a@b\nto = c@d\n",
    /key "host": must be the name of a mail server$/,
  ],
  [
    "[notify:ops]\ntype = email\nhost = h\ntls = ssl\nfrom = a@b\nto = c@d\n",
    /key "tls": must be one of implicit/,
  ],
  [
    "[notify:ops]\ntype = webhook\nurl = http://x/\nheaders = X-A: gehe1mnis\u4e2d\n",
    /key "headers": must have lines such as X-Token: value/,
  ],
  [
    '[notify:ops]\ntype = webhook\nurl = http://x/\ntemplate = {"a": {title}}\n',
    /key "template": is not JSON once its values are filled in; write each inside quotation marks/,
  ],
  [
    "[notify:ops]\ntype = webhook\nurl = http://x/\ncontent_type = json\n",
    /key "content_type": must be a media type$/,
  ],
  [`[notify:ops]\n${WECOM}digest = hourly\n`, /key "digest": "hourly" is not like daily 08:00/],
  [`[notify:ops]\n${WECOM}maintenance = sun 26:00-27:00\n`, /key "maintenance": .* is no stretch of the day/],
  ["[watch]\nsecret = short\n", /key "secret": must have 16 characters or more/],
  ["[watch]\nsecert = x\n", /key "secert": unknown key; did you mean "secret"\?/],
];

for (const [text, expected] of WRONG) {
  Deno.test(`a section that cannot be is refused: ${expected.source}`, () => {
    assert.throws(() => {
      targetsOf(text, { HOME: "gehe1mnis" });
      const file = { name: "carillon.ini", text };
      readWatchSection(readConfig({ folder: "/", file, environment: {}, flags: {} }).named);
    }, (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /gehe1mnis/);
      return true;
    });
  });
}

Deno.test("secrets come from the environment or files, and are taken out of texts in every form", async () => {
  await using folder = makeFolder({ "s.txt": "SECfromfile\n" });
  const text = `[notify:ops]\ntype = dingtalk\ntoken_env = TOKEN\nsecret_file = ${folder.path}/s.txt\n`;
  const [target] = targetsOf(text, { TOKEN: "gehe1m nis" });
  assert.deepEqual([target?.settings.token, target?.settings.secret], ["gehe1m nis", "SECfromfile"]);
  assert.equal(target?.mask("a gehe1m nis b gehe1m%20nis c SECfromfile"), "a ••• b ••• c •••");
  const [slack] = targetsOf(
    "[notify:s]\ntype = slack\nurl = https://hooks.slack.com/services/T0000/B0000/XXXXsecret\n",
  );
  assert.doesNotMatch(
    slack?.mask("https://hooks.slack.com/services/T0000/B0000/XXXXsecret or XXXXsecret") ?? "",
    /XXXXsecret/,
  );
});

Deno.test("the next target is the next section, the one that is named, or nobody", () => {
  const chain = (text: string) => targetsOf(text).map(({ otherwise }) => otherwise);
  assert.deepEqual(chain(`[notify:a]\n${WECOM}[notify:b]\n${WECOM}[notify:c]\n${WECOM}`), [
    "b",
    "c",
    undefined,
  ]);
  assert.deepEqual(chain(`[notify:a]\n${WECOM}else = none\n[notify:b]\n${WECOM}else = a\n`), [
    undefined,
    "a",
  ]);
  assert.deepEqual(chain(`[notify:a]\n${WECOM}else = a\n`), [undefined]);
});

const MATCHES: [string, string, boolean][] = [
  ["sync_orders", "sync_*", true],
  ["sync_orders", "*orders", true],
  ["sync_orders", "*_*", true],
  ["sync_orders", "s*c*o*s", true],
  ["sync_orders", "sync", false],
  ["sync_orders", "sync_orders", true],
  ["a", "a*a", false],
  ["ab", "*ab*", true],
  ["", "*", true],
  ["a.b", "a?b", false],
];

for (const [id, pattern, expected] of MATCHES) {
  Deno.test(`${pattern} ${expected ? "means" : "does not mean"} "${id}"`, () =>
    assert.equal(matches(id, pattern), expected));
}

Deno.test("a pattern of many stars costs no time", () => {
  const begin = performance.now();
  matches("a".repeat(20_000), "*a".repeat(10_000) + "b");
  assert.ok(performance.now() - begin < 10_000);
});

const at = (text: string) => Temporal.ZonedDateTime.from(`${text}[Europe/Stockholm]`).epochMilliseconds;

const INSIDE: [windows: string, now: string, expected: string][] = [
  ["mon-fri 08:00-20:00", "2026-03-13T21:00", "2026-03-16T08:00"],
  ["mon-fri 08:00-20:00", "2026-03-13T19:59", "2026-03-13T19:59"],
  ["mon-fri 08:00-20:00", "2026-03-13T20:00", "2026-03-16T08:00"],
  ["22:00-06:00", "2026-03-13T03:00", "2026-03-13T03:00"],
  ["22:00-06:00", "2026-03-13T06:00", "2026-03-13T22:00"],
  ["sat 10:00-12:00, sun 10:00-12:00", "2026-03-14T13:00", "2026-03-15T10:00"],
  ["00:00-24:00", "2026-03-13T23:59", "2026-03-13T23:59"],
  // 02:30 is in the gap of daylight saving.
  ["sun 02:30-04:00", "2026-03-29T01:00", "2026-03-29T03:30"],
];

for (const [windows, now, expected] of INSIDE) {
  Deno.test(`${windows} after ${now} begins ${expected}`, () => {
    assert.equal(nextInside(readWindows(windows), at(now), "Europe/Stockholm"), at(expected));
  });
}

Deno.test("the end of a window is that of the latest of those that overlap", () => {
  const windows = readWindows("10:00-12:00, 11:00-13:00");
  assert.equal(endOfWindow(windows, at("2026-03-13T11:30"), "Europe/Stockholm"), at("2026-03-13T13:00"));
  assert.equal(endOfWindow(windows, at("2026-03-13T13:00"), "Europe/Stockholm"), undefined);
});

const DIGESTS: [text: string, now: string, from: string, to: string][] = [
  ["daily 08:00", "2026-03-13T08:00", "2026-03-12T08:00", "2026-03-13T08:00"],
  ["daily 8:00", "2026-03-13T07:59", "2026-03-11T08:00", "2026-03-12T08:00"],
  ["weekly mon 09:30", "2026-03-13T12:00", "2026-03-02T09:30", "2026-03-09T09:30"],
  ["weekly fri 09:30", "2026-03-13T09:00", "2026-02-27T09:30", "2026-03-06T09:30"],
];

for (const [text, now, from, to] of DIGESTS) {
  Deno.test(`${text}, seen at ${now}, is about ${from} to ${to}`, () => {
    assert.deepEqual(lastDigest(readDigestTime(text), at(now), "Europe/Stockholm"), {
      from: at(from),
      to: at(to),
    });
  });
}

for (const text of ["", "daily", "daily 25:00", "weekly 08:00", "weekly xyz 08:00", "monthly 08:00"]) {
  Deno.test(`"${text}" is no time of a report`, () => assert.throws(() => readDigestTime(text), RangeError));
}
