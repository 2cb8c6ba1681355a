/** DingTalk (钉钉) group robots: signed markdown; a failure is HTTP 200 with an `errcode`. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { channel } from "../channel.ts";
import { address, optional, required, words } from "../checks.ts";
import { fitted } from "../fit.ts";
import { inertMarkdown, markdownOf } from "../markdown.ts";
import { judgeCode } from "../verdict.ts";

const MINUTE_MS = 60_000;
/** The vendor gives no limit; 20,000 bytes are said to pass. */
const MAX_BYTES = 15_000;

export const dingtalk = channel({
  type: "dingtalk",
  settings: z.object({
    token: required("the robot's access_token"),
    /** 加签: begins with `SEC`; empty where the robot checks keywords or addresses instead. */
    secret: optional,
    /** A word that the robot wants to find in each message. */
    keyword: optional,
    /** Telephone numbers of people who are called by an @. */
    mobiles: words,
    url: address.default("https://oapi.dingtalk.com/robot/send"),
  }),
  // More than that, and the robot is silent for ten minutes.
  rates: [{ count: 20, ms: MINUTE_MS }],
  render(message, { token, secret, keyword, mobiles, url }, now) {
    const query = new URLSearchParams({ access_token: token });
    if (secret !== "") {
      query.set("timestamp", String(now));
      query.set("sign", dingtalkSign(secret, now));
    }
    const called = mobiles.map((each) => `@${each}`).join(" ");
    const body = fitted(message, MAX_BYTES, (kept) =>
      JSON.stringify({
        msgtype: "markdown",
        markdown: {
          title: kept.title,
          text: [`### ${inertMarkdown(kept.title)}`, markdownOf(kept, "> "), called, keyword]
            .filter((part) => part !== "").join("\n\n"),
        },
        at: { atMobiles: mobiles, atUserIds: [], isAtAll: false },
      }));
    return {
      kind: "http",
      url: `${url}?${query}`,
      headers: { "content-type": "application/json; charset=utf-8" },
      body,
    };
  },
  judge: (answer) =>
    judgeCode(answer, {
      fields: ["errcode"],
      message: "errmsg",
      // "send too fast" in its two numbers: the robot is limited for ten minutes. -1: the service is busy.
      retry: new Map([[130101, 10 * MINUTE_MS], [410100, 10 * MINUTE_MS], [-1, MINUTE_MS]]),
    }),
});

/** `base64(HmacSHA256(key = secret, timestamp + "\n" + secret))`, the time in milliseconds. */
export function dingtalkSign(secret: string, timestamp: number): string {
  return createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64");
}
