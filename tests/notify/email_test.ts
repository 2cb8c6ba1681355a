import assert from "node:assert/strict";
import type { Verdict } from "../../app/notify/channel.ts";
import type { Message } from "../../app/notify/message.ts";
import { send } from "../../app/notify/transport.ts";
import { startSmtpServer } from "../support/smtp.ts";
import { makeCertificate } from "../support/certificate.ts";
import { MESSAGE, targetsOf } from "./samples.ts";

const pem = await makeCertificate("localhost");

function targetFor(port: number, tls: string, password = "right", ca = pem.ca) {
  const text =
    `[notify:mail]\ntype = email\nhost = localhost\nport = ${port}\ntls = ${tls}\nuser = ops\npassword = ${password}\n` +
    "from = Carillon <carillon@example.org>\nto = ops@example.org, boss@example.org\nca_env = CA\n";
  const [target] = targetsOf(text, { CA: ca });
  assert.ok(target);
  return target;
}

async function deliver(target: ReturnType<typeof targetFor>, message: Message = MESSAGE): Promise<Verdict> {
  const { channel, settings } = target;
  return channel.judge(
    await send(channel.render(message, settings, 0), new AbortController().signal),
    settings,
  );
}

for (const mode of ["implicit", "starttls"] as const) {
  Deno.test(`a mail goes out under TLS (${mode}), with its thread and without answers from machines`, async () => {
    await using server = await startSmtpServer({ ...pem, mode });
    assert.deepEqual(await deliver(targetFor(server.port, mode)), { kind: "ok" });
    const [mail] = server.mails;
    assert.ok(mail?.secure);
    assert.deepEqual(mail.to, ["ops@example.org", "boss@example.org"]);
    assert.match(mail.raw, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(mail.raw, new RegExp(`^Message-ID: <${MESSAGE.id}@example\\.org>\r$`, "m"));
    assert.match(mail.raw, /^References: <thread-[\da-f]{32}@example\.org>\r$/m);
    assert.match(mail.raw, /^Subject: sync_orders failed\r$/m);
    assert.match(mail.raw, /ECONNREFUSED/);
  });
}

Deno.test("where STARTTLS was stripped nothing is sent, least of all the password", async () => {
  await using server = await startSmtpServer({ ...pem, mode: "stripped" });
  const verdict = await deliver(targetFor(server.port, "starttls"));
  assert.equal(verdict.kind, "permanent");
  assert.deepEqual([server.mails.length, server.passwords.length], [0, 0]);
});

Deno.test("a server whose certificate nobody vouches for gets nothing", async () => {
  const other = await makeCertificate("localhost");
  for (const mode of ["implicit", "starttls"] as const) {
    await using server = await startSmtpServer({ ...other, mode });
    assert.notEqual((await deliver(targetFor(server.port, mode))).kind, "ok");
    assert.deepEqual([server.mails.length, server.passwords.length], [0, 0]);
  }
});

Deno.test("a task's name and error make neither headers nor markup", async () => {
  await using server = await startSmtpServer({ ...pem, mode: "starttls" });
  const hostile: Message = {
    ...MESSAGE,
    title: "x\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script>\u0085y",
    detail: "</pre><script>alert(2)</script>\r\n.\r\nMAIL FROM:<x@y>",
    facts: [{ name: "<i>a</i>", value: '"><img src=x onerror=alert(3)>' }],
    link: 'https://carillon.example/"><script>',
    subject: "task/a\r\nX-Evil: 1",
  };
  assert.deepEqual(await deliver(targetFor(server.port, "starttls"), hostile), { kind: "ok" });
  const raw = server.mails[0]?.raw ?? "";
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const unfolded = head.replace(/\r\n[ \t]+/g, " ");
  assert.doesNotMatch(unfolded, /^(?:Bcc|X-Evil):/mi);
  const html = rest.join("\r\n\r\n").split("text/html")[1]?.replace(/=\r\n/g, "").replaceAll("=3D", "=") ??
    "";
  assert.match(html, /&lt;script&gt;/);
  assert.doesNotMatch(html, /<script|<img|<i>/);
});

Deno.test("what the server says decides: 4yz again, 5yz and a wrong password not", async () => {
  for (const [code, kind] of [[451, "retry"], [550, "permanent"]] as const) {
    await using server = await startSmtpServer({ ...pem, mode: "starttls", refuse: { code, text: "no" } });
    assert.equal((await deliver(targetFor(server.port, "starttls"))).kind, kind);
  }
  await using server = await startSmtpServer({ ...pem, mode: "starttls" });
  assert.equal((await deliver(targetFor(server.port, "starttls", "wrong"))).kind, "permanent");
});

Deno.test("a server that is not there is tried again", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  assert.equal((await deliver(targetFor(listener.addr.port, "starttls"))).kind, "retry");
});
