/** The ways in: TLS with a certificate that changes, the socket for proxies, the socket of the commands, and who is believed what. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { renewCertificate, renewSocket } from "../../app/cli/listen.ts";
import { CertificateFiles, certificateText } from "../../app/web/http/certificate.ts";
import type { KeyPair, Port } from "../../app/web/http/entrance.ts";
import { LONGEST_PATH, SocketFile } from "../../app/web/http/socket_file.ts";
import { makeCertificate } from "../support/certificate.ts";
import { makeFolder } from "../support/folder.ts";
import { keptJournal } from "../support/journal.ts";
import { sendRaw, sendTo } from "../support/raw_http.ts";
import { startServer } from "../support/web_server.ts";

const FILES = {
  "tasks/a.ts": `import { defineTask } from "carillon"; export default defineTask({ run: () => "done" });`,
};
const GET = "GET /jobs HTTP/1.1\r\nConnection: close\r\n";
const NAME = "carillon.test";

/** By TLS, for a name, believing an authority. */
async function sendSecure(port: number, ca: string, text: string): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const secure = await Deno.startTls(conn, { hostname: NAME, caCerts: [ca] });
  return (await sendTo(secure, text)).text;
}

Deno.test("with a certificate the port speaks TLS, tells browsers so, and pages of plain http are another site", async () => {
  const own = await makeCertificate(NAME);
  await using server = await startServer(FILES, {
    keys: own,
    ini: `[server]\nbase_url = http://${NAME}:1\n`,
  });
  const answer = await sendSecure(server.port, own.ca, `${GET}Host: ${NAME}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 [^]*strict-transport-security: max-age=31536000\r\n/);
  const local = await sendSecure(server.port, own.ca, `${GET}Host: localhost\r\n\r\n`);
  assert.doesNotMatch(local, /strict-transport-security/);
  const numeric = await sendSecure(server.port, own.ca, `${GET}Host: 127.0.0.1\r\n\r\n`);
  assert.doesNotMatch(numeric, /strict-transport-security/);
  const post = (origin: string) =>
    sendSecure(
      server.port,
      own.ca,
      `POST /trigger/a HTTP/1.1\r\nConnection: close\r\nHost: ${NAME}\r\nOrigin: ${origin}\r\n\r\n`,
    );
  assert.match(await post(`https://${NAME}`), /^HTTP\/1\.1 200 /);
  assert.match(await post(`http://${NAME}`), /^HTTP\/1\.1 403 /);
  const odd = await sendSecure(server.port, own.ca, `GET jobs HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
  assert.match(odd, /^HTTP\/1\.1 400 [^]*the address is not a path/);
  const large = `POST /trigger/a HTTP/1.1\r\nHost: ${NAME}\r\nContent-Length: 3000000\r\n\r\n${
    "x".repeat(3_000_000)
  }`;
  assert.match(await sendSecure(server.port, own.ca, large), /^HTTP\/1\.1 413 [^]*more than 1024 KB/);
  // Whoever speaks plain HTTP, or nonsense, gets nothing, and the next one is served.
  assert.equal((await sendRaw(server.port, `${GET}Host: ${NAME}\r\n\r\n`)).status, 0);
  assert.equal((await sendRaw(server.port, "\x16\x03\x01\xff\xff" + "x".repeat(70_000))).status, 0);
  assert.match(await sendSecure(server.port, own.ca, `${GET}Host: ${NAME}\r\n\r\n`), /^HTTP\/1\.1 200 /);
});

Deno.test("a certificate that is replaced is used by new connections; one that is no good is not", async () => {
  const [first, second] = await Promise.all([makeCertificate(NAME), makeCertificate(NAME)]);
  await using folder = makeFolder({ "cert.pem": first.cert, "key.pem": first.key });
  const files = new CertificateFiles(join(folder.path, "cert.pem"), join(folder.path, "key.pem"));
  await using server = await startServer(FILES, { keys: files.read() });
  const { journal, lines } = keptJournal();
  const ask = (ca: string) => sendSecure(server.port, ca, `${GET}Host: localhost\r\n\r\n`);
  const open = await Deno.startTls(await Deno.connect({ hostname: "127.0.0.1", port: server.port }), {
    hostname: NAME,
    caCerts: [first.ca],
  });
  await open.handshake();

  const bad: [string, KeyPair, RegExp][] = [
    ["half written", { cert: first.cert.slice(0, 200), key: first.key }, /cannot be used/],
    ["a key of another", { cert: first.cert, key: second.key }, /cannot be used/],
    ["empty", { cert: "", key: "" }, /cannot be used/],
  ];
  for (const [name, keys, sentence] of bad) {
    folder.write("cert.pem", keys.cert);
    folder.write("key.pem", keys.key);
    await renewCertificate(server.entrance, files, journal);
    assert.match(lines.at(-1) ?? "", sentence, name);
    assert.match(await ask(first.ca), /^HTTP\/1\.1 200 /, name);
  }
  folder.remove("key.pem");
  await renewCertificate(server.entrance, files, journal);
  assert.match(lines.at(-1) ?? "", /key\.pem cannot be read: there is no such file/);

  folder.write("cert.pem", second.cert);
  folder.write("key.pem", second.key);
  await renewCertificate(server.entrance, files, journal);
  assert.match(lines.at(-1) ?? "", /was read again: CN=carillon\.test, until \d{4}-/);
  const said = lines.length;
  await renewCertificate(server.entrance, files, journal);
  assert.equal(lines.length, said, "what has not changed is not read again");
  assert.match(await ask(second.ca), /^HTTP\/1\.1 200 /);
  await assert.rejects(() => ask(first.ca), /certificate/i);
  // What was open before goes on.
  assert.match((await sendTo(open, `${GET}Host: localhost\r\n\r\n`)).text, /^HTTP\/1\.1 200 /);
});

/** For the moment in which the port is free another program's connection may have been given it; it ends by itself. */
async function renewed(entrance: Port, keys: KeyPair): Promise<void> {
  for (let left = 500;; left--) {
    try {
      return await entrance.renew(keys);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse) || left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

Deno.test("a certificate that has changed is used at once, twenty times over", async () => {
  const pairs = await Promise.all([makeCertificate(NAME), makeCertificate(NAME)]);
  const [first, second] = pairs;
  assert.ok(first && second);
  await using server = await startServer(FILES, { keys: first });
  for (let i = 0; i < 20; i++) {
    const keys = i % 2 === 0 ? second : first;
    await renewed(server.entrance, keys);
    const answers = await Promise.all(
      [1, 2].map(() => sendSecure(server.port, keys.ca, `${GET}Host: localhost\r\n\r\n`)),
    );
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 200 /);
  }
});

Deno.test("a port that was lost while its certificate changed is taken again at the next try", async () => {
  const keys = await makeCertificate(NAME);
  await using folder = makeFolder({ "cert.pem": keys.cert, "key.pem": keys.key });
  const files = new CertificateFiles(join(folder.path, "cert.pem"), join(folder.path, "key.pem"));
  const { journal, lines } = keptJournal();
  await using server = await startServer(FILES, { keys });
  const { port } = server;
  const { listenTls } = Deno;
  // Once the port has been given up somebody else is faster, once.
  let calls = 0;
  Deno.listenTls = (options) => {
    if (options.port === port && calls++ === 0) throw new Deno.errors.AddrInUse("in use");
    return listenTls(options);
  };
  try {
    await renewCertificate(server.entrance, files, journal);
    assert.match(lines.at(-1) ?? "", /the port cannot be had again yet: in use/);
    await renewCertificate(server.entrance, files, journal);
    assert.match(lines.at(-1) ?? "", /was read again/);
  } finally {
    Deno.listenTls = listenTls;
  }
  assert.match(await sendSecure(port, keys.ca, `${GET}Host: localhost\r\n\r\n`), /^HTTP\/1\.1 200 /);
});

Deno.test("for whom a certificate is, in words", async () => {
  const { cert, key } = await makeCertificate(NAME);
  assert.match(certificateText({ cert, key }), /^CN=carillon\.test, until \d{4}-\d\d-\d\d$/);
  assert.match(certificateText({ cert: "x", key }), /^it cannot be described: /);
});

Deno.test("the commands' socket is for this user alone, is trusted, and refuses proxies; that for proxies is not trusted", async () => {
  const paths = (folder: string) => [join(folder, "cli.sock"), join(folder, "proxy.sock")] as const;
  await using server = await startServer(FILES, {
    // A proxy's own machine is not the only one that asks here.
    flags: { host: "0.0.0.0", "auth-mode": "none" },
    entrances: async (folder) => {
      const [own, proxy] = paths(folder);
      return [await SocketFile.open(own, "own", 0o600), await SocketFile.open(proxy, "socket", 0o660)];
    },
  });
  const [own, proxy] = paths(server.app.folder.path);
  const modes = [own, proxy].map((path) => (Deno.statSync(path).mode ?? 0) & 0o777);
  assert.deepEqual(modes, [0o600, 0o660]);
  const send = async (path: string, more = "") =>
    await sendTo(
      await Deno.connect({ transport: "unix", path }),
      `POST /trigger/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`,
    );
  const cause = async (body: string) => {
    const { run_id: id } = JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1));
    return (await server.app.carillon.queries.runs.get(id)).cause;
  };
  const trusted = await send(own);
  assert.equal(trusted.status, 200);
  assert.equal(await cause(trusted.body), "cli");
  const handedOn = await send(proxy, "X-Forwarded-For: 192.0.2.1\r\n");
  assert.equal(handedOn.status, 200);
  assert.equal(await cause(handedOn.body), "api");
  for (
    const field of [
      "X-Forwarded-For: 192.0.2.1",
      "Forwarded: for=192.0.2.1",
      "X-Real-IP: 192.0.2.1",
      "X-Forwarded-Proto: https",
    ]
  ) {
    const refused = await send(own, `${field}\r\n`);
    assert.equal(refused.status, 400, field);
    assert.match(refused.body, /\[server\] socket/);
  }
});

Deno.test("a socket's file is replaced where it is left over, and nothing else ever is", async () => {
  await using folder = makeFolder({ "file.sock": "text", "folder.sock/x": "" });
  const at = (name: string) => join(folder.path, name);
  // What a killed process leaves behind: the file stays, nobody listens.
  const left = Deno.listen({ transport: "unix", path: at("before.sock") });
  Deno.renameSync(at("before.sock"), at("left.sock"));
  left.close();
  assert.ok(Deno.lstatSync(at("left.sock")).isSocket);
  const taken = await SocketFile.open(at("left.sock"), "own", 0o600);
  await assert.rejects(() => SocketFile.open(at("left.sock"), "own", 0o600), /another program listens on /);
  taken.close();
  assert.throws(() => Deno.lstatSync(at("left.sock")), Deno.errors.NotFound);
  await assert.rejects(
    () => SocketFile.open(at("file.sock"), "own", 0o600),
    /is there already and is no socket/,
  );
  await assert.rejects(
    () => SocketFile.open(at("folder.sock"), "own", 0o600),
    /is there already and is no socket/,
  );
  await assert.rejects(
    () => SocketFile.open(at("no/where.sock"), "own", 0o600),
    /cannot be made: there is no such/,
  );
  Deno.symlinkSync(at("file.sock"), at("link.sock"));
  await assert.rejects(() => SocketFile.open(at("link.sock"), "own", 0o600), /is no socket/);
  await assert.rejects(
    () => SocketFile.open(at("x".repeat(LONGEST_PATH)), "own", 0o600),
    /is longer than the 107 bytes that a socket's path may have/,
  );
  assert.equal(Deno.readTextFileSync(at("file.sock")), "text");
});

Deno.test("a socket that is removed while it is in use is made again, for the same user alone", async () => {
  await using server = await startServer(FILES, {
    entrances: async (folder) => {
      Deno.mkdirSync(join(folder, "x"));
      return [await SocketFile.open(join(folder, "x/cli.sock"), "own", 0o600)];
    },
  });
  const path = join(server.app.folder.path, "x/cli.sock");
  const [, socket] = server.listener.options.entrances;
  assert.ok(socket instanceof SocketFile);
  const { journal, lines } = keptJournal();
  await renewSocket(socket, journal);
  assert.deepEqual(lines, []);
  Deno.removeSync(join(server.app.folder.path, "x"), { recursive: true });
  // While there is no folder either, nothing can be made.
  await renewSocket(socket, journal);
  assert.doesNotMatch(lines.join(), /was made again/);
  Deno.mkdirSync(join(server.app.folder.path, "x"));
  await renewSocket(socket, journal);
  assert.match(lines.at(-1) ?? "", /x\/cli\.sock was removed, and was made again$/);
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  for (let i = 0; i < 3; i++) {
    const conn = await Deno.connect({ transport: "unix", path });
    assert.equal((await sendTo(conn, `${GET}Host: localhost\r\n\r\n`)).status, 200);
  }
  await server.listener.stop();
  assert.throws(() => Deno.lstatSync(path), Deno.errors.NotFound);
});

/** A task that asks the dashboard to start another one. */
const ASKING = (permissions: string) =>
  `import { defineTask, z } from "carillon";
export default defineTask({
  ${permissions}
  params: z.object({ address: z.string() }),
  async run({ params }) {
    const answer = await fetch(params.address + "/trigger/a", { method: "POST" });
    return answer.status + " " + await answer.text();
  },
});`;

Deno.test({
  name: "a task with limited permissions starts no others through the port, one with all may",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await startServer({
      ...FILES,
      "tasks/limited.ts": ASKING("permissions: { net: true },"),
      "tasks/free.ts": ASKING(""),
    });
    const ask = async (id: string) => {
      const address = `http://127.0.0.1:${server.port}`;
      const { carillon } = server.app;
      const answer = await carillon.operations.run({ channel: "page" }, id, [["address", address]]);
      assert.ok(answer.ok, JSON.stringify(answer));
      return (await server.app.ended(answer.run.id)).message ?? "";
    };
    assert.match(await ask("limited"), /^403 .*A task with limited permissions may not ask/);
    assert.match(await ask("free"), /^200 /);
    // While its host is still there, others are let in.
    assert.equal((await sendRaw(server.port, `${GET}Host: localhost\r\n\r\n`)).status, 200);
    assert.equal((await server.app.carillon.queries.runs.recent("a")).length, 1);
  },
});

Deno.test("the settings of the edge are checked when they are read", async () => {
  const { readConfig } = await import("../../app/config/config.ts");
  const read = (ini: string) =>
    readConfig({
      folder: "/srv",
      file: { name: "c.ini", text: `[server]\n${ini}\n` },
      environment: {},
      flags: {},
    });
  assert.throws(() => read("tls_cert = a.pem"), /"tls_cert": TLS needs both; set tls_key as well/);
  assert.throws(() => read("tls_key = a.pem"), /"tls_key": TLS needs both; set tls_cert as well/);
  assert.throws(() => read("trusted_proxies = 10.0.0.0/40"), /line 2.*"10\.0\.0\.0\/40" is no IP address/);
  assert.throws(() => read("trusted_proxies = proxy.local"), /is no IP address/);
  assert.throws(() => read("hsts = soon"), /hsts/);
  const { server } = read(
    "tls_cert = a.pem\ntls_key = /k.pem\nsocket = s.sock\ntrusted_proxies = 10.0.0.0/8, ::1",
  );
  assert.deepEqual([server.tls_cert, server.tls_key, server.socket], ["/srv/a.pem", "/k.pem", "/srv/s.sock"]);
  assert.ok(server.trusted_proxies.has("10.1.2.3") && server.trusted_proxies.has("::1"));
});
