/** The only place where notifications touch the network. */
import { codeOf, messageOf } from "../base/errors.ts";
import { firstBytes } from "../base/first_bytes.ts";
import { TimeLimit } from "../base/time_limit.ts";
import { unnamedDistrust } from "../base/unnamed_distrust.ts";
import type { Answer, HttpRequest, Mail, Outgoing } from "./channel.ts";

/** Whole exchange, connecting included. */
const TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 16_384;

/**
 * Sends and waits for an answer. Never rejects: a failure of the network is an answer too, without an address in it.
 *
 * @param limitMs for the whole of it, the last byte of the answer included
 */
export async function send(
  outgoing: Outgoing,
  signal: AbortSignal,
  limitMs: number = TIMEOUT_MS,
): Promise<Answer> {
  using limit = new TimeLimit(limitMs, signal);
  try {
    return outgoing.kind === "http" ? await post(outgoing, limit.signal) : await mail(outgoing, limit.signal);
  } catch (error) {
    return { kind: "none", why: limit.reason(error) };
  }
}

async function post({ url, headers, body, proxy }: HttpRequest, signal: AbortSignal): Promise<Answer> {
  const client = proxy === undefined ? undefined : Deno.createHttpClient({ proxy: { url: proxy } });
  try {
    // A redirect would hand the message, and the secret in its address, to somebody else.
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal, client });
    const text = await firstBytes(response, MAX_ANSWER_BYTES);
    return {
      kind: "http",
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: text,
    };
  } finally {
    client?.close();
  }
}

async function mail(mail: Mail, signal: AbortSignal): Promise<Answer> {
  const { createTransport } = (await import("nodemailer")).default;
  const { host, port, tls, user, password, ca } = mail.server;
  const transport = createTransport({
    host,
    port,
    secure: tls === "implicit",
    // Without it a STARTTLS that somebody took out of the greeting would mean a password in clear.
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    auth: user === "" ? undefined : { user, pass: password },
    tls: ca === undefined ? undefined : { ca },
    connectionTimeout: TIMEOUT_MS / 2,
    greetingTimeout: TIMEOUT_MS / 2,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stop = () => transport.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const sent = await raced(
      signal,
      transport.sendMail({
        from: mail.from,
        to: [...mail.to],
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: mail.messageId,
        inReplyTo: mail.thread,
        references: [mail.thread],
        headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
      }),
    );
    return { kind: "mail", ok: true, text: sent.response };
  } catch (error) {
    if (signal.aborted) throw error;
    const reply = error instanceof Error && "responseCode" in error ? error.responseCode : undefined;
    return {
      kind: "mail",
      ok: false,
      reply: typeof reply === "number" ? reply : undefined,
      code: codeOf(error) ?? "",
      text: (tls === "starttls" ? unnamedDistrust(codeOf(error)) : undefined) ?? messageOf(error),
    };
  } finally {
    signal.removeEventListener("abort", stop);
    transport.close();
  }
}

/** The work, or a rejection as soon as the signal is aborted. */
function raced<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
