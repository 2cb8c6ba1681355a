/** Every example does what it says, against real databases and local servers. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { query } from "../../datasource/datasource.ts";
import { useDatasource } from "../../datasource/environment.ts";
import type { Run } from "../../app/model/run.ts";
import { passWhile, startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { exampleFiles, replacing } from "../support/examples.ts";
import { makeFolder } from "../support/folder.ts";
import { postgresProgram, startPostgres } from "../support/servers.ts";

async function ran(
  test: TestCarillon,
  id: string,
  params: Readonly<Record<string, string>> = {},
): Promise<Run> {
  return await test.ended((await startRun(test, id, params)).id);
}

async function good(test: TestCarillon, id: string, params: Readonly<Record<string, string>> = {}) {
  const run = await ran(test, id, params);
  const lines = (await test.carillon.queries.runs.lines(run.id)).map(({ text }) => text);
  assert.equal(run.status, "succeeded", `${run.error?.message}\n${lines.join("\n")}`);
  return { run, message: run.message, lines };
}

/** The rows of a statement on a database of the test's folder. */
async function rows(test: TestCarillon, database: string, sql: string) {
  const datasource = useDatasource({ databaseFile: join(test.folder.path, "database.ini") });
  try {
    return await query(database, sql);
  } finally {
    await datasource.close();
  }
}

Deno.test("incremental_sync copies what has changed, and only that; its totals are right", async () => {
  await using test = await startCarillon(exampleFiles("incremental_sync"));
  assert.deepEqual(test.carillon.queries.tasks.broken(), []);
  assert.equal((await good(test, "sync_orders")).message, "3 orders");
  assert.equal((await good(test, "sync_orders")).message, "0 orders");
  await rows(test, "shop", "UPDATE orders SET total = 30, changed = '2026-03-03T10:00:00' WHERE id = 1");
  assert.equal((await good(test, "sync_orders")).message, "1 orders");
  const { run } = await good(test, "daily_totals");
  assert.deepEqual(run.result, [
    { day: "2026-03-03", orders: 1, total: 30 },
    { day: "2026-03-02", orders: 1, total: 8 },
    { day: "2026-03-01", orders: 1, total: 14 },
  ]);
});

Deno.test("api_pages reads every page with one token, tries again, and refuses what is no customer", async () => {
  let tokens = 0;
  let busy = true;
  let bad = false;
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const url = new URL(request.url);
    if (url.pathname === "/v1/token") {
      return Response.json({ access_token: `t${++tokens}`, expires_in: 3600 });
    }
    if (request.headers.get("authorization") !== `Bearer t${tokens}`) {
      return new Response(null, { status: 401 });
    }
    const page = Number(url.searchParams.get("page"));
    if (page === 2 && busy) {
      busy = false;
      return new Response(null, { status: 503, headers: { "retry-after": "0" } });
    }
    const customers = page > 3 ? [] : [1, 2].map((i) => ({
      id: page * 10 + i,
      name: bad ? null : `n${page}.${i}`,
      city: i === 1 ? "Lund" : null,
    }));
    return Response.json({ customers });
  });
  const change = replacing({ "https://crm.example.com": `http://127.0.0.1:${server.addr.port}` });
  const files = exampleFiles("api_pages", change);
  await using test = await startCarillon(files, { ini: files["secrets.ini"] ?? "" });
  const { message, lines } = await good(test, "fetch_customers");
  assert.equal(message, "6 customers");
  assert.deepEqual(lines, ["2 customers so far", "4 customers so far", "6 customers so far"]);
  assert.equal(tokens, 1);
  assert.deepEqual((await rows(test, "crm", "SELECT count(*) AS n, count(city) AS c FROM customers"))[0], {
    n: 6,
    c: 3,
  });
  bad = true;
  const wrong = await ran(test, "fetch_customers");
  assert.match(wrong.error?.message ?? "", /expected string, received null/);
});

Deno.test("report writes a CSV that Excel reads and a page that shows texts as texts", async () => {
  const sql = exampleFiles("report")["shop.sql"] ?? "";
  const files = {
    ...exampleFiles("report"),
    "shop.sql": sql.replace("'Bo'", `'<b>"Bo", Ltd</b>'`),
  };
  await using test = await startCarillon(files);
  const folder = join(test.folder.path, "out");
  const { message } = await good(test, "weekly_report", { folder });
  assert.equal(message, `2 customers in ${folder}/sales-2026-03-10.csv`);
  assert.equal(
    Deno.readTextFileSync(join(folder, "sales-2026-03-10.csv")),
    `\uFEFFcustomer,orders,total\r\nAnna,2,33\r\n"<b>""Bo"", Ltd</b>",1,14\r\n`,
  );
  assert.match(
    Deno.readTextFileSync(join(folder, "sales-2026-03-10.html")),
    /<td>&#60;b&#62;&#34;Bo&#34;, Ltd/,
  );
});

Deno.test("backup dumps a database that can be restored, and old ones are pruned after it", {
  ignore: postgresProgram() === undefined,
}, async () => {
  await using server = await startPostgres();
  const bin = (postgresProgram() ?? "").replace(/\/postgres$/, "");
  await using folder = makeFolder({ pgpass: `*:*:*:*:${server.password.replaceAll(/[\\:]/g, "\\$&")}\n` });
  Deno.chmodSync(join(folder.path, "pgpass"), 0o600);
  const environment =
    `export PATH="${bin}:$PATH" PGHOST=127.0.0.1 PGPORT=${server.port} PGUSER=${server.user} PGPASSFILE=${folder.path}/pgpass`;
  await using test = await startCarillon(
    exampleFiles("backup", replacing({ "set -eu\n": `set -eu\n${environment}\n` })),
  );
  const backups = join(folder.path, "backups");
  const followed = new Promise<Run>((resolve) =>
    test.carillon.events.on("run.ended", ({ run }) => {
      if (run.taskId === "prune_backups") resolve(run);
    })
  );
  const { message } = await good(test, "backup", { database: server.database, folder: backups });
  assert.match(message ?? "", /carillon-\d{4}-\d\d-\d\d\.dump has \d+ bytes$/);
  const [{ name } = { name: "" }] = [...Deno.readDirSync(backups)];
  const { success } = await new Deno.Command(join(bin, "pg_restore"), {
    args: ["--list", join(backups, name)],
  })
    .output();
  assert.ok(success);
  // Its own folder is not that of the test.
  assert.equal((await followed).cause, "after");
  for (const day of ["01", "02", "03", "04"]) {
    const file = folder.write(`backups/shop-2026-01-${day}.dump`, "");
    Deno.utimeSync(file, new Date(`2026-01-${day}`), new Date(`2026-01-${day}`));
  }
  assert.equal((await good(test, "prune_backups", { folder: backups })).message, "2 removed, 3 kept");
  const missing = await ran(test, "backup", { database: "no_such", folder: backups });
  assert.match(missing.error?.message ?? "", /exit code 1: .*"no_such" does not exist/);
  assert.ok(
    ![...Deno.readDirSync(backups)].some((each) =>
      each.name.startsWith("no_such") && !each.name.endsWith(".part")
    ),
  );
});

Deno.test("housekeeping says which disk is full, removes old files only, and asks the sites", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => new Response("x", { status: new URL(request.url).pathname === "/healthz" ? 500 : 200 }),
  );
  const address = `http://127.0.0.1:${server.addr.port}/`;
  await using test = await startCarillon(
    exampleFiles(
      "housekeeping",
      replacing({ "https://example.com/": address, "https://shop.example.com/": address }),
    ),
  );
  const { queries } = test.carillon;
  assert.deepEqual(queries.tasks.ids(), ["check_home", "check_shop", "clean_up", "disk_space"]);
  const [disk] = (await good(test, "disk_space", { percent: "100", folders: "/,/tmp" })).run.result as {
    percent: number;
  }[];
  assert.ok(Number.isFinite(disk?.percent));
  assert.match(
    (await ran(test, "disk_space", { percent: "0" })).error?.message ?? "",
    /^\/.* is \d+ % full$/,
  );
  const old = test.folder.write("tmp/deep/old file.txt", "");
  Deno.utimeSync(old, new Date(0), new Date(0));
  test.folder.write("tmp/new.txt", "");
  const folder = join(test.folder.path, "tmp");
  assert.equal((await good(test, "clean_up", { folder })).message, "1 files older than 30 days removed");
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["deep", "new.txt"]);
  assert.match((await good(test, "check_home")).message ?? "", /^200 after \d+ ms$/);
});

Deno.test("chained_tasks hand their results on; what fails starts the alarm instead", async () => {
  await using test = await startCarillon(exampleFiles("chained_tasks"));
  const ended = (id: string) =>
    new Promise<Run>((resolve) => {
      const end = test.carillon.events.on("run.ended", ({ run }) => {
        if (run.taskId !== id) return;
        end();
        resolve(run);
      });
    });
  const loaded = ended("load");
  await good(test, "extract");
  assert.equal(
    (await loaded).message,
    `loaded {"rows":[{"city":"Uppsala","f":39.2},{"city":"Lund","f":48.2}]}`,
  );
  test.folder.write(
    "tasks/extract.ts",
    `import { defineTask } from "carillon"; export default defineTask({ run() { throw new Error("no") } });`,
  );
  await test.carillon.operations.reload({ channel: "page" });
  const alarm = ended("alarm");
  await ran(test, "extract");
  const lines = await test.carillon.queries.runs.lines((await alarm).id);
  assert.deepEqual(lines.map(({ text }) => text), ["extract failed: nothing was loaded"]);
});

Deno.test("many_tables has a task for each table, which copies it", async () => {
  await using test = await startCarillon(exampleFiles("many_tables"));
  assert.deepEqual(test.carillon.queries.tasks.ids(), ["copy_customers", "copy_products", "copy_stock"]);
  await rows(test, "shop", "INSERT INTO products VALUES (1, 'bell', 12.5), (2, 'rope', 3)");
  assert.equal((await good(test, "copy_products")).message, "2 rows");
  assert.equal((await good(test, "copy_products")).message, "2 rows");
  assert.deepEqual(await rows(test, "dwh", "SELECT name FROM products ORDER BY id"), [{ name: "bell" }, {
    name: "rope",
  }]);
});

Deno.test("file_inbox takes each new file, puts the wrong ones aside, and takes each once", async () => {
  const files = exampleFiles("file_inbox");
  await using test = await startCarillon({
    "dwh.sql": files["dwh.sql"] ?? "",
    "database.ini": files["database.ini"] ?? "",
    "inbox/a.csv": "\uFEFFsensor,at,value\r\ns1,2026-03-10T10:00:00,1.5\r\ns2,2026-03-10T10:00:00,2\r\n",
    "inbox/b.csv": "sensor,at,value\ns1,yesterday,3\n",
    "inbox/c.csv": "sensor,at,value\ns1,2026-03-10T10:00:00,9\n",
    "inbox/.d.csv": "half",
    "inbox/readme.txt": "",
  });
  const folder = join(test.folder.path, "inbox");
  const said = new Map<string, string>();
  const taken = (count: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = test.carillon.events.on("run.ended", ({ run }) => {
      said.set(basename(String(run.params.file)), run.message ?? run.error?.message ?? "");
      if (said.size < count) return;
      end();
      resolve();
    });
    return promise;
  };
  const three = taken(3);
  // The example's folder is that of the test, whose working folder is another one.
  const code = files["tasks/take_files.ts"] ?? "";
  assert.ok(code.includes(`"inbox/*.csv"`));
  test.folder.write("tasks/take_files.ts", code.replace(`"inbox/`, `"${folder}/`));
  await test.carillon.operations.reload({ channel: "page" });
  assert.deepEqual(test.carillon.queries.tasks.broken(), []);
  await passWhile(three, test.clock, { seconds: 2 });
  assert.equal(said.get("a.csv"), "2 rows");
  assert.match(said.get("b.csv") ?? "", /^line 2: at: /);
  assert.equal(said.get("c.csv"), "1 rows");
  const four = taken(4);
  test.folder.write("inbox/e.csv", "sensor,at,value\ns3,2026-03-10T10:00:00,4\n");
  await passWhile(four, test.clock, { seconds: 2 });
  assert.equal(said.get("e.csv"), "1 rows");
  assert.deepEqual(await rows(test, "dwh", "SELECT sensor FROM readings ORDER BY sensor"), [
    { sensor: "s1" },
    { sensor: "s2" },
    { sensor: "s3" },
  ]);
  const names = (below: string) => [...Deno.readDirSync(join(folder, below))].map(({ name }) => name).sort();
  assert.deepEqual(names("wrong"), ["b.csv"]);
  assert.deepEqual(names("done"), ["a.csv", "c.csv", "e.csv"]);
  assert.deepEqual(names(""), [".d.csv", "done", "readme.txt", "wrong"]);
});

Deno.test("commands: a Python script and a line of the shell are tasks", async () => {
  await using test = await startCarillon({
    ...exampleFiles("commands"),
    "in/a.csv": "1\n2\n",
    "in/b.csv": "1\n",
  });
  const folder = join(test.folder.path, "in");
  const { run, lines } = await good(test, "count_lines", { folder });
  assert.deepEqual(run.result, { "a.csv": 2, "b.csv": 1 });
  assert.equal(run.message, "2 files, 3 lines");
  assert.deepEqual(lines.slice(0, 2), ["50% a.csv", "100% b.csv"]);
  assert.equal((await good(test, "archive", { folder })).message, `${folder}.tar.gz`);
  assert.ok(Deno.statSync(`${folder}.tar.gz`).size > 0);
  assert.match((await ran(test, "archive", { folder: "/no/such" })).error?.message ?? "", /exit code 2/);
});

Deno.test("reminders: an order plans its reminder, which is run at its moment", async () => {
  await using test = await startCarillon(exampleFiles("reminders"));
  await good(test, "new_order", { order: "17", days: "-1" });
  const reminded = await new Promise<Run>((resolve) => {
    test.carillon.events.on("run.ended", ({ run }) => run.taskId === "remind" && resolve(run));
    void good(test, "new_order", { order: "18", days: "-100000" });
  });
  assert.match(reminded.message ?? "", /^order 1[78] is not paid yet$/);
  assert.equal(reminded.cause, "planned");
});

Deno.test("every example has a row in examples/README.md, and every row an example", () => {
  const text = Deno.readTextFileSync(new URL("../../examples/README.md", import.meta.url));
  const listed = [...text.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name).sort();
  const there = [...Deno.readDirSync(new URL("../../examples/", import.meta.url))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => basename(name)).sort();
  assert.deepEqual(listed, there);
});
