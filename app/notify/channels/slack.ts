/** Slack incoming webhooks. */
import { z } from "zod";
import { channel } from "../channel.ts";
import { address } from "../checks.ts";
import { clipChars } from "../clip.ts";
import { plainText, type Tone } from "../message.ts";
import { judgeStatus, permanent } from "../verdict.ts";

/** Of one section's text. */
const MAX_SECTION = 2_900;
const MAX_HEADER = 150;
const SIGNS: Readonly<Record<Tone, string>> = {
  bad: ":red_circle:",
  warn: ":large_orange_circle:",
  good: ":large_green_circle:",
  info: ":large_blue_circle:",
};

export const slack = channel({
  type: "slack",
  settings: z.object({ url: address }),
  rates: [{ count: 1, ms: 1_000 }],
  render(message, { url }) {
    const { title, facts, detail, link, linkText, tone } = message;
    const lines = facts.map(({ name, value }) => `*${escaped(name)}*: ${escaped(value)}`).join("\n");
    const section = (text: string) => ({
      type: "section",
      text: { type: "mrkdwn", text: clipChars(text, MAX_SECTION) },
    });
    return {
      kind: "http",
      url,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({
        text: clipChars(escaped(`${title}\n${plainText({ ...message, link: undefined })}`), MAX_SECTION),
        blocks: [
          {
            type: "header",
            text: { type: "plain_text", text: clipChars(`${SIGNS[tone]} ${title}`, MAX_HEADER), emoji: true },
          },
          ...(lines === "" ? [] : [section(lines)]),
          ...(detail === undefined ? [] : [
            section(`\`\`\`${clipChars(escaped(detail.replaceAll("```", "'''")), MAX_SECTION - 10)}\`\`\``),
          ]),
          ...(link === undefined ? [] : [{
            type: "actions",
            elements: [{ type: "button", text: { type: "plain_text", text: linkText }, url: link }],
          }]),
        ],
      }),
    };
  },
  judge(answer) {
    const verdict = judgeStatus(answer);
    if (answer.kind !== "http" || verdict.kind !== "ok") return verdict;
    return answer.body.trim() === "ok"
      ? verdict
      : permanent(`HTTP ${answer.status}, but the answer is not "ok"`);
  },
});

/** The three characters that Slack reads as markup; `<!channel>` would call everybody. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
