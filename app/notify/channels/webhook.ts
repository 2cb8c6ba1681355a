/** A webhook: JSON signed as Standard Webhooks has it, or a body of one's own. It serves whatever has no file here. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { instantOf } from "../../base/time.ts";
import { channel } from "../channel.ts";
import { address, optional, proxy } from "../checks.ts";
import { type Message, plainText } from "../message.ts";
import { judgeStatus, permanent, quoted } from "../verdict.ts";

/** What a template is tried with when it is read. */
const SAMPLE: Message = {
  id: "x",
  at: 0,
  tone: "info",
  locale: "en",
  title: "x",
  facts: [],
  linkText: "x",
  subject: "x",
  events: [],
};
/** Visible characters and spaces: what a header's value may have (RFC 9110, 5.5). */
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([ \t\x21-\x7e]*)$/;

export const webhook = channel({
  type: "webhook",
  settings: z.object({
    url: address,
    /** Signs each message; `whsec_` and base64, or any text. */
    secret: optional,
    /** A body of one's own: `{title}`, `{text}`, `{detail}`, `{link}`, `{tone}`, `{subject}`, `{id}` and `{at}` are filled in. */
    template: optional,
    content_type: z.string().regex(/^[\w.+-]+\/[\w.+-]+(?:; ?charset=[\w-]+)?$/, "must be a media type")
      .default(
        "application/json",
      ),
    /** One `Name: value` a line. */
    headers: z.string().default("").transform((text, context) =>
      readHeaders(text, (line) => context.addIssue(line))
    ),
    /** What an answer with a good status must hold, for services that answer 200 to everything. */
    answer_has: optional,
    proxy,
  }).superRefine(({ template, content_type }, context) => {
    if (template === "" || !content_type.includes("json")) return;
    if (!isJson(filledIn(template, SAMPLE, content_type))) {
      context.addIssue({
        code: "custom",
        path: ["template"],
        message:
          'is not JSON once its values are filled in; write each inside quotation marks, as in "{title}"',
      });
    }
  }),
  rates: [{ count: 10, ms: 1_000 }],
  render(message, { url, secret, template, content_type, headers, proxy }, now) {
    const body = template === ""
      ? JSON.stringify(factsOf(message))
      : filledIn(template, message, content_type);
    const seconds = Math.floor(now / 1_000);
    const all = {
      ...headers,
      "content-type": content_type,
      "webhook-id": message.id,
      "webhook-timestamp": String(seconds),
    };
    const signed = { ...all, "webhook-signature": webhookSign(secret, message.id, seconds, body) };
    return { kind: "http", url, headers: secret === "" ? all : signed, body, proxy };
  },
  judge(answer, { answer_has }) {
    const verdict = judgeStatus(answer);
    if (verdict.kind !== "ok" || answer.kind !== "http" || answer.body.includes(answer_has)) return verdict;
    return permanent(`HTTP ${answer.status}, but without "${answer_has}": ${quoted(answer.body)}`);
  },
});

/** `v1,` and `base64(HMAC-SHA256(secret, id.timestamp.body))`. */
export function webhookSign(secret: string, id: string, seconds: number, body: string): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : secret;
  return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
}

/** The body where there is no template. */
function factsOf({ id, at, tone, title, facts, detail, link, subject, events }: Message) {
  return {
    id,
    at: instantOf(at).toString(),
    tone,
    subject,
    title,
    facts: Object.fromEntries(facts.map(({ name, value }) => [name, value])),
    detail,
    link,
    events: events.map((event) => ({ ...event, at: instantOf(event.at).toString() })),
  };
}

/** Values are written so that they stay values: inside the quotation marks of JSON, or as part of a form. */
function filledIn(template: string, message: Message, contentType: string): string {
  const values: Readonly<Record<string, string>> = {
    id: message.id,
    at: instantOf(message.at).toString(),
    tone: message.tone,
    subject: message.subject,
    title: message.title,
    text: plainText(message),
    detail: message.detail ?? "",
    link: message.link ?? "",
  };
  const written = contentType.includes("json")
    ? (value: string) => JSON.stringify(value).slice(1, -1)
    : contentType.startsWith("application/x-www-form-urlencoded")
    ? encodeURIComponent
    : (value: string) => value;
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? whole : written(value);
  });
}

function readHeaders(text: string, fail: (message: string) => void): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text.split("\n").map((each) => each.trim()).filter((each) => each !== "")) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    // The line may hold a token: it is not quoted.
    if (name === undefined || value === undefined) fail("must have lines such as X-Token: value");
    else headers[name.toLowerCase()] = value;
  }
  return headers;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The caller says what is wrong with the setting.
    return false;
  }
}
