/** Hosts as they are: used again while clean, ended with all that came of them, told no more than they may know (I4, I8). */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { readdirSync } from "node:fs";
import { hostCommand } from "../../app/worker/host_command.ts";
import { processFacts } from "../../app/worker/processes.ts";
import { START } from "../support/carillon.ts";
import { VirtualClock } from "../support/clock.ts";
import { startHosts } from "../support/hosts.ts";

Deno.test("a clean host is used again, an unclean one is not, and its log says what was left", async () => {
  await using test = startHosts();
  const pid = `return String(Deno.pid)`;
  const first = await test.run(pid);
  assert.equal((await test.run(pid)).said, first.said);
  const left = await test.run(`setTimeout(() => {}, 60_000); ${pid}`);
  assert.equal(left.said, first.said);
  assert.match(left.lines.join("\n"), /left behind: work that was still going on.*; its host was ended/);
  assert.notEqual((await test.run(pid)).said, first.said);
});

Deno.test("a host of the program as it stands in the sources runs a task", async () => {
  await using test = startHosts({}, { hostCommand });
  assert.equal(
    (await test.run(`return String(Deno.mainModule.endsWith("/main.ts"))`)).said,
    "succeeded: true",
  );
});

Deno.test("one host loads all files, until one of them keeps it for long", async () => {
  const good = `import { defineTask } from "carillon";\nexport default defineTask({ run() {} });`;
  const clock = new VirtualClock(START);
  await using test = startHosts({
    "a.js": good,
    "b.js": good,
    "c.js": good,
    "long.js": `await new Promise(() => setInterval(() => {}, 60_000));`,
  }, { clock, keepsReady: false });
  const describe = (name: string) => test.hosts.describe(`file://${join(test.folder.path, name)}`);
  const loaded = await Promise.all(["a.js", "b.js"].map(describe));
  assert.deepEqual(loaded.map(({ ok }) => ok), [true, true]);
  assert.equal(test.hosts.facts().processes, 1);
  const [long, other] = [describe("long.js"), describe("c.js")];
  await clock.advance({ milliseconds: 249 });
  assert.equal(test.hosts.facts().processes, 1);
  await clock.advance({ milliseconds: 1 });
  assert.ok((await other).ok);
  assert.equal(test.hosts.facts().processes, 2);
  await clock.advance({ seconds: 10 });
  assert.ok(!(await long).ok);
});

Deno.test("a run that writes more than is read of it is told once that it waits", async () => {
  await using test = startHosts();
  const { lines, said } = await test.run(
    `const bytes = new Uint8Array(1e6).fill(65); for (let i = 0; i < 30; i++) Deno.stdout.writeSync(bytes); return "done";`,
  );
  assert.equal(said, "succeeded: done");
  assert.equal(lines.filter((line) => line.startsWith("warn more is written than is read")).length, 1);
  assert.equal((await test.run(`log.info("hello");`)).lines.join(), "info hello");
});

Deno.test("folder, environment and umask are put back for the next run", async () => {
  await using test = startHosts();
  const state = `return [Deno.cwd(), Deno.env.get("LEFT"), Deno.umask(), Deno.pid].join()`;
  const before = await test.run(state);
  await test.run(`Deno.chdir("/"); Deno.env.set("LEFT", "1"); Deno.env.delete("PATH"); Deno.umask(0o777);`);
  assert.equal((await test.run(state)).said, before.said);
});

Deno.test("code that was begun is not begun again when its host dies, and what was not begun gets another host", async () => {
  await using test = startHosts();
  const sockets =
    `Deno.readTextFileSync("/proc/self/cmdline").split("\\0").find((each) => each.includes("carillon-hosts-"))`;
  const marks = `const folder = ${sockets}.replace(/\\/[^/]+$/, "");
    const marks = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".mark")).map(({ name }) => folder + "/" + name);`;
  const harm = {
    nothing: "",
    "all names taken away": `${marks} for (const mark of marks) Deno.removeSync(mark);`,
    "all cut off": `${marks} for (const mark of marks) Deno.truncateSync(mark);`,
    "the folder taken away": `Deno.removeSync(${sockets}.replace(/\\/[^/]+$/, ""), { recursive: true });`,
  };
  for (const executor of ["worker", "process", "shared"] as const) {
    for (const [what, body] of Object.entries(harm)) {
      const file = join(test.folder.path, `${executor} ${what}`);
      const { answer } = await test.run(
        `Deno.writeTextFileSync(${JSON.stringify(file)}, "x", { append: true }); ${body}
         new Deno.Command("sh", { args: ["-c", "kill -9 $PPID"] }).outputSync(); for (;;);`,
        { executor },
      );
      assert.equal(answer.kind, "interrupted", file);
      assert.equal(Deno.readTextFileSync(file), "x", file);
    }
  }
  for (const executor of ["worker", "shared"] as const) {
    const here = `return String(Deno.pid)`;
    const pid = Number((await test.run(here, { executor })).said.replace("succeeded: ", ""));
    Deno.kill(pid, "SIGSTOP");
    const { execution } = test.begin(here, { executor });
    Deno.kill(pid, "SIGKILL");
    const answer = await execution.answer;
    assert.equal(answer.kind, "succeeded", executor);
    assert.notEqual(answer.kind === "succeeded" && answer.message, String(pid));
  }
});

Deno.test("whatever a run does to its variables, the next has those of the host and an id of its own", async () => {
  await using test = startHosts();
  const own = `CARILLON_RUN_ID`;
  const seen = `
    const { stdout } = await new Deno.Command("env").output();
    const child = new TextDecoder().decode(stdout).split("\\n").filter((line) => line.startsWith("${own}="));
    const { ${own}: id, ...rest } = Deno.env.toObject();
    return { pid: Deno.pid, child, id, rest };`;
  const look = async (runId: string) => {
    const { answer } = await test.run(seen, { runId });
    assert.ok(answer.kind === "succeeded" && answer.result !== undefined);
    const { id, child, ...same } = JSON.parse(answer.result) as Record<string, unknown>;
    assert.deepEqual([id, child], [runId, [`${own}=${runId}`]]);
    return same;
  };
  const before = await look("first");
  const long = "x".repeat(1_000);
  for (
    const body of [
      `Deno.env.set("${own}", "forged");`,
      `Deno.env.delete("${own}");`,
      `Deno.env.delete("${own}"); Deno.env.set("${own}", "");`,
      `process.env.${own} = "forged"; delete process.env.PATH;`,
      `for (let i = 0; i < 500; i++) Deno.env.set("LEFT_" + i, "1");`,
      `for (const name of Object.keys(Deno.env.toObject())) Deno.env.delete(name);`,
      `Deno.env.set("LEFT", "1"); Deno.env.delete("LEFT");`,
      `Deno.env.set("PATH", Deno.env.get("PATH"));`,
    ]
  ) {
    assert.match((await test.run(`const { process } = globalThis; ${body}`)).said, /^succeeded/);
    assert.deepEqual(await look(`after ${body.length}`), before, body);
  }
  assert.deepEqual(await look(long), before);
  assert.deepEqual(await look("\u00fc and \u65f6\u949f"), before);
});

Deno.test({
  name: "hosts make room for the clock, alone and as the session that each leads",
  // Whoever may not do everything is refused where others ask at the same moment.
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    await using test = startHosts();
    const { said } = await test.run(`
      const stat = Deno.readTextFileSync("/proc/self/stat").split(") ")[1].split(" ");
      let session = "nice 5";
      try { session = Deno.readTextFileSync("/proc/self/autogroup"); } catch {}
      return stat[16] + " " + session.trim();`);
    const own = Number(Deno.readTextFileSync("/proc/self/stat").split(") ")[1]?.split(" ")[16]);
    assert.match(said, new RegExp(`^succeeded: ${Math.min(19, own + 5)} .*nice 5$`));
  },
});

Deno.test("a process is fresh for each run", async () => {
  await using test = startHosts();
  const pids = new Set<string>();
  for (let i = 0; i < 3; i++) {
    pids.add((await test.run(`return String(Deno.pid)`, { executor: "process" })).said);
  }
  assert.equal(pids.size, 3);
});

Deno.test("a run is told of the secrets and databases it names, and its host of no other", async () => {
  await using test = startHosts({
    "database.ini":
      "[dwh]\ntype = sqlite\ndatabase = dwh.db\n[shop]\ntype = postgresql\nhost = h\ndatabase = d\nuser = u\npassword = sh0p-password\n",
  });
  await using limited = startHosts({}, {
    settings: {
      databaseFile: join(test.folder.path, "database.ini"),
      secrets: { crm_token: "t0k3n-value", mail_password: "m4il-value" },
    },
  });
  const only = { secrets: ["crm_token"], databases: ["dwh"] };
  assert.equal((await limited.run(`return secret("crm_token").length`, only)).said, "succeeded: 11");
  assert.match(
    (await limited.run(`secret("mail_password")`, only)).said,
    /may not use the secret "mail_password"/,
  );
  assert.match(
    (await limited.run(`await query("shop", "SELECT 1")`, only)).said,
    /database "shop": this task may not use it/,
  );
  assert.equal(
    (await limited.run(`return (await query("dwh", "SELECT 7 AS n"))[0].n`, only)).said,
    "succeeded: 7",
  );
  // All memory of the host that can be read is looked through.
  const searched = await limited.run(
    `const found = []; const maps = Deno.readTextFileSync("/proc/self/maps").split("\\n").filter((line) => / rw-p /.test(line));
     const memory = Deno.openSync("/proc/self/mem");
     for (const line of maps) {
       const [from, to] = line.split(" ")[0].split("-").map((each) => Number.parseInt(each, 16));
       if (to - from > 50e6 || from > 2 ** 47) continue;
       const bytes = new Uint8Array(to - from);
       try { memory.seekSync(from, Deno.SeekMode.Start); memory.readSync(bytes); } catch { continue; }
       const text = new TextDecoder("latin1").decode(bytes);
       for (const part of [/m4i[l]-value/, /sh0[p]-password/, /t0k3[n]-value/]) if (part.test(text)) found.push(part.source.slice(0, 3));
     }
     memory.close(); return [...new Set(found)].sort().join();`,
    only,
  );
  assert.equal(searched.said, "succeeded: t0k");
});

Deno.test("a host that knows more than a run may know is not used for it", async () => {
  await using test = startHosts({}, {
    settings: { databaseFile: "/nowhere.ini", secrets: { a: "value-a", b: "value-b" } },
  });
  const pid = `return String(Deno.pid)`;
  const all = await test.run(pid);
  assert.notEqual((await test.run(pid, { secrets: ["a"] })).said, all.said);
  assert.equal((await test.run(pid)).said, all.said);
});

Deno.test("no variable of a host or of its children holds a secret", async () => {
  Deno.env.set("TEST_CRM_TOKEN", "env-s3cret-value");
  Deno.env.set("CARILLON_TEST_OWN", "1");
  try {
    await using test = startHosts({}, {
      settings: { databaseFile: "/nowhere.ini", secrets: { crm: "env-s3cret-value" } },
    });
    const { said } = await test.run(
      `const { stdout } = await new Deno.Command("env").output();
       return [...Object.keys(Deno.env.toObject()), new TextDecoder().decode(stdout)].filter((each) => /TEST_CRM|CARILLON_TEST|s3cret/.test(each)).join();`,
    );
    assert.equal(said, "succeeded: ");
  } finally {
    Deno.env.delete("TEST_CRM_TOKEN");
    Deno.env.delete("CARILLON_TEST_OWN");
  }
});

Deno.test("whoever connects to a host's socket without its token is turned away", async () => {
  await using test = startHosts();
  test.hosts.start();
  const tried = (async () => {
    for (let i = 0; i < 200; i++) {
      for (const { name } of Deno.readDirSync("/tmp")) {
        if (!name.startsWith("carillon-hosts-")) continue;
        for (const each of socketsIn(join("/tmp", name))) {
          try {
            using intruder = await Deno.connect({ transport: "unix", path: join("/tmp", name, each) });
            await intruder.write(new Uint8Array([0, 0, 0, 2, 0x7b, 0x7d]));
          } catch {
            // It is gone again, or was never for us.
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  assert.equal((await test.run(`return "fine"`, { executor: "process" })).said, "succeeded: fine");
  await tried;
});

Deno.test("an order that is too large for a frame fails its run with a sentence", async () => {
  await using test = startHosts();
  const big = { params: { text: "x".repeat(9_000_000) } };
  assert.match(
    (await test.run(`return 1`, big)).said,
    /failed: the run cannot be given to a host: a message of 9\d+ bytes; 8000000 are allowed/,
  );
  assert.match(
    (await test.run(`return 1`, { ...big, executor: "shared" })).said,
    /cannot be given to a host/,
  );
  const fits = { params: { text: "x".repeat(2_000_000) } };
  assert.equal((await test.run(`return params.text.length`, fits)).said, "succeeded: 2000000");
});

Deno.test("when a run is ended by force, its answer comes once its host and all children are gone", async () => {
  await using test = startHosts();
  const run = test.begin(
    `const child = new Deno.Command("sh", { args: ["-c", "trap '' TERM; sleep 8888 & sleep 8888"] }).spawn();
     own.info("child " + child.pid + " host " + Deno.pid); own.info("begun"); for (;;);`,
  );
  await run.logged("begun");
  const [, child, host] = /child (\d+) host (\d+)/.exec(run.lines.join()) ?? [];
  run.execution.end("time is up");
  const answer = await run.execution.answer;
  assert.equal(answer.kind === "failed" && answer.error.message, "time is up");
  for (const pid of [child, host]) {
    const state = processFacts(Number(pid))?.state;
    assert.ok(state === undefined || state === "Z", `${pid} is ${state}`);
  }
  assert.match(run.lines.join("\n"), /ended with its host: .*sh \(pid \d+\)/);
});

Deno.test("a run whose handler of news throws fails, and nothing else does", async () => {
  await using test = startHosts();
  const file = test.folder.write(
    "talks.js",
    `import { defineTask } from "carillon"; export default defineTask({ run({ log }) { log.info("x"); return 1; } });`,
  );
  const answer = await test.hosts.executor.begin({
    runId: "r",
    taskId: "t",
    module: `file://${file}`,
    executor: "worker",
    cause: "manual",
    attempt: 1,
    scheduledAt: 0,
    params: {},
    watermarks: {},
  }, () => {
    throw new Error("the disk is full");
  }).answer;
  assert.match(
    answer.kind === "failed" ? answer.error.message : "",
    /keeping what the task said has failed: the disk is full/,
  );
  assert.equal((await test.run(`return "fine"`)).said, "succeeded: fine");
});

Deno.test("a waiting run that is cancelled ends at once and never begins", async () => {
  await using test = startHosts({}, { limits: { workers: 1, memoryMb: 256 } });
  const busy = test.begin(
    `own.info("begun"); await new Promise((end) => signal.addEventListener("abort", end)); return "polite";`,
  );
  await busy.logged("begun");
  const waiting = test.begin(`own.info("never");`);
  waiting.execution.abort("cancelled");
  const answer = await waiting.execution.answer;
  assert.equal(answer.kind === "failed" && answer.error.message, "cancelled");
  busy.execution.abort("enough");
  assert.equal((await busy.execution.answer).kind, "succeeded");
  assert.deepEqual(waiting.lines, []);
});

Deno.test("a limited run leaves no way into the runtime's internals", async () => {
  await using test = startHosts();
  const none = { net: false, read: false, write: false, env: false, run: false, sys: false };
  const { said } = await test.run(
    `return [typeof Deno[Deno.internal], Object.getOwnPropertySymbols(Deno).filter((each) => Deno[each]?.core).length].join()`,
    { permissions: none },
  );
  assert.equal(said, "succeeded: undefined,0");
  const stolen = await test.run(
    `const caught = []; const post = MessagePort.prototype.postMessage;
     MessagePort.prototype.postMessage = function (...all) { caught.push(this); return post.apply(this, all); };
     Object.defineProperty(MessageEvent.prototype, "data", { get() { caught.push(this.target); return undefined; } });
     Reflect.apply = (f, self, all) => { caught.push(self); return f.apply(self, all); };
     own.info("line"); progress(0.5); await new Promise((end) => setTimeout(end, 20));
     return caught.filter((each) => each instanceof MessagePort).length`,
    { permissions: none },
  );
  assert.equal(stolen.said, "succeeded: 0");
});

Deno.test("described once, a file is not loaded again for the same version, also after a restart", async () => {
  const source =
    `import { defineTask } from "carillon"; export default defineTask({ title: "T", run() {} });`;
  await using test = startHosts({ "t.js": source });
  const module = `file://${join(test.folder.path, "t.js")}`;
  const first = await test.hosts.describe(module, "v1");
  assert.equal(first.ok && first.descriptions[0]?.title, "T");
  test.folder.write("t.js", "for (;;);");
  assert.deepEqual(await test.hosts.describe(module, "v1"), first);
});

Deno.test("where no host can be started, files and runs are answered with the reason, not left waiting", async () => {
  const all = true;
  const defaults = { net: ["exa mple:1"], read: all, write: all, env: all, run: all, sys: all };
  await using test = startHosts({ "t.js": "export default 1;" }, { defaults });
  const why = /^no task host could be started: it ended \(exit code 70\): .*invalid host 'exa mple'/;
  const [loaded, run] = await Promise.all([
    test.hosts.describe(`file://${join(test.folder.path, "t.js")}`),
    test.run("return 1"),
  ]);
  assert.ok(!loaded.ok && loaded.mayPass);
  assert.match(loaded.message, why);
  assert.match(run.said.replace("interrupted: ", ""), why);
});

Deno.test("what keeps a file from being loaded is told apart: it may pass, or is the file's own", async () => {
  const end = (signal: string) =>
    `new Deno.Command("kill", { args: ["-${signal}", String(Deno.pid)] }).outputSync();
await new Promise(() => {});`;
  const cases: Record<string, [source: string, mayPass: true | undefined, message: RegExp]> = {
    "killed.js": [end("KILL"), true, /^its process ended while it was being loaded \(signal SIGKILL\)$/],
    "exits.js": ["Deno.exit(3);", undefined, /^the task called exit\(3\)/],
    "throws.js": [`throw new Error("no luck");`, undefined, /^no luck$/],
  };
  await using test = startHosts(
    Object.fromEntries(Object.entries(cases).map(([name, [source]]) => [name, source])),
  );
  for (const [name, [, mayPass, message]] of Object.entries(cases)) {
    const answer = await test.hosts.describe(`file://${join(test.folder.path, name)}`);
    assert.ok(!answer.ok, name);
    assert.match(answer.message, message);
    assert.equal(answer.mayPass, mayPass, name);
  }
});

Deno.test("what a killed Carillon's runs left behind is ended at the next start", async () => {
  await using test = startHosts();
  const orphan = new Deno.Command("sleep", {
    args: ["7777"],
    env: { CARILLON_RUN_HOST: `${test.folder.path} 4194305 1` },
  }).spawn();
  test.hosts.start();
  assert.equal((await orphan.status).signal, "SIGKILL");
});

/** Sockets in a folder that may be gone by now. */
function socketsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => !file.includes("."));
  } catch {
    return [];
  }
}

Deno.test("a shared host that has ended leaves nothing in the folder of sockets", async () => {
  await using test = startHosts();
  const { said } = await test.run(
    `return Deno.readTextFileSync("/proc/self/cmdline").split("\\0").find((each) => each.includes("carillon-hosts-"))`,
    { executor: "shared" },
  );
  const folder = dirname(said.replace("succeeded: ", ""));
  const files = () => readdirSync(folder).map((name) => name.replace(/^\w+/, "*"));
  assert.deepEqual(files(), ["*.mark"]);
  const kill = `await new Deno.Command("sh", { args: ["-c", "kill -9 $PPID"] }).output();`;
  assert.match((await test.run(kill, { executor: "shared" })).said, /^interrupted: .*SIGKILL/);
  assert.deepEqual(files(), []);
});

Deno.test("a folder of sockets that was tidied away is made again; one that is open to others starts no host", async () => {
  await using test = startHosts();
  const fresh = { executor: "process" } as const;
  const { said } = await test.run(
    `return Deno.readTextFileSync("/proc/self/cmdline").split("\\0").find((each) => each.includes("carillon-hosts-"))`,
    fresh,
  );
  const folder = dirname(said.replace("succeeded: ", ""));
  for (const how of [fresh, { executor: "shared" } as const]) {
    await Deno.remove(folder, { recursive: true });
    assert.equal((await test.run(`return "again"`, how)).said, "succeeded: again");
  }
  assert.equal((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
  assert.equal(test.hosts.facts().fault, undefined);

  await Deno.chmod(folder, 0o755);
  const refused = `the folder ${folder} is open to others, and not used`;
  assert.equal(
    (await test.run(`return 1`, fresh)).said,
    `interrupted: no task host could be started: ${refused}`,
  );
  assert.equal(test.hosts.facts().fault, refused);
  await Deno.chmod(folder, 0o700);
  assert.equal((await test.run(`return "well"`, fresh)).said, "succeeded: well");
  assert.equal(test.hosts.facts().fault, undefined);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a host is kept ready from the start, and where none is to be, one is started once a run needs it", async () => {
  await using ready = startHosts();
  ready.hosts.start();
  assert.equal(ready.hosts.facts().processes, 1);
  await using cold = startHosts({}, { keepsReady: false });
  cold.hosts.start();
  assert.equal(cold.hosts.facts().processes, 0);
  assert.equal((await cold.run('return "done";')).said, "succeeded: done");
  assert.equal(cold.hosts.facts().processes, 1);
});
