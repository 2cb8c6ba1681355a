/** Feishu (飞书) and Lark group robots: signed cards; a failure is HTTP 200, sometimes 400, with a `code`. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { channel } from "../channel.ts";
import { address, optional } from "../checks.ts";
import { fitted } from "../fit.ts";
import type { Message, Tone } from "../message.ts";
import { judgeCode } from "../verdict.ts";

const MINUTE_MS = 60_000;
/** The vendor takes 20 KB. */
const MAX_BYTES = 19_000;
const RATE_LIMITED_MS = 30_000;
/** Colours are an enumeration; others are refused. */
const COLOURS: Readonly<Record<Tone, string>> = { bad: "red", warn: "orange", good: "green", info: "blue" };

export const feishu = channel({
  type: "feishu",
  settings: z.object({
    /** `https://open.feishu.cn/open-apis/bot/v2/hook/…`, or the same on `open.larksuite.com`. */
    url: address,
    /** Of "signature verification"; empty where the robot checks keywords or addresses instead. */
    secret: optional,
    keyword: optional,
  }),
  rates: [{ count: 100, ms: MINUTE_MS }, { count: 5, ms: 1_000 }],
  // "Avoid the full and half hours": that is when a scheduler sends.
  avoidsFullHours: true,
  render(message, { url, secret, keyword }, now) {
    const timestamp = String(Math.floor(now / 1_000));
    const body = fitted(message, MAX_BYTES, (kept) => {
      const card = { msg_type: "interactive", card: cardOf(kept, keyword) };
      return JSON.stringify(
        secret === "" ? card : { timestamp, sign: feishuSign(secret, timestamp), ...card },
      );
    });
    return { kind: "http", url, headers: { "content-type": "application/json; charset=utf-8" }, body };
  },
  judge: (answer) =>
    judgeCode(answer, {
      fields: ["code", "StatusCode"],
      message: "msg",
      retry: new Map([[11232, RATE_LIMITED_MS], [11233, RATE_LIMITED_MS]]),
    }),
});

/** Everything that tasks have written is `plain_text`: in `lark_md` it could call people. */
function cardOf({ tone, title, facts, detail, link, linkText }: Message, keyword: string) {
  const plain = (content: string) => ({ tag: "plain_text", content });
  return {
    config: { wide_screen_mode: true },
    header: { title: plain(title), template: COLOURS[tone] },
    elements: [
      {
        tag: "div",
        fields: facts.map(({ name, value }) => ({ is_short: false, text: plain(`${name}: ${value}`) })),
      },
      ...(detail === undefined ? [] : [{ tag: "div", text: plain(detail) }]),
      ...(link === undefined ? [] : [{
        tag: "action",
        actions: [{ tag: "button", text: plain(linkText), type: "primary", url: link }],
      }]),
      ...(keyword === "" ? [] : [{ tag: "note", elements: [plain(keyword)] }]),
    ],
  };
}

/** `base64(HmacSHA256(key = timestamp + "\n" + secret, ""))`, the time in seconds. */
export function feishuSign(secret: string, timestamp: string): string {
  return createHmac("sha256", `${timestamp}\n${secret}`).update("").digest("base64");
}
