/** E-mail over SMTP with TLS: text and HTML, the mails of one subject in one thread. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { channel } from "../channel.ts";
import { optional, words } from "../checks.ts";
import { clipChars } from "../clip.ts";
import { htmlEscaped } from "../html.ts";
import { type Message, plainText, type Tone } from "../message.ts";
import { oneLine } from "../shown_text.ts";
import { ok, permanent, quoted, retry } from "../verdict.ts";

const COLOURS: Readonly<Record<Tone, string>> = {
  bad: "#b3261e",
  warn: "#8a5a00",
  good: "#1b6e3c",
  info: "#44546a",
};
const MAX_SUBJECT = 200;
const TLS_MODES = ["implicit", "starttls", "none"] as const;
const PORTS = { implicit: 465, starttls: 587, none: 25 } as const;
/** Faults of the connection that another try will not change: no TLS where it is required, a wrong password, a bad address. */
const LASTING = new Set([
  "ETLS",
  "EAUTH",
  "EENVELOPE",
  "EMESSAGE",
  "ECONFIG",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
]);

const mailbox = z.string().regex(
  /^(?:[^<>\r\n]*<)?[^\s<>@,]+@[^\s<>@,]+>?$/,
  "must be an address such as ops@example.org",
);

export const email = channel({
  type: "email",
  settings: z.object({
    host: z.string({ error: "is missing" }).regex(/^[\w.:-]+$/, "must be the name of a mail server"),
    port: z.string().refine(
      (text) => text === "" || (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535),
      "must be a number from 1 to 65535",
    ).default("").transform((text) => text === "" ? undefined : Number(text)),
    /** `implicit` on port 465, `starttls` on 587; `none` sends in clear. */
    tls: z.enum(TLS_MODES, { error: `must be one of ${TLS_MODES.join(", ")}` }).default("starttls"),
    user: optional,
    password: optional,
    /** Certificate of an authority of one's own, as PEM; `ca_file` reads it from a file. */
    ca: optional,
    from: mailbox,
    to: words.refine(
      (all) => all.length > 0 && all.every((each) => mailbox.safeParse(each).success),
      "must be one address or several with commas",
    ),
  }),
  rates: [{ count: 30, ms: 60_000 }],
  render(message, { host, port, tls, user, password, ca, from, to }) {
    const domain = /@([^\s<>@]+?)>?$/.exec(from)?.[1] ?? "carillon";
    const thread = createHash("sha256").update(message.subject).digest("hex").slice(0, 32);
    return {
      kind: "mail",
      server: { host, port: port ?? PORTS[tls], tls, user, password, ca: ca === "" ? undefined : ca },
      from,
      to,
      subject: clipChars(oneLine(message.title), MAX_SUBJECT),
      text: `${plainText(message)}\n`,
      html: htmlOf(message),
      messageId: `<${message.id}@${domain}>`,
      thread: `<thread-${thread}@${domain}>`,
    };
  },
  judge(answer) {
    if (answer.kind === "none") return retry(answer.why);
    if (answer.kind === "http") return permanent("an answer to a request");
    if (answer.ok) return ok();
    const why = quoted(answer.text);
    // RFC 5321, 4.2.1: 4yz is transient, 5yz is permanent.
    if (answer.reply !== undefined && answer.reply >= 400 && answer.reply < 500) return retry(why);
    return answer.reply !== undefined || LASTING.has(answer.code ?? "") ? permanent(why) : retry(why);
  },
});

function htmlOf({ title, tone, facts, detail, link, linkText }: Message): string {
  const rows = facts.map(({ name, value }) =>
    `<tr><td style="padding:2px 12px 2px 0;color:#666">${htmlEscaped(name)}</td><td>${
      htmlEscaped(value)
    }</td></tr>`
  ).join("");
  const pre = detail === undefined
    ? ""
    : `<pre style="white-space:pre-wrap;background:#f4f4f4;padding:8px">${htmlEscaped(detail)}</pre>`;
  const button = link === undefined
    ? ""
    : `<p><a href="${htmlEscaped(link)}">${htmlEscaped(linkText)}</a></p>`;
  return `<h3 style="color:${COLOURS[tone]}">${htmlEscaped(title)}</h3><table>${rows}</table>${pre}${button}`;
}
