/** The examples that need packages from npm, against an SMTP and an SFTP server; and the types of all examples. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkTypes } from "../../app/cli/check_code/type_check.ts";
import { startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { makeCertificate } from "../support/certificate.ts";
import { carillon } from "../support/commands.ts";
import { EXAMPLE_NAMES, exampleFiles, replacing } from "../support/examples.ts";
import { makeFolder } from "../support/folder.ts";
import { giveInstalled, hasRegistry, packagesOf } from "../support/packages.ts";
import { startSftpServer } from "../support/sftp.ts";
import { startSmtpServer } from "../support/smtp.ts";

const ignore = !await hasRegistry();

async function installed(test: TestCarillon): Promise<void> {
  await giveInstalled(test.folder.path);
  await test.carillon.operations.reload({ channel: "page" });
  assert.deepEqual(test.carillon.queries.tasks.broken(), []);
}

Deno.test("mail_report sends a file that Excel reads", { ignore }, async () => {
  const { cert, key } = await makeCertificate("localhost");
  await using server = await startSmtpServer({ cert, key, mode: "starttls" });
  const files = exampleFiles(
    "mail_report",
    replacing({
      "smtp.example.com": "127.0.0.1",
      "port: 587": `port: ${server.port}`,
      "requireTLS: true": "requireTLS: true, tls: { rejectUnauthorized: false }",
      "change-me-please": "right",
    }),
  );
  await using test = await startCarillon(files, { ini: files["secrets.ini"] ?? "" });
  await installed(test);
  const run = await test.ended((await startRun(test, "mail_sales", { to: "you@example.com" })).id);
  assert.match(run.message ?? "", /^sent to you@example\.com as </, run.error?.message ?? "");
  const [mail] = server.mails;
  assert.ok(mail?.secure);
  assert.deepEqual(mail.to, ["you@example.com"]);
  assert.match(mail.raw, /^Subject: Orders of 2026-03-10/m);
  // The file is a zip archive with the worksheet in it.
  const [, encoded = ""] = /filename=orders-2026-03-10\.xlsx\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(mail.raw) ??
    [];
  const file = atob(encoded.replaceAll(/\s/g, ""));
  assert.ok(file.startsWith("PK") && file.includes("xl/worksheets/sheet1.xml"), mail.raw.slice(0, 2_000));
});

Deno.test("sftp_download fetches each file once and leaves no half ones", { ignore }, async () => {
  const large = "row\n".repeat(50_000);
  await using server = await startSftpServer("sesame-open", {
    "/out/a.csv": "1,2\n",
    "/out/b.csv": large,
    "/out/notes.txt": "x",
  });
  const files = exampleFiles(
    "sftp_download",
    replacing({
      "sftp.example.com": "127.0.0.1",
      "port: 22": `port: ${server.port}`,
      "change-me-please": "sesame-open",
    }),
  );
  await using test = await startCarillon(files, { ini: files["secrets.ini"] ?? "" });
  await installed(test);
  const to = join(test.folder.path, "inbox");
  const fetch = async () => await test.ended((await startRun(test, "fetch_files", { to })).id);
  const first = await fetch();
  assert.equal(first.message, "2 files", first.error?.message ?? "");
  assert.deepEqual([...Deno.readDirSync(to)].map(({ name }) => name).sort(), ["a.csv", "b.csv"]);
  assert.ok(Deno.readTextFileSync(join(to, "b.csv")) === large);
  assert.deepEqual([...server.files.keys()], ["/out/notes.txt"]);
  assert.equal((await fetch()).message, "0 files");
});

Deno.test("an example imports no package that its package.json does not name", () => {
  let found = 0;
  for (const name of EXAMPLE_NAMES) {
    const files = exampleFiles(name);
    const known = ["carillon", ...Object.keys(packagesOf(files))];
    for (const [path, text] of Object.entries(files).filter(([each]) => each.endsWith(".ts"))) {
      for (const [, specifier = ""] of text.matchAll(/^(?:import|export) .*?from "([^"]+)";$/gm)) {
        found++;
        if (/^(?:\.|node:)/.test(specifier)) continue;
        assert.ok(known.includes(specifier), `${name}/${path} imports ${specifier}`);
      }
    }
  }
  assert.ok(found > 20);
});

Deno.test("no example and no task of init has a type error, by deno and by tsc", { ignore }, async () => {
  await using folder = makeFolder();
  assert.equal((await carillon(folder.path, ["init"])).code, 0);
  const tasks = join(folder.path, "tasks");
  const modules = [...Deno.readDirSync(tasks)].map(({ name }) => join(tasks, name));
  assert.ok(modules.length > 3);
  for (const name of EXAMPLE_NAMES) {
    const files = exampleFiles(name);
    for (const [path, text] of Object.entries(files)) {
      if (path.endsWith(".ts")) modules.push(folder.write(path.replace("tasks/", `tasks/${name}/`), text));
    }
  }
  assert.ok(modules.length > 20);
  await giveInstalled(folder.path);
  const bin = folder.write("bin/x", "").slice(0, -2);
  Deno.symlinkSync(Deno.execPath(), join(bin, "deno"));
  for (const [by, path] of [["tsc", ""], ["deno", bin]] as const) {
    const report = await checkTypes(tasks, modules, path);
    assert.deepEqual(report, { kind: "checked", by, mistakes: [] });
  }
});
