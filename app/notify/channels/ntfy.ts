/** ntfy, its own server or one's own: JSON to the root, not to the topic. */
import { z } from "zod";
import { channel } from "../channel.ts";
import { address, optional, required } from "../checks.ts";
import { clipBytes } from "../clip.ts";
import { plainText, type Tone } from "../message.ts";
import { judgeStatus } from "../verdict.ts";

/** A longer text becomes an attachment. */
const MAX_BYTES = 4_096;
const PRIORITIES: Readonly<Record<Tone, number>> = { bad: 4, warn: 3, good: 3, info: 2 };
const TAGS: Readonly<Record<Tone, string>> = {
  bad: "rotating_light",
  warn: "warning",
  good: "white_check_mark",
  info: "information_source",
};

const JSON_BODY = { "content-type": "application/json; charset=utf-8" };

export const ntfy = channel({
  type: "ntfy",
  settings: z.object({
    topic: required("a topic"),
    /** `tk_…`; empty for a topic that everybody may write to. */
    token: optional,
    url: address.default("https://ntfy.sh/"),
  }),
  // 60 at once, then one in 5 seconds.
  rates: [{ count: 12, ms: 60_000 }],
  render(message, { topic, token, url }) {
    const { title, tone, link, linkText } = message;
    return {
      kind: "http",
      url,
      headers: token === "" ? JSON_BODY : { ...JSON_BODY, authorization: `Bearer ${token}` },
      body: JSON.stringify({
        topic,
        title,
        message: clipBytes(plainText({ ...message, link: undefined }), MAX_BYTES),
        priority: PRIORITIES[tone],
        tags: [TAGS[tone]],
        click: link,
        actions: link === undefined ? undefined : [{ action: "view", label: linkText, url: link }],
      }),
    };
  },
  judge: (answer) => judgeStatus(answer),
});
