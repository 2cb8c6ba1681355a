/** `carillon diff` against a folder and a commit, and `carillon calendar show`, as they are typed. */
import assert from "node:assert/strict";
import { carillon } from "../support/commands.ts";
import { makeFolder, type TestFolder } from "../support/folder.ts";

function task(hour: number, more = ""): string {
  return `import { cron, defineTask } from "carillon"; export default defineTask({ trigger: cron({ hour: ${hour} }), ${more} run() {} });`;
}

function git(folder: TestFolder, ...args: string[]): void {
  const { success, stderr } = new Deno.Command("git", {
    args: ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args],
    cwd: folder.path,
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test("diff says what a change does to the schedule, as text, Markdown and JSON, and by its exit code", async () => {
  await using folder = makeFolder({
    "tasks/moved.ts": task(6, `locks: "db", secrets: "a",`),
    "tasks/same.ts": task(7, `locks: "db",`),
    "tasks/old_one.ts": task(8),
    "tasks/deep/kept.ts": task(9),
  });
  git(folder, "init", "-q", "-b", "main");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "one");
  const same = await carillon(folder.path, ["diff", "HEAD", "--fail"]);
  assert.deepEqual([same.code, same.stderr], [0, ""]);
  assert.match(same.stdout, /^Schedule against HEAD, from .* \(UTC\): nothing changes\n$/);

  folder.write(
    "tasks/moved.ts",
    task(7, `locks: "db", secrets: ["a", "b"], permissions: { net: ["api.example.com"] },`),
  );
  folder.write("tasks/new_one.ts", task(7));
  folder.remove("tasks/old_one.ts");
  folder.write("tasks/bad.ts", "export default (");
  for (const base of ["main", "HEAD"]) {
    const text = await carillon(folder.path, ["diff", base, "--fail"]);
    assert.equal(text.code, 1, text.stderr);
    assert.match(
      text.stdout,
      /^ {2}~ moved: every day at 06:00, UTC → every day at 07:00, UTC\n {6}14 move: .* 06:00:00 → 07:00:00, /m,
    );
    assert.match(text.stdout, /^ {2}\+ new_one: every day at 07:00, UTC\n {6}14 appear: /m);
    assert.match(text.stdout, /^ {2}- old_one: every day at 08:00, UTC\n {6}14 go: /m);
    assert.match(text.stdout, /^ {2}\S+ 07:00: 1 → 3 tasks$/m);
    assert.match(
      text.stdout,
      /^ {2}moved and same want "db" in the same minute: 0 → 14 times, first \S+ 07:00$/m,
    );
    assert.match(text.stdout, /^ {2}moved: secrets b$/m);
    assert.match(text.stdout, /^ {2}new_one: what \[permissions\] allows \(all net, /m);
    assert.match(text.stdout, /^Files that can no longer be read:\n {2}bad\.ts:1:\d+: /m);
    assert.doesNotMatch(text.stdout, /kept/);
  }
  const markdown = await carillon(folder.path, ["diff", "main", "--markdown"]);
  assert.equal(markdown.code, 0);
  assert.match(markdown.stdout, /^## Schedule against main, /);
  assert.match(markdown.stdout, /^- \+ new\\_one: every day/m);
  const json = JSON.parse((await carillon(folder.path, ["diff", "main", "--json"])).stdout);
  assert.equal(json.changed, true);
  assert.deepEqual(json.tasks.map(({ task, kind }: { task: string; kind: string }) => [task, kind]), [
    ["moved", "changed"],
    ["new_one", "new"],
    ["old_one", "gone"],
  ]);
  assert.equal(json.tasks[0].move.length, 14);
  assert.deepEqual(json.access[0], { task: "moved", new: [{ kind: "secrets", what: "b" }] });
});

Deno.test("diff takes a folder, and refuses what is neither a folder nor a commit", async () => {
  await using folder = makeFolder({ "tasks/a.ts": task(6), "other/a.ts": task(6), "empty/x.txt": "" });
  assert.equal((await carillon(folder.path, ["diff", "other", "--fail"])).code, 0);
  const empty = await carillon(folder.path, ["diff", "empty", "--fail"]);
  assert.deepEqual([empty.code, /^ {2}\+ a: /m.test(empty.stdout)], [1, true]);
  for (const base of ["nowhere", "--output=/tmp/x", "-x"]) {
    const { code, stderr } = await carillon(folder.path, [
      "diff",
      ...base.startsWith("-") ? ["--"] : [],
      base,
    ]);
    assert.equal(code, 2, base);
    assert.match(stderr, /is no folder, and no commit of the git repository that .*tasks is in/);
  }
  assert.match((await carillon(folder.path, ["diff"])).stderr, /name a git ref or a folder/);
});

Deno.test("calendar show: a country's days of a year, a task's own, and a year that is not known", async () => {
  await using folder = makeFolder({
    "tasks/own.ts": task(
      6,
      `calendar: { weekdays: "mon-sat", holidays: ["2026-12-24/2026-12-26"], workingDays: "2026-12-27" },`,
    ),
    "tasks/none.ts": task(6),
  });
  const china = await carillon(folder.path, ["calendar", "show", "cn", "--year=2026"]);
  assert.equal(china.code, 0, china.stderr);
  assert.match(china.stdout, /^cn in 2026: 248 of 365 days are worked; of a week Mon Tue Wed Thu Fri$/m);
  assert.match(china.stdout, /^ {2}2026-10-01 to 2026-10-07 {2}7 days {2}\S+$/m);
  assert.match(china.stdout, /^ {2}2026-10-10 {2}Sat$/m);
  const own = await carillon(folder.path, ["calendar", "show", "own", "--year=2026", "--json"]);
  const shown = JSON.parse(own.stdout);
  assert.deepEqual(shown.days_off.map(({ date }: { date: string }) => date), [
    "2026-12-24",
    "2026-12-25",
    "2026-12-26",
  ]);
  assert.deepEqual([shown.worked, shown.working_days], [["2026-12-27"], 313 - 3 + 1]);
  const unknown = await carillon(folder.path, ["calendar", "show", "--year=2050"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /days off of 2050 are not known to "cn" \(known are 2019 to 2026\)/);
  for (
    const [args, expected] of [
      [["none"], /task none has no calendar/],
      [["owm"], /no country and no task "owm"; did you mean "own"/],
      [["--year=12"], /"12" is not a year from 1970 to 2999/],
    ] as const
  ) {
    const { code, stderr } = await carillon(folder.path, ["calendar", "show", ...args]);
    assert.equal(code, 2);
    assert.match(stderr, expected);
  }
});
