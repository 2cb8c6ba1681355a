/** One Carillon a data folder. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { OperatorError } from "../../app/base/errors.ts";
import { FolderLock } from "../../app/history/folder_lock.ts";
import { quickFolder } from "./damages.ts";
import { NOW } from "./runs.ts";

Deno.test("a folder that another Carillon is active in is refused, with what is known of it", () => {
  using folder = quickFolder();
  using _first = new FolderLock(folder.path, "http://127.0.0.1:8398", NOW);
  assert.throws(() => new FolderLock(folder.path, "http://127.0.0.1:9000", NOW), (error) => {
    assert.ok(error instanceof OperatorError);
    assert.match(
      error.message,
      /^another Carillon is active in .*: process \d+ on .*, http:\/\/127\.0\.0\.1:8398, since 2026-/,
    );
    return true;
  });
  assert.equal((Deno.statSync(join(folder.path, "carillon.lock")).mode ?? 0) & 0o777, 0o600);
});

Deno.test("a lock that a killed Carillon has left behind locks nothing", async () => {
  using folder = quickFolder();
  const lock = new URL("../../app/history/folder_lock.ts", import.meta.url).href;
  const code = `import { FolderLock } from "${lock}"; new FolderLock(${JSON.stringify(folder.path)}, "x", 0);
    console.log("held"); setInterval(() => {}, 1e6);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  assert.throws(() => new FolderLock(folder.path, "y", NOW), /another Carillon is active .*process \d+/);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  new FolderLock(folder.path, "y", NOW)[Symbol.dispose]();
});

Deno.test("a lock file that is removed is made again, unless another Carillon was faster", () => {
  using folder = quickFolder();
  const path = join(folder.path, "carillon.lock");
  using lock = new FolderLock(folder.path, "x", NOW);
  assert.equal(lock.renew(), true);
  Deno.removeSync(path);
  assert.equal(lock.renew(), true);
  assert.throws(() => new FolderLock(folder.path, "y", NOW), OperatorError);
  Deno.removeSync(path);
  using _other = new FolderLock(folder.path, "y", NOW);
  assert.equal(lock.renew(), false);
});

Deno.test("a lock that is given back leaves no file, and never that of another Carillon", () => {
  using folder = quickFolder();
  const path = join(folder.path, "carillon.lock");
  const first = new FolderLock(folder.path, "x", NOW);
  first[Symbol.dispose]();
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  const second = new FolderLock(folder.path, "y", NOW);
  Deno.removeSync(path);
  using _third = new FolderLock(folder.path, "z", NOW);
  second[Symbol.dispose]();
  assert.match(Deno.readTextFileSync(path), /, z, since /);
  assert.throws(() => new FolderLock(folder.path, "w", NOW), OperatorError);
});

Deno.test("a folder that cannot be written is a sentence", () => {
  assert.throws(() => new FolderLock("/proc/nope", "x", NOW), (error) => {
    assert.ok(error instanceof OperatorError);
    assert.match(error.message, /^\/proc\/nope\/carillon\.lock cannot be written: /);
    return true;
  });
});
