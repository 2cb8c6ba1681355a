import assert from "node:assert/strict";
import { createJournal, type LogFormat } from "../../app/base/journal.ts";
import { LogFile } from "../../app/base/log_file.ts";
import { makeFolder } from "../support/folder.ts";

function lines(format: LogFormat | undefined, level: "debug" | "warn" = "debug") {
  const written: string[] = [];
  return {
    written,
    journal: createJournal({ level, format, now: () => 0, write: (line) => written.push(line) }),
  };
}

Deno.test("text is for people: stamped, padded, further lines indented", () => {
  const { journal, written } = lines(undefined);
  journal.info("one\ntwo\rthree\u2028four\u0007", { task: "a" });
  assert.deepEqual(written, ["1970-01-01T00:00:00.000Z INFO  one\n      two\n      three\n      four�\n"]);
});

Deno.test("JSON is one object a line, with the ids of task and run, and the whole error", () => {
  const { journal, written } = lines("json");
  journal.warn('a "quoted"\nline', { task: "t", run: "r", event: "run.ended" });
  journal.error("it broke", new Error("x\ny", { cause: new TypeError("z") }));
  assert.equal(written.length, 2);
  assert.ok(written.every((line) => line.indexOf("\n") === line.length - 1));
  assert.deepEqual(JSON.parse(written[0] ?? ""), {
    time: "1970-01-01T00:00:00.000Z",
    level: "warn",
    message: 'a "quoted"\nline',
    task: "t",
    run: "r",
    event: "run.ended",
  });
  assert.match(JSON.parse(written[1] ?? "").error, /^Error: x\ny[\s\S]*caused by TypeError: z/);
});

Deno.test("journald is given a priority, and one line an event that nobody can forge another with", () => {
  const { journal, written } = lines("journald");
  journal.debug("d");
  journal.info("i");
  journal.warn("w\n<0>forged");
  journal.error("e", new Error("x"));
  assert.deepEqual(written.slice(0, 3), ["<7>d\n", "<6>i\n", "<4>w | <0>forged\n"]);
  assert.match(written[3] ?? "", /^<3>e: Error: x \| at [^\n]*\n$/);
});

Deno.test("lines below the level are not written", () => {
  const { journal, written } = lines("text", "warn");
  journal.info("x");
  journal.warn("y");
  assert.equal(written.length, 1);
});

Deno.test("a log file that was moved away is opened again under its name", async () => {
  await using folder = makeFolder();
  const path = `${folder.path}/carillon.log`;
  const other: string[] = [];
  using file = new LogFile(path, (text) => other.push(text));
  file.write("one\n");
  Deno.renameSync(path, `${path}.1`);
  file.write("two\n");
  file.reopen();
  file.write("three\n");
  assert.equal(Deno.readTextFileSync(`${path}.1`), "one\ntwo\n");
  assert.equal(Deno.readTextFileSync(path), "three\n");
  assert.deepEqual(other, []);
});

Deno.test("a log file that cannot be written loses no line and says so once", async () => {
  await using folder = makeFolder({ "logs/x": "" });
  const path = `${folder.path}/logs/carillon.log`;
  const other: string[] = [];
  using file = new LogFile(path, (text) => other.push(text));
  folder.remove("logs");
  file.reopen();
  file.write("one\n");
  file.write("two\n");
  assert.match(other[0] ?? "", /carillon\.log cannot be opened: /);
  assert.match(other[1] ?? "", /cannot be written: /);
  assert.deepEqual(other.slice(2), ["one\n", "two\n"]);
  folder.write("logs/y", "");
  file.write("three\n");
  assert.equal(Deno.readTextFileSync(path), "three\n");
});

Deno.test("/dev/full is a full disk", () => {
  const other: string[] = [];
  using file = new LogFile("/dev/full", (text) => other.push(text));
  file.write("one\n");
  assert.match(other.join(""), /No space left[\s\S]*one\n$/);
});
