import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemReason, systemSentence } from "../../app/base/system_error.ts";
import { makeFolder } from "../support/folder.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("what the system refuses is a sentence that names the file, from Deno's calls and from Node's", async () => {
  await using folder = makeFolder({ file: "" });
  const { path } = folder;
  const cases: [() => unknown, RegExp][] = [
    [() => Deno.readTextFileSync(join(path, "no")), /\/no': there is no such file or folder$/],
    [() => readFileSync(join(path, "no")), /\/no': there is no such file or folder$/],
    [() => readFileSync(path), /: it is a folder, not a file$/],
    [() => Deno.readTextFileSync(path), /: it is a folder, not a file$/],
    [() => Deno.mkdirSync(join(path, "file/sub")), /\/sub': a part of the path is a file, not a folder$/],
    [() => mkdirSync(join(path, "file/sub")), /\/sub': a part of the path is a file, not a folder$/],
    [() => Deno.mkdirSync(path), /': it is there already$/],
    [() => Deno.mkdirSync(join(path, "x".repeat(300))), /': the name is too long$/],
    [() => writeFileSync("/dev/full", "x"), /: the disk is full$/],
    [() => Deno.writeTextFileSync("/dev/full", "x"), /: the disk is full$/],
  ];
  for (const [work, expected] of cases) {
    const error = thrownBy(work);
    assert.match(systemSentence(error) ?? "", expected);
    assert.match(systemReason(error), /^[a-z]/);
  }
});

Deno.test("other errors are no sentence of the system's", () => {
  for (
    const each of [
      new TypeError("x"),
      new Error("ENOENT: x"),
      Object.assign(new Error("x"), { code: "toString" }),
      "x",
    ]
  ) {
    assert.equal(systemSentence(each), undefined);
  }
  assert.equal(systemReason(new TypeError("as it is")), "as it is");
});
