/** The executable's ways in: TLS with a certificate that changes, its sockets, and the commands that use them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { hasBinary, runBinary, startBinaryIn } from "../support/binary.ts";
import { makeCertificate } from "../support/certificate.ts";
import { makeFolder } from "../support/folder.ts";
import { sendTo } from "../support/raw_http.ts";

const ignore = !hasBinary();
const GREET = `import { defineTask, z } from "carillon";
export default defineTask({
  params: z.object({ times: z.int().default(1) }),
  run({ params, log }) { log.info("greeting"); return "hello " + params.times; },
});`;

Deno.test({
  name: "the commands reach the active Carillon by its socket, whatever its port speaks",
  ignore,
  async fn() {
    const { cert, key, ca } = await makeCertificate("carillon.test");
    const folder = makeFolder({
      "cert.pem": cert,
      "key.pem": key,
      "tasks/greet.ts": GREET,
      "carillon.ini":
        "[server]\ntls_cert = cert.pem\ntls_key = key.pem\nsocket = proxy.sock\nbase_url = https://carillon.test\n",
    });
    await using app = await startBinaryIn(folder, [], {}, { listens: /listens on https:\/\/\S+/ });
    await app.logged("the certificate is CN=carillon.test");
    const run = (...args: string[]) => runBinary(args, folder.path);
    const status = await run("status");
    assert.equal(status.code, 0, status.stderr);
    assert.match(status.stdout, /^state +ready/);
    const triggered = await run("trigger", "greet", "times=3", "--wait");
    assert.deepEqual([triggered.code, triggered.stdout], [0, "hello 3\n"], triggered.stderr);
    assert.match((await run("logs", "greet")).stdout, /INFO {2}greeting\n$/);
    assert.match((await run("history", "--json")).stdout, /"cause":"cli"/);
    assert.equal((Deno.statSync(join(folder.path, "data/cli.sock")).mode ?? 0) & 0o777, 0o600);
    assert.equal((Deno.statSync(join(folder.path, "data")).mode ?? 0) & 0o077, 0);

    const port = Number(/:(\d+)/.exec(/listens on \S+/.exec(app.log())?.[0] ?? "")?.[1]);
    const ask = async (authority: string) => {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      const secure = await Deno.startTls(conn, { hostname: "carillon.test", caCerts: [authority] });
      return await sendTo(
        secure,
        "GET /healthz HTTP/1.1\r\nHost: carillon.test\r\nConnection: close\r\n\r\n",
      );
    };
    assert.match((await ask(ca)).head, /200 OK[^]*strict-transport-security: max-age=31536000/);
    const proxied = await sendTo(
      await Deno.connect({ transport: "unix", path: join(folder.path, "proxy.sock") }),
      "GET /healthz HTTP/1.1\r\nHost: carillon.test\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n",
    );
    // By TLS up to the proxy; and without a sign-in a proxy would let in everybody behind it.
    assert.match(proxied.head, /403 Forbidden[^]*strict-transport-security/);
    assert.match(proxied.body, /\[auth\] mode/);

    const other = await makeCertificate("carillon.test");
    folder.write("key.pem", other.key);
    folder.write("cert.pem", other.cert);
    await app.logged("the certificate was read again");
    assert.equal((await ask(other.ca)).status, 200);

    await app.end("SIGTERM");
    assert.ok(![...Deno.readDirSync(join(folder.path, "data"))].some(({ name }) => name === "cli.sock"));
    const gone = await run("ps");
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /^carillon: no Carillon answers on https:\/\/127\.0\.0\.1:8398 /);
  },
});

Deno.test({
  name: "killed, it leaves a socket behind that the next one replaces",
  ignore,
  async fn() {
    const folder = makeFolder({ "tasks/greet.ts": GREET });
    const first = await startBinaryIn(folder);
    await first.end("SIGKILL");
    assert.ok(Deno.lstatSync(join(folder.path, "data/cli.sock")).isSocket);
    assert.match((await runBinary(["ps"], folder.path)).stderr, /no Carillon answers on http:/);
    await using _second = await startBinaryIn(folder);
    const { code, stdout } = await runBinary(["ps"], folder.path);
    assert.deepEqual([code, stdout], [0, "nothing is running\n"]);
  },
});
