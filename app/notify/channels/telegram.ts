/** Telegram bots. */
import { z } from "zod";
import { channel } from "../channel.ts";
import { address, proxy, required, yesOrNo } from "../checks.ts";
import { clipChars } from "../clip.ts";
import { htmlEscaped } from "../html.ts";
import { jsonOf, judgeStatus, permanent, quoted, retry, retryAfterMs } from "../verdict.ts";

/** A text has at most 4,096 characters once its markup is read. */
const MAX_DETAIL = 2_500;
const MAX_FACTS = 1_000;

export const telegram = channel({
  type: "telegram",
  settings: z.object({
    token: required("the bot's token"),
    chat: required("the chat's id"),
    /** A topic of a group. */
    thread: z.string().regex(/^\d*$/, "must be a number").default(""),
    silent: yesOrNo,
    /** Where Telegram's own address cannot be reached. */
    url: address.default("https://api.telegram.org"),
    proxy,
  }),
  // 20 a minute in a group; a person would have one a second.
  rates: [{ count: 20, ms: 60_000 }, { count: 1, ms: 1_000 }],
  render({ title, facts, detail, link, linkText }, { token, chat, thread, silent, url, proxy }) {
    const lines = clipChars(facts.map(({ name, value }) => `${name}: ${value}`).join("\n"), MAX_FACTS);
    const text = [
      `<b>${htmlEscaped(clipChars(title, 200))}</b>`,
      htmlEscaped(lines),
      detail === undefined ? "" : `<pre>${htmlEscaped(clipChars(detail, MAX_DETAIL))}</pre>`,
      link === undefined ? "" : `<a href="${htmlEscaped(link)}">${htmlEscaped(linkText)}</a>`,
    ].filter((part) => part !== "").join("\n\n");
    return {
      kind: "http",
      url: `${url.replace(/\/$/, "")}/bot${token}/sendMessage`,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({
        chat_id: chat,
        text,
        parse_mode: "HTML",
        message_thread_id: thread === "" ? undefined : Number(thread),
        disable_notification: silent,
        link_preview_options: { is_disabled: true },
      }),
      proxy,
    };
  },
  judge(answer) {
    if (answer.kind !== "http") return judgeStatus(answer);
    const body = jsonOf(answer.body);
    const parameters = typeof body?.parameters === "object" && body.parameters !== null
      ? body.parameters as Record<string, unknown>
      : {};
    const why = `HTTP ${answer.status}: ${quoted(String(body?.description ?? answer.body))}`;
    if (answer.status === 429) {
      return retry(why, retryAfterMs(String(parameters.retry_after ?? answer.headers["retry-after"] ?? "")));
    }
    // A group became a supergroup, which has an id of its own.
    const moved = parameters.migrate_to_chat_id;
    if (answer.status === 400 && (typeof moved === "number" || typeof moved === "string")) {
      return { kind: "retry", why, afterMs: 0, learned: { chat: String(moved) } };
    }
    const verdict = judgeStatus(answer);
    if (verdict.kind !== "ok") return verdict;
    return body?.ok === true ? verdict : permanent(why);
  },
});
