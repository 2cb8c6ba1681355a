/** Where the sockets of hosts are: a folder for what is temporary that cannot be used is said, and how to use another. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { clearFolders, makeSocketFolder, removeFolder } from "../../app/worker/socket_folder.ts";
import { makeFolder } from "../support/folder.ts";

function inTemporary<T>(path: string, work: () => T): T {
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", path);
  try {
    return work();
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
  }
}

Deno.test("a folder for what is temporary that is not there, is a file, or has a long path is named, with a remedy", async () => {
  await using folder = makeFolder({ "file": "", [`${"d".repeat(100)}/x`]: "" });
  const cases: [string, RegExp][] = [
    ["nowhere", /^no folder for the sockets of task hosts can be made in \S+nowhere: there is no such file/],
    ["file", /can be made in \S+file: a part of the path is a file, not a folder; set TMPDIR to a folder/],
    ["d".repeat(100), /^the path \S+ is too long: .*takes 90 bytes; set TMPDIR to a folder .* short path$/],
  ];
  for (const [name, sentence] of cases) {
    assert.throws(() => inTemporary(join(folder.path, name), makeSocketFolder), { message: sentence });
  }
  assert.deepEqual([...Deno.readDirSync(join(folder.path, "d".repeat(100)))].map(({ name }) => name), ["x"]);
});

Deno.test("what a killed Carillon left there is removed, what a live one has is not", async () => {
  await using folder = makeFolder({ "carillon-hosts-4194305-x/socket": "", "other/x": "" });
  const own = inTemporary(folder.path, makeSocketFolder);
  await clearFolders(own);
  const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).toSorted();
  assert.deepEqual(names(), [own.slice(folder.path.length + 1), "other"]);
  await removeFolder(own);
  await removeFolder(own);
  assert.deepEqual(names(), ["other"]);
  // A folder that is gone as a whole.
  await clearFolders(join(folder.path, "nowhere", "own"));
});
