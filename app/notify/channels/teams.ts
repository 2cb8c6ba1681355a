/** Microsoft Teams by a Workflows address: an adaptive card. The old connectors are gone since May 2026. */
import { z } from "zod";
import { channel } from "../channel.ts";
import { address } from "../checks.ts";
import { fitted } from "../fit.ts";
import type { Message, Tone } from "../message.ts";
import { judgeStatus, permanent, quoted, retry } from "../verdict.ts";

/** About 28 KB are taken. */
const MAX_BYTES = 26_000;
const COLOURS: Readonly<Record<Tone, string>> = {
  bad: "attention",
  warn: "warning",
  good: "good",
  info: "accent",
};
/** What an answer with status 200 says of a failure further inside. */
const INNER_ERROR = /returned HTTP error (\d{3})/;

export const teams = channel({
  type: "teams",
  settings: z.object({ url: address }),
  // The vendor's limit is 4 a second for connectors; flows have one of their own, which answers 429.
  rates: [{ count: 2, ms: 1_000 }],
  render(message, { url }) {
    const body = fitted(message, MAX_BYTES, (kept) => JSON.stringify(cardOf(kept)));
    return { kind: "http", url, headers: { "content-type": "application/json; charset=utf-8" }, body };
  },
  judge(answer) {
    const verdict = judgeStatus(answer);
    if (answer.kind !== "http" || verdict.kind !== "ok") return verdict;
    const inner = INNER_ERROR.exec(answer.body)?.[1];
    if (inner === undefined) return verdict;
    const why = quoted(answer.body);
    return inner === "429" || inner.startsWith("5") ? retry(why) : permanent(why);
  },
});

function cardOf({ title, tone, facts, detail, link, linkText }: Message) {
  const block = (text: string, more: Readonly<Record<string, unknown>>) => ({
    type: "TextBlock",
    text: inert(text),
    wrap: true,
    ...more,
  });
  return {
    type: "message",
    attachments: [{
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.2",
        fallbackText: title,
        body: [
          block(title, { weight: "bolder", size: "medium", color: COLOURS[tone] }),
          {
            type: "FactSet",
            facts: facts.map(({ name, value }) => ({ title: inert(name), value: inert(value) })),
          },
          ...(detail === undefined
            ? []
            : [block(detail.replaceAll("\n", "\n\n"), { fontType: "monospace" })]),
        ],
        actions: link === undefined ? [] : [{ type: "Action.OpenUrl", title: linkText, url: link }],
      },
    }],
  };
}

/** Cards read a little markdown: a joiner that nobody sees keeps its signs apart. */
function inert(text: string): string {
  return text.replace(/[*_[\]<]/g, "\u034f$&");
}
