/** WeCom (企业微信) group robots: the key is the secret; a failure is HTTP 200 with an `errcode`. */
import { z } from "zod";
import { channel } from "../channel.ts";
import { address, required } from "../checks.ts";
import { fitted } from "../fit.ts";
import { inertMarkdown, markdownOf } from "../markdown.ts";
import type { Tone } from "../message.ts";
import { judgeCode } from "../verdict.ts";

const MINUTE_MS = 60_000;
/** Of `markdown.content`, in UTF-8. */
const MAX_BYTES = 4_096;
const COLOURS: Readonly<Record<Tone, string>> = {
  bad: "warning",
  warn: "warning",
  good: "info",
  info: "comment",
};

export const wecom = channel({
  type: "wecom",
  settings: z.object({
    key: required("the robot's key"),
    url: address.default("https://qyapi.weixin.qq.com/cgi-bin/webhook/send"),
  }),
  rates: [{ count: 20, ms: MINUTE_MS }],
  render(message, { key, url }) {
    const content = fitted(message, MAX_BYTES, (kept) => {
      const head = `**<font color="${COLOURS[kept.tone]}">${inertMarkdown(kept.title)}</font>**`;
      return [head, markdownOf(kept, "> ")].filter((part) => part !== "").join("\n\n");
    });
    return {
      kind: "http",
      url: `${url}?${new URLSearchParams({ key })}`,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({ msgtype: "markdown", markdown: { content } }),
    };
  },
  judge: (answer) =>
    judgeCode(answer, {
      fields: ["errcode"],
      message: "errmsg",
      // The two limits of calls, and a service that is busy.
      retry: new Map([[45009, MINUTE_MS], [45033, MINUTE_MS], [-1, MINUTE_MS]]),
    }),
});
