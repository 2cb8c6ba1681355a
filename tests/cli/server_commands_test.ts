/** The commands that ask an active Carillon: by the socket of its data folder, by its port, and what they say where it refuses. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../../app/cli/program.ts";
import { printable } from "../../app/cli/printable.ts";
import { SocketFile } from "../../app/web/http/socket_file.ts";
import { makeCertificate } from "../support/certificate.ts";
import { logged, startRun } from "../support/carillon.ts";
import { here, type Outcome } from "../support/commands.ts";
import { makeFolder } from "../support/folder.ts";
import { startServer, type TestServer } from "../support/web_server.ts";

const ESC = "\u001b";
const FILES = {
  "carillon.ini": "",
  "tasks/greet.ts": `import { cron, defineTask, z } from "carillon";
export default defineTask({
  trigger: cron({ hour: 6 }),
  params: z.object({ name: z.string().default("you"), times: z.int().default(1), sure: z.boolean().default(false) }),
  run({ params, log }) {
    log.info("greeting " + params.name);
    log.warn("\\u001b]0;owned\\u0007\\u001b[2Jcleared\\u202e");
    if (params.name === "nobody") throw new Error("nobody is there");
    return JSON.stringify(params);
  },
});`,
  "tasks/lasts.ts": `import { defineTask } from "carillon";
export default defineTask({
  run({ log, progress, signal }) {
    progress(0.25, "a quarter");
    log.info("begun");
    return new Promise((_, end) => signal.addEventListener("abort", () => end(new Error("stopped"))));
  },
});`,
};

interface Active extends AsyncDisposable {
  readonly server: TestServer;
  /** Runs a command in the folder of that Carillon. */
  run(...args: readonly string[]): Promise<Outcome>;
}

/** A Carillon with the socket of its data folder, as `carillon serve` opens it. */
async function startActive(files: Readonly<Record<string, string>> = FILES): Promise<Active> {
  const server = await startServer(files, {
    entrances: async (folder) => {
      mkdirSync(join(folder, "data"), { recursive: true });
      return [await SocketFile.open(join(folder, "data", "cli.sock"), "own", 0o600)];
    },
  });
  return {
    server,
    run: (...args) => here([...args, "-c", join(server.app.folder.path, "carillon.ini")]),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

Deno.test("trigger starts a run with typed parameters, and with --wait tells how it ended by the exit code", async () => {
  await using active = await startActive();
  const { run, server } = active;
  const good = await run("trigger", "greet", "name=Anna = B", "times=2", "sure=yes", "--wait");
  assert.deepEqual([good.code, good.stdout], [
    0,
    `${JSON.stringify({ name: "Anna = B", times: 2, sure: true })}\n`,
  ], good.stderr);
  assert.match(good.stderr, /^INFO {2}greeting Anna = B\nWARN {2}cleared\ufffd\n$/);
  const failed = await run("trigger", "greet", "name=nobody", "--wait");
  assert.deepEqual([failed.code, failed.stdout], [1, ""]);
  assert.match(failed.stderr, /\nfailed: Error: nobody is there\n$/);
  const started = await run("trigger", "greet");
  const id = /^run ([\da-f-]{36}) of task greet was started\n$/.exec(started.stdout)?.[1] ?? "";
  const ended = await server.app.ended(id);
  assert.deepEqual([ended.status, ended.cause], ["succeeded", "cli"]);
  const json = await run("trigger", "greet", "--json", "--wait");
  assert.equal(JSON.parse(json.stdout).status, "succeeded");
  const cases: [string[], RegExp][] = [
    [["trigger"], /^carillon: name a task; usage: carillon trigger <task>/],
    [["trigger", "gret"], /^carillon: there is no task "gret"; did you mean "greet"\?\n$/],
    [["trigger", "zzzzzzzz"], /^carillon: There is no task "zzzzzzzz"\.\n$/],
    [["trigger", "greet", "Anna"], /"Anna" is not name=value/],
    [["trigger", "greet", "nme=x"], /task greet: nme: unknown parameter; did you mean "name"\?/],
    [["trigger", "greet", "times=many"], /times: "many" is not a whole number/],
    [["trigger", "greet", "times=1.5"], /times/],
    [["trigger", "../system"], /no task "\.\.\/system"/],
  ];
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, sentence);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  }
});

Deno.test("ps shows what goes on, logs -f follows it, cancel ends it", async () => {
  await using active = await startActive();
  const { run, server } = active;
  assert.equal((await run("ps")).stdout, "nothing is running\n");
  const { id } = await startRun(server.app, "lasts");
  await logged(server.app, id, "begun");
  const shown = await run("ps");
  assert.match(shown.stdout, new RegExp(`^RUN .*\\n${id} +lasts +running +\\S.* +25 %, a quarter\\n$`));
  assert.equal(JSON.parse((await run("ps", "--json")).stdout)[0].id, id);
  const following = run("logs", "-f", "lasts");
  const cancelled = await run("cancel", id);
  assert.deepEqual([cancelled.code, cancelled.stderr], [0, ""]);
  const followed = await following;
  assert.equal(followed.code, 0, followed.stderr);
  const again = await run("cancel", id);
  assert.deepEqual([again.code, again.stdout], [2, ""]);
  assert.match(again.stderr, /has ended already/);
});

Deno.test("logs has the log of a run or of a task's newest, safe for a terminal and as it is for programs", async () => {
  await using active = await startActive();
  const { run, server } = active;
  assert.match((await run("logs", "greet")).stderr, /task greet has no run yet/);
  const first = await startRun(server.app, "greet", { name: "one" });
  await server.app.ended(first.id);
  const second = await startRun(server.app, "greet", { name: "two" });
  await server.app.ended(second.id);
  const newest = await run("logs", "greet");
  assert.equal(newest.code, 0, newest.stderr);
  assert.match(newest.stdout, /^\S+ \S+ INFO {2}greeting two\n\S+ \S+ WARN {2}cleared\ufffd\n$/);
  assert.ok(!newest.stdout.includes(ESC));
  assert.match((await run("logs", first.id)).stdout, /greeting one/);
  assert.match((await run("logs", "-f", first.id)).stdout, /greeting one\n.*cleared/);
  const json = (await run("logs", first.id, "--json")).stdout.trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(json.map(({ number, level }) => [number, level]), [[0, "info"], [1, "warn"]]);
  assert.match(json[1]?.text, new RegExp(ESC));
  assert.match((await run("logs", "gret")).stderr, /did you mean "greet"\?/);
  const unknown = await run("logs", "0195b3c1-7d52-7b1a-9a0e-3f1d2c4b5a69");
  assert.deepEqual([unknown.code, unknown.stdout], [2, ""]);
  assert.match(unknown.stderr, /There is no run "0195b3c1-/);
});

Deno.test("a backfill of a task that asks for its id is started with --confirm", async () => {
  await using active = await startActive({
    ...FILES,
    "tasks/greet.ts": FILES["tasks/greet.ts"].replace("params:", `confirm: "name", params:`),
  });
  const { run, server } = active;
  const asked = ["backfill", "greet", "--from", "2026-03-08", "--to", "2026-03-09"];
  const refused = await run(...asked);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /the command line as --confirm greet/);
  const started = await run(...asked, "--confirm", "greet");
  assert.equal(started.code, 0, started.stderr);
  assert.match(started.stdout, /^backfill bf-\S+ of task greet was started: 2 runs/);
  const [backfill] = server.app.carillon.queries.backfills.all();
  for (const id of backfill?.going ?? []) await server.app.ended(id);
});

Deno.test("history filters, pages and prints JSON lines", async () => {
  await using active = await startActive();
  const { run, server } = active;
  assert.equal((await run("history")).stdout, "no run matches\n");
  const ids: string[] = [];
  for (const name of ["a", "nobody", "c"]) {
    const { id } = await startRun(server.app, "greet", { name });
    await server.app.ended(id);
    ids.unshift(id);
  }
  const all = await run("history");
  assert.deepEqual([...all.stdout.matchAll(/^[\da-f-]{36}/gm)].map(([id]) => id), ids);
  const failed = await run("history", "greet", "--status", "failed,timed_out", "--from", "2026-03-10");
  assert.match(
    failed.stdout,
    new RegExp(`^RUN .*\\n${ids[1]} +greet +failed +.* +Error: nobody is there\\n$`),
  );
  const json = await run("history", "--json", "-n", "2", "--cause", "manual");
  assert.deepEqual(json.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).id), ids.slice(0, 2));
  assert.equal((await run("history", "--to", "2026-03-09")).stdout, "no run matches\n");
  assert.equal(
    (await run("history", "--text", "nobody is", "--json")).stdout.trimEnd().split("\n").length,
    1,
  );
  const cases: [string[], RegExp][] = [
    [["--status", "faild"], /flag --status: "faild" is none; did you mean "failed"\?/],
    [["--cause", "x-y-z"], /flag --cause: "x-y-z" is none; known are: schedule/],
    [["--from", "yesterday"], /flag --from: "yesterday" is not a date and time/],
    [["-n", "0"], /flag -n: "0" is not a whole number/],
    [["gret"], /did you mean "greet"\?/],
    [["--stats", "x"], /unknown flag --stats; did you mean "--status"\?/],
  ];
  for (const [args, sentence] of cases) {
    const { code, stderr } = await run("history", ...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, sentence);
  }
});

Deno.test("pause, resume and reload say what has changed; status how it stands", async () => {
  await using active = await startActive();
  const { run, server } = active;
  const { queries } = server.app.carillon;
  assert.equal((await run("pause", "greet")).stdout, "task greet is paused\n");
  assert.ok(queries.tasks.get("greet").paused);
  assert.equal((await run("pause", "greet")).stdout, "task greet was paused so already\n");
  assert.match((await run("status")).stdout, /^tasks +2, 1 of them paused/m);
  assert.equal((await run("resume", "greet")).stdout, "task greet goes on\n");
  assert.ok(!queries.tasks.get("greet").paused);
  const until = await run("pause", "greet", "--until", "2026-03-12T08:00", "--note", "stocktaking");
  assert.equal(until.stdout, "task greet is paused\n", until.stderr);
  const { pause } = queries.tasks.get("greet");
  assert.deepEqual([pause?.note, pause?.until], ["stocktaking", Date.parse("2026-03-12T08:00Z")]);
  assert.match(
    (await run("pause", "greet", "--until", "soon")).stderr,
    /until: "soon" is not a date and time/,
  );
  assert.equal((await run("resume", "greet")).code, 0);
  assert.match((await run("pause", "lasts")).stderr, /has no trigger/);
  assert.match((await run("pause", "gret")).stderr, /did you mean "greet"\?/);
  for (
    const [wrong, sentence] of [["gret", /did you mean "greet"\?/], ["lasts", /has no trigger/]] as const
  ) {
    const several = await run("pause", "greet", wrong);
    assert.deepEqual([several.code, several.stdout], [2, ""]);
    assert.match(several.stderr, sentence);
    assert.ok(!queries.tasks.get("greet").paused);
  }
  assert.equal((await run("pause", "greet")).code, 0);
  assert.equal((await run("resume", "greet", "gret")).code, 2);
  assert.ok(queries.tasks.get("greet").paused);
  assert.equal((await run("resume", "greet")).code, 0);
  assert.equal((await run("reload")).stdout, "no task has changed\n");
  server.app.folder.write("tasks/bad.ts", "export default (");
  server.app.folder.write("tasks/more.ts", FILES["tasks/lasts.ts"]);
  const reloaded = await run("reload");
  assert.deepEqual([reloaded.code, reloaded.stdout], [1, "read again: more\n"]);
  assert.match(reloaded.stderr, /^broken: bad\.ts:1: /);
  const status = await run("status");
  assert.equal(status.code, 0, status.stdout);
  assert.match(status.stdout, /^state +ready\n/);
  assert.match(status.stdout, /^broken files +bad\.ts$/m);
  assert.equal(JSON.parse((await run("status", "--json")).stdout).tasks, 3);
});

Deno.test("a Carillon elsewhere is asked by --url or CARILLON_URL, with the token and without following redirects", async () => {
  await using active = await startActive();
  const { server } = active;
  const url = `http://127.0.0.1:${server.port}`;
  await using folder = makeFolder();
  const config = ["-c", folder.write("carillon.ini", "")];
  assert.equal((await here(["ps", "--url", `${url}/`, ...config])).stdout, "nothing is running\n");
  assert.equal((await here(["ps", ...config], { CARILLON_URL: url })).stdout, "nothing is running\n");
  const seen: [string, string | null][] = [];
  const other = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    seen.push([pathname, request.headers.get("authorization")]);
    if (pathname.startsWith("/to/")) return Response.redirect(`${url}/api/v1/runs`, 302);
    if (pathname.startsWith("/no/")) {
      return Response.json({ message: `refused${ESC}[2J\nand more` }, { status: 401 });
    }
    if (pathname.startsWith("/html/")) return new Response("<html>");
    return Response.json({ runs: "all" });
  });
  const place = `http://127.0.0.1:${other.addr.port}`;
  const token = { CARILLON_TOKEN: "car_secret" };
  const moved = await here(["ps", "--url", `${place}/to`, ...config], token);
  assert.equal(moved.code, 2);
  assert.match(moved.stderr, /answered 302; it seems to be another program/);
  const refused = await here(["ps", "--url", `${place}/no`, ...config], token);
  assert.equal(refused.stderr, "carillon: refused and more\n");
  const bare = await here(["ps", "--url", `${place}/no`, ...config]);
  assert.match(bare.stderr, /; set CARILLON_TOKEN to a token of yours\n$/);
  assert.match(
    (await here(["ps", "--url", `${place}/html`, ...config])).stderr,
    /seems to be another program/,
  );
  assert.deepEqual(seen.map(([, field]) => field), ["Bearer car_secret", "Bearer car_secret", null, null]);
  await other.shutdown();
  for (const odd of ["example.org", "ftp://x", "http://a:b@x", "http://x?y", "http://"]) {
    const { code, stderr } = await here(["ps", "--url", odd, ...config]);
    assert.equal(code, 2, odd);
    assert.match(stderr, /is not an address such as https:/, odd);
  }
});

Deno.test("a server whose certificate is the house's own is believed by --ca, and by nothing else", async () => {
  const keys = await makeCertificate("localhost");
  const other = await makeCertificate("localhost");
  await using server = await startServer(FILES, { keys });
  await using folder = makeFolder({
    "carillon.ini": "",
    "ca.pem": keys.ca,
    "other.pem": other.ca,
    "odd.pem": "x",
  });
  const at = (name: string) => join(folder.path, name);
  const ask = (...args: string[]) =>
    here(["ps", "--url", `https://localhost:${server.port}`, "-c", at("carillon.ini"), ...args]);
  assert.deepEqual([(await ask("--ca", at("ca.pem"))).stdout], ["nothing is running\n"]);
  const cases: [string[], RegExp][] = [
    [[], /no Carillon answers on https:\/\/localhost:\d+ \(.*certificate/],
    [["--ca", at("other.pem")], /no Carillon answers on https:\/\/localhost:\d+ \(.*certificate/],
    [["--ca", at("nowhere.pem")], /nowhere\.pem cannot be read: there is no such file or folder; see --ca/],
  ];
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await ask(...args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, sentence);
  }
  const odd = await ask("--ca", at("odd.pem"));
  assert.equal(odd.code, 2, odd.stderr);
});

const ENDED = {
  id: "0195b3c1-7d52-7b1a-9a0e-3f1d2c4b5a69",
  task: "t",
  status: "succeeded",
  finished: true,
  cause: "api",
  by: null,
  scheduled_at: null,
  queued_at: "2026-03-10T10:00:00Z",
  started_at: null,
  finished_at: null,
  attempt: 1,
  message: "done",
  error: null,
  progress: null,
};

Deno.test("a log that is followed over cuts of the connection has each line once", async () => {
  const asked: string[] = [];
  const line = (number: number) =>
    `id: ${number}\nevent: line\ndata: ${
      JSON.stringify({ number, at: "2026-03-10T10:00:00.000Z", level: "info", text: `line ${number}` })
    }\n\n`;
  // Each connection begins with the line before the one that is asked for, and is cut in the middle of an event.
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const url = new URL(request.url);
    const from = Number(url.searchParams.get("from"));
    asked.push(String(from));
    const cut = line(from + 2).slice(0, 30);
    const text = from < 6
      ? `:\n\n${line(Math.max(0, from - 1))}${line(from)}${line(from + 1)}${cut}`
      : `event: end\ndata: ${JSON.stringify(ENDED)}\n\n`;
    return new Response(text, { headers: { "content-type": "text/event-stream" } });
  });
  await using folder = makeFolder({ "carillon.ini": "" });
  const args = ["logs", "-f", ENDED.id, "--url", `http://127.0.0.1:${server.addr.port}`];
  const { code, stdout, stderr } = await here([...args, "-c", join(folder.path, "carillon.ini")]);
  assert.equal(code, 0, stderr);
  assert.deepEqual([...stdout.matchAll(/line (\d)/g)].map(([, n]) => n), ["0", "1", "2", "3", "4", "5"]);
  assert.deepEqual(asked, ["0", "2", "4", "6"]);
  assert.match(stderr, /succeeded: done/);
});

Deno.test("whoever follows a log ends with the reader of what is shown, and does not connect again", async () => {
  let asked = 0;
  const run = { run: { ...ENDED, status: "running", finished: false } };
  const text = `event: line\ndata: ${
    JSON.stringify({ number: 0, at: "2026-03-10T10:00:00Z", level: "info", text: "a line" })
  }\n\n`;
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    if (request.url.includes("/log?")) {
      asked++;
      return new Response(text, { headers: { "content-type": "text/event-stream" } });
    }
    return Response.json(request.method === "POST" ? run : { params: [], open_params: true });
  });
  await using folder = makeFolder({ "carillon.ini": "" });
  for (
    const [stream, args] of [["stdout", ["logs", "-f", ENDED.id]], ["stderr", [
      "trigger",
      "t",
      "-w",
    ]]] as const
  ) {
    asked = 0;
    const closed = {
      writeSync: () => {
        throw new Deno.errors.BrokenPipe("broken pipe");
      },
    };
    const before = Deno[stream].writeSync;
    Object.assign(Deno[stream], closed);
    try {
      const url = `http://127.0.0.1:${server.addr.port}`;
      const code = await runProgram([...args, "--url", url, "-c", join(folder.path, "carillon.ini")]);
      assert.deepEqual([code, asked], [1, 1], args.join(" "));
    } finally {
      Object.assign(Deno[stream], { writeSync: before });
    }
  }
});

Deno.test("where no Carillon is active, the sentence says how to name one; a socket that is left over is passed by", async () => {
  await using folder = makeFolder({ "carillon.ini": "[server]\nport = 1\n", "data/x": "" });
  const config = ["-c", join(folder.path, "carillon.ini")];
  const alone = await here(["status", ...config]);
  assert.equal(alone.code, 2);
  assert.match(
    alone.stderr,
    /^carillon: no Carillon answers on http:\/\/127\.0\.0\.1:1 \(.*\); start it, or name its address with --url, or with --host and --port\n$/,
  );
  const left = Deno.listen({ transport: "unix", path: join(folder.path, "data/before") });
  Deno.renameSync(join(folder.path, "data/before"), join(folder.path, "data/cli.sock"));
  left.close();
  assert.match((await here(["status", ...config])).stderr, /no Carillon answers on http:\/\/127\.0\.0\.1:1/);
  await using active = await startActive();
  const port = String(active.server.port);
  assert.equal((await here(["ps", "--port", port, ...config])).stdout, "nothing is running\n");
});

Deno.test("texts of others cannot steer a terminal", () => {
  assert.equal(
    printable(`a${ESC}[31mb${ESC}[0m${ESC}]0;title\u0007c\u0007\u009b2J\u202ed\r\n e\tf`),
    "abc\ufffd\ufffd2J\ufffdd e f",
  );
});

Deno.test("completion knows every command and flag in each shell's own words", async () => {
  const { COMMAND_NAMES } = await import("../../app/cli/commands.ts");
  await using folder = makeFolder();
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await here(["completion", shell]);
    assert.equal(code, 0);
    for (const name of COMMAND_NAMES) {
      for (const word of name.split(" ")) assert.ok(stdout.includes(word), `${shell}: ${name}`);
    }
    assert.match(stdout, /completion tasks/);
    const file = folder.write(`completion.${shell}`, stdout);
    const found = await new Deno.Command("sh", { args: ["-c", `command -v ${shell}`], stdout: "null" })
      .output();
    if (!found.success) continue;
    const checked = await new Deno.Command(shell, { args: ["-n", file], stderr: "piped" }).output();
    assert.ok(checked.success, new TextDecoder().decode(checked.stderr));
  }
  const wrong = await here(["completion", "bsh"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /name a shell; did you mean "bash"\?/);
});

Deno.test({
  name: "bash completes commands, second words, flags and the tasks of the active Carillon",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = makeFolder();
    const { stdout } = await here(["completion", "bash"]);
    const file = folder.write("completion.bash", stdout);
    const complete = async (words: readonly string[]) => {
      const line = words.map((word) => `'${word}'`).join(" ");
      // A function stands for the program: it is asked for the tasks.
      const script = `carillon() { printf 'sync_orders\\nsync_stock\\n'; }; . '${file}'
        COMP_WORDS=(carillon ${line}); COMP_CWORD=${words.length}; _carillon; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const output = await new Deno.Command("bash", {
        args: ["-c", script],
        stdout: "piped",
        stderr: "piped",
      }).output();
      assert.equal(new TextDecoder().decode(output.stderr), "");
      return new TextDecoder().decode(output.stdout).trim().split("\n");
    };
    assert.deepEqual(await complete(["tri"]), ["trigger"]);
    assert.deepEqual((await complete(["history", "ex"])).toSorted(), ["export"]);
    assert.deepEqual(await complete(["trigger", "sync_o"]), ["sync_orders"]);
    assert.deepEqual(await complete(["logs", "--fol"]), ["--follow"]);
    assert.deepEqual(await complete(["history", "export", "--conf"]), ["--config"]);
    assert.deepEqual(await complete(["db", "te"]), ["test"]);
  },
});

Deno.test("status is coloured for a terminal only, and not with NO_COLOR", async () => {
  await using active = await startActive();
  const isTerminal = Deno.stdout.isTerminal;
  Deno.stdout.isTerminal = () => true;
  try {
    const { path } = active.server.app.folder;
    const args = ["status", "-c", join(path, "carillon.ini")];
    assert.match(
      (await here(args, { NO_COLOR: "", TERM: "xterm" })).stdout,
      new RegExp(`${ESC}\\[32mready${ESC}`),
    );
    assert.ok(!(await here(args, { NO_COLOR: "1", TERM: "xterm" })).stdout.includes(ESC));
  } finally {
    Deno.stdout.isTerminal = isTerminal;
  }
});
