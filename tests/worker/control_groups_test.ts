/** Control groups of hosts: as the kernel has them where it lets us, and as files where it does not. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ControlGroups, type GroupFiles } from "../../app/worker/control_groups.ts";
import { makeFolder, type TestFolder } from "../support/folder.ts";
import { startHosts } from "../support/hosts.ts";

/** A tree of plain files that looks like the kernel's. */
function pretend(folder: TestFolder, own: string, controllers = "cpu memory pids"): GroupFiles {
  const group = own.replace(/\/carillon-clock$/, "");
  folder.write(`cg${group}/cgroup.controllers`, controllers);
  return {
    own: folder.write("own", `1:name=systemd:/x\n0::${own}\n`),
    mounts: folder.write(
      "mounts",
      `24 1 0:22 / /proc rw - proc proc rw\n30 1 0:26 / ${folder.path}/cg rw,nosuid shared:4 - cgroup2 cgroup2 rw\n`,
    ),
  };
}

/** A group of the machine's own tree; undefined where there is none to be had. */
function realGroup(folder: TestFolder): { readonly path: string; readonly files: GroupFiles } | undefined {
  const line = readFileSync("/proc/self/mountinfo", "utf8").split("\n")
    .find((each) => each.includes(" - cgroup2 "));
  const mount = line?.split(" ")[4];
  if (mount === undefined) return undefined;
  const name = `carillon-test-${crypto.randomUUID().slice(0, 8)}`;
  try {
    mkdirSync(join(mount, name));
    return {
      path: join(mount, name),
      files: { own: folder.write("own", `0::/${name}\n`), mounts: "/proc/self/mountinfo" },
    };
  } catch {
    return undefined;
  }
}

Deno.test("a host's group has its limit, says when memory ran out, and is ended as one", async () => {
  await using folder = makeFolder();
  const files = pretend(folder, "/system.slice/carillon.service");
  const groups = ControlGroups.open("on", assert.fail, files);
  assert.ok(groups?.limitsMemory);
  const above = join(folder.path, "cg/system.slice/carillon.service");
  assert.equal(readFileSync(join(above, "cgroup.subtree_control"), "utf8"), "+memory");
  assert.equal(readFileSync(join(above, "carillon-clock/cgroup.procs"), "utf8"), String(Deno.pid));
  const group = groups.add(4_194_305);
  assert.ok(group);
  assert.equal(readFileSync(join(group.folder, "cgroup.procs"), "utf8"), "4194305");
  writeFileSync(join(group.folder, "memory.current"), "1000\n");
  group.limit(256);
  assert.equal(
    readFileSync(join(group.folder, "memory.max"), "utf8"),
    String(1_000 + (256 + 32) * 1_048_576),
  );
  assert.equal(group.ranOut, false);
  writeFileSync(join(group.folder, "memory.events"), "low 0\noom 3\noom_kill 2\n");
  assert.equal(group.ranOut, true);
  assert.deepEqual(group.pids(), []);
  assert.deepEqual(group.end(1), []);
  assert.equal(readFileSync(join(group.folder, "cgroup.kill"), "utf8"), "1");
  group.remove();
});

Deno.test("what a killed Carillon left in its groups is ended at the next start, from wherever that stands", async () => {
  await using folder = makeFolder();
  const files = pretend(folder, "/a.service/carillon-clock");
  mkdirSync(join(folder.path, "cg/a.service/carillon-host-12"), { recursive: true });
  assert.ok(ControlGroups.open("on", assert.fail, files));
  assert.equal(
    readFileSync(join(folder.path, "cg/a.service/carillon-host-12/cgroup.kill"), "utf8"),
    "1",
  );
});

Deno.test("without version 2, a group of its own or the right to change it there are none, and it is said once asked for", async () => {
  await using folder = makeFolder();
  const good = pretend(folder, "/a.service");
  const cases: readonly [GroupFiles, RegExp][] = [
    [
      { ...good, mounts: folder.write("none", "24 1 0:22 / /proc rw - proc proc rw\n") },
      /no cgroup version 2/,
    ],
    [{ ...good, own: folder.write("root", "0::/\n") }, /in no group of its own/],
    [{ ...good, own: folder.write("v1", "4:memory:/x\n") }, /in no group of its own/],
    [{ ...good, own: join(folder.path, "missing") }, /missing/],
    [{ ...good, own: folder.write("gone", "0::/b.service\n") }, /b\.service/],
  ];
  for (const [files, why] of cases) {
    const said: string[] = [];
    assert.equal(ControlGroups.open("on", (sentence) => said.push(sentence), files), undefined);
    assert.match(said.join(), why);
    assert.match(said.join(), /^\[scheduler\] cgroups: /);
    assert.equal(ControlGroups.open("auto", assert.fail, files), undefined);
  }
  assert.equal(ControlGroups.open("off", assert.fail, good), undefined);
  // No memory controller: ended as one all the same.
  const bare = ControlGroups.open("on", assert.fail, pretend(folder, "/c.service", "cpu pids"));
  assert.equal(bare?.limitsMemory, false);
});

Deno.test("a process that has left its host's group, tree and environment is seen and ended with its run", async () => {
  await using folder = makeFolder();
  const real = realGroup(folder);
  if (!real) {
    // Nothing to be had here: that it is said is all that can be tried.
    const said: string[] = [];
    ControlGroups.open("on", (sentence) => said.push(sentence), pretend(folder, "/"));
    assert.equal(said.length, 1);
    return;
  }
  const groups = ControlGroups.open("on", assert.fail, real.files);
  {
    await using test = startHosts({}, { groups });
    const { said, lines } = await test.run(`
      new Deno.Command("setsid", { args: ["-f", "env", "-i", "/bin/sleep", "98765.25"], stdin: "null", stdout: "null", stderr: "null" }).outputSync();
      // It is \`setsid\` and \`env\` before it is what it becomes.
      const became = (entry) => {
        try {
          return Deno.readTextFileSync("/proc/" + entry.name + "/cmdline").startsWith("/bin/sleep\\0" + "98765.25");
        } catch {
          return false;
        }
      };
      while (![...Deno.readDirSync("/proc")].some(became)) await new Promise((go) => setTimeout(go, 5));
      return "begun";`);
    assert.equal(said, "succeeded: begun");
    assert.match(lines.join("\n"), /left behind: sleep \(pid \d+\)/);
    const [, pid] = /sleep \(pid (\d+)\)/.exec(lines.join("\n")) ?? [];
    assert.throws(() =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("98765.25") || assert.fail("gone")
    );
  }
  rmdirSync(real.path);
});
