/**
 * The kinds of holes that Cronicle and XXL-JOB had, tried on every route there is:
 *
 * - logs of others by the id of a run (Cronicle issue 847, XXL-JOB issue 3771), files by the path of a log
 * - requests that the server is made to send (CVE-2022-43183, CVE-2024-24113: an address among the parameters)
 * - code that comes by a request (XXL-JOB's GLUE tasks and default token, Cronicle's shell plug-in)
 * - changes by GET, or from another site; redirects to elsewhere; fields of the answer that a request writes
 * - files that other users of the machine can read (Cronicle issue 389)
 *
 * Markup (Cronicle issues 752, 755, 930, 931; XXL-JOB issue 3329) has a test of its own: tests/e2e/injection_test.ts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createWebApp } from "../../app/web/server.ts";
import { startRun, startStill, type TestCarillon } from "../support/carillon.ts";

const FILES = {
  "tasks/a.ts": `import { defineTask, every, z } from "carillon";
export default defineTask({
  trigger: every("1h"), params: z.object({ text: z.string().default("x") }),
  run({ params, log }) { log.info("of a"); return params.text; },
});`,
  "tasks/b.ts": `import { defineTask } from "carillon";
export default defineTask({ run({ log }) { log.info("of b"); } });`,
  "secret.txt": "the content of a file",
  "database.ini": "[here]\ntype = sqlite\ndatabase = here.db\n",
};
const OPTIONS = { keepsHostReady: false, flags: { "datasource-file": "database.ini" } };
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

interface RouteOf {
  readonly method: string;
  readonly path: string;
}

function routesOf({ carillon: { operations, queries, auth } }: TestCarillon): readonly RouteOf[] {
  const web = createWebApp({ operations, queries, auth, journal: SILENT, version: "1" });
  const all = web.routes.filter(({ path, method }) => !/^\/?\*$/.test(path) && method !== "ALL");
  return [...new Map(all.map(({ method, path }) => [`${method} ${path}`, { method, path }])).values()];
}

/** An address of the route, with these in the places of what is named. */
function addressOf({ path }: RouteOf, id: string): string {
  return path.replaceAll(/:[^/]+/g, encodeURIComponent(id));
}

/** A request with all that a handler might look for, in its address, its fields and its body. */
function ask(
  app: TestCarillon,
  route: RouteOf,
  id: string,
  values: Readonly<Record<string, string>>,
  more: HeadersInit = {},
) {
  const isQuestion = route.method === "GET" || route.method === "HEAD";
  return app.fetch(`${addressOf(route, id)}?${new URLSearchParams(values)}`, {
    method: route.method,
    headers: { ...Object.fromEntries(new Headers(more)) },
    redirect: "manual",
    ...(isQuestion ? {} : { body: new URLSearchParams(values) }),
  });
}

Deno.test("no id of a run leads to a file, to another run's log, or to the log of another task", async () => {
  await using app = await startStill(FILES, OPTIONS);
  const [a, b] = [await startRun(app, "a"), await startRun(app, "b")];
  await app.ended(a.id);
  await app.ended(b.id);
  const own = await app.fetch(`/runs/${a.id}/log.txt`);
  assert.match(await own.text(), /of a/);
  const shifted = b.id.slice(0, -1) + (b.id.endsWith("0") ? "1" : "0");
  const ids = [
    "../secret.txt",
    "..%2fsecret.txt",
    "../../secret.txt",
    join(app.folder.path, "secret.txt"),
    `${a.id}/../${b.id}/../../secret.txt`,
    `${a.id}\0`,
    `${a.id} `,
    a.id.toUpperCase(),
    a.id.slice(0, 20),
    `${a.id.slice(0, 20)}%`,
    `${a.id.slice(0, 20)}*`,
    shifted,
    "' OR '1'='1",
    "0",
    "-1",
    "null",
    "__proto__",
  ];
  const routes = routesOf(app).filter(({ path }) => /\/runs\/:id/.test(path));
  assert.ok(routes.some(({ path }) => path.endsWith("log.txt")));
  for (const route of routes) {
    for (const id of ids) {
      const answer = await ask(app, route, id, {});
      const text = await answer.text();
      assert.ok(
        answer.status === 404 || (answer.status === 303 && text === ""),
        `${route.path} ${id}: ${answer.status}`,
      );
      assert.doesNotMatch(text, /the content of a file|of a\b|of b\b/, `${route.path} ${id}`);
    }
  }
  assert.equal((await app.fetch(`/tasks/a/run?as=${b.id}`)).status, 404);
  assert.equal((await app.fetch("/tasks/..%2fsecret.txt/source")).status, 404);
  assert.equal((await app.fetch("/tasks/%2e%2e%2f%2e%2e%2fsecret/source")).status, 404);
});

Deno.test("nothing that a request says makes Carillon connect to anywhere", async () => {
  await using app = await startStill(FILES, OPTIONS);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const accepting = (async () => {
    for await (const conn of listener) {
      connections++;
      conn.close();
    }
  })();
  const port = listener.addr.port;
  const url = `http://127.0.0.1:${port}/`;
  const names = [
    ...["url", "address", "addressList", "executorAddress", "executorParam", "host", "target", "callback"],
    ...["webhook", "back", "next", "redirect", "proxy", "base_url", "database", "name", "param.text", "text"],
  ];
  const values = Object.fromEntries(names.map((name) => [name, url]));
  const fields = {
    "x-forwarded-host": `127.0.0.1:${port}`,
    "x-forwarded-for": "127.0.0.1",
    forwarded: `host=127.0.0.1:${port}`,
    referer: url,
    "hx-current-url": url,
    "xxl-job-access-token": "default_token",
  };
  for (const route of routesOf(app)) {
    for (const id of ["a", url, `127.0.0.1:${port}`]) {
      const answer = await ask(app, route, id, values, fields);
      await answer.body?.cancel();
      assert.ok(answer.status < 500, `${route.method} ${route.path}: ${answer.status}`);
    }
  }
  for (const run of app.carillon.queries.runs.unfinished()) await app.ended(run.id);
  listener.close();
  await accepting.catch(() => {});
  assert.equal(connections, 0);
});

Deno.test("no request writes a file of tasks, a setting, or anything beside the data folder", async () => {
  await using app = await startStill(FILES, OPTIONS);
  const before = filesIn(app.folder.path);
  const code =
    'import { defineTask } from "carillon"; export default defineTask({ run: () => Deno.exit(1) });';
  const names = [
    "script",
    "code",
    "source",
    "glueSource",
    "glueType",
    "command",
    "shell",
    "file",
    "path",
    "content",
    "task",
  ];
  const values = Object.fromEntries(names.map((name) => [name, code]));
  for (const route of routesOf(app)) {
    for (const id of ["a", "../tasks/new", "new.ts"]) {
      await (await ask(app, route, id, values)).body?.cancel();
    }
  }
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    for (const path of ["/tasks/a", "/tasks/a/source", "/tasks/new", "/api/v1/tasks/new", "/tasks/a.ts"]) {
      const answer = await app.fetch(path, { method, body: code });
      await answer.body?.cancel();
      assert.ok(answer.status === 404 || answer.status === 405, `${method} ${path}: ${answer.status}`);
    }
  }
  for (const run of app.carillon.queries.runs.unfinished()) await app.ended(run.id);
  assert.deepEqual(filesIn(app.folder.path), before);
});

Deno.test("nothing changes by GET or HEAD, and nothing at all from another site", async () => {
  await using app = await startStill(FILES, OPTIONS);
  const run = await startRun(app, "a");
  await app.ended(run.id);
  const { queries } = app.carillon;
  const state = async () => ({
    revision: queries.system.revision,
    runs: (await queries.runs.search({ limit: 100 })).map(({ id, status }) => `${id} ${status}`),
    paused: queries.tasks.all().map(({ paused }) => paused),
  });
  const before = await state();
  const values = {
    question: "q",
    language: "zh",
    theme: "dark",
    task: "a",
    from: "2026-03-01",
    to: "2026-03-02",
  };
  const routes = routesOf(app);
  for (const route of routes.filter(({ method }) => method === "GET" || method === "HEAD")) {
    for (const id of ["a", run.id]) await (await ask(app, route, id, values)).body?.cancel();
  }
  assert.deepEqual(await state(), before);
  const sites: HeadersInit[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:8399" },
    { origin: "http://localhost.evil.example:8398" },
    { origin: "http://localhost:8398@evil.example" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  const changing = routes.filter(({ method }) => !["GET", "HEAD", "OPTIONS"].includes(method));
  assert.ok(changing.length > 10);
  for (const route of changing) {
    for (const site of sites) {
      const answer = await ask(app, route, "a", values, site);
      assert.equal(answer.status, 403, `${route.method} ${route.path} ${JSON.stringify(site)}`);
      await answer.body?.cancel();
    }
  }
  assert.deepEqual(await state(), before);
});

Deno.test("no answer leads to another site, or has a field that the request wrote", async () => {
  await using app = await startStill(FILES, OPTIONS);
  const odd = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "/%2fevil.example/..",
    "javascript:alert(1)",
    "/x\r\nset-cookie: evil=1",
    "/x%0d%0aset-cookie: evil=1",
    "\u560d\u560aset-cookie: evil=1",
  ];
  const names = ["back", "next", "url", "redirect", "q", "status", "tag", "day", "as", "before", "level"];
  for (const route of routesOf(app)) {
    for (const value of odd) {
      const values = {
        ...Object.fromEntries(names.map((name) => [name, value])),
        language: "zh",
        theme: "dark",
      };
      const answer = await ask(app, route, value, values, { "hx-request": "true" });
      await answer.body?.cancel();
      const what = `${route.method} ${route.path} ${JSON.stringify(value)}`;
      for (const name of ["location", "hx-replace-url", "hx-redirect", "hx-location", "content-location"]) {
        const place = answer.headers.get(name);
        if (place !== null) {
          assert.equal(new URL(place, "http://localhost:8398").host, "localhost:8398", `${what}: ${place}`);
        }
      }
      assert.doesNotMatch(answer.headers.get("set-cookie") ?? "", /evil/, what);
      assert.doesNotMatch(answer.headers.get("content-disposition") ?? "", /[\r\n]|evil/, what);
    }
  }
});

Deno.test("every answer says what browsers may do with it, and none is kept where others could find it", async () => {
  await using app = await startStill(FILES, OPTIONS);
  const run = await startRun(app, "a");
  await app.ended(run.id);
  const wrong: RouteOf[] = [{ method: "GET", path: "/nothing" }, { method: "GET", path: "/tasks/a/x.css" }, {
    method: "PUT",
    path: "/",
  }];
  for (const route of [...routesOf(app), ...wrong]) {
    const id = route.path.includes("/runs/") ? run.id : "a";
    const answer = await ask(app, route, id, {});
    await answer.body?.cancel();
    const what = `${route.method} ${route.path}`;
    const { headers } = answer;
    const policy = headers.get("content-security-policy") ?? "";
    for (
      const part of [
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
      ]
    ) {
      assert.ok(policy.includes(part), `${what}: ${policy}`);
    }
    assert.doesNotMatch(policy, /unsafe|\*|data:/, what);
    assert.equal(headers.get("x-content-type-options"), "nosniff", what);
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", what);
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", what);
    assert.equal(headers.get("referrer-policy"), "same-origin", what);
    assert.equal(headers.get("access-control-allow-origin"), null, what);
    assert.equal(headers.get("server"), null, what);
    assert.equal(headers.get("x-powered-by"), null, what);
    const isAsset = route.path.startsWith("/assets/") || /^\/(?:favicon|manifest|robots)/.test(route.path);
    if (!isAsset && answer.status === 200) {
      assert.match(
        headers.get("cache-control") ?? "(none)",
        /private|no-store/,
        `${what}: ${headers.get("cache-control")}`,
      );
    }
  }
});

Deno.test("a window that another site opened is out of its hold, and a visitor who came by himself does not wait for that", async () => {
  await using test = await startStill({});
  const policy = async (headers: Readonly<Record<string, string>>) => {
    const answer = await test.fetch("/", { headers });
    await answer.body?.cancel();
    return answer.headers.get("cross-origin-opener-policy");
  };
  for (const site of ["cross-site", "same-site", "NONE", ""]) {
    assert.equal(await policy({ "sec-fetch-site": site }), "same-origin", site);
  }
  for (const site of ["none", "same-origin"]) {
    assert.equal(await policy({ "sec-fetch-site": site }), null, site);
  }
});

Deno.test({
  name: "what Carillon keeps is for its own user alone",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using app = await startStill(FILES, {
      flags: { ...OPTIONS.flags, "history-file": "data/history.db" },
    });
    const run = await startRun(app, "a");
    await app.ended(run.id);
    const data = Deno.statSync(app.config.scheduler.data);
    assert.equal((data.mode ?? 0) & 0o077, 0);
  },
});

/** What a stranger could have changed: names, sizes and times; the data folder and databases left out. */
function filesIn(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(join(folder, below))].toSorted((a, b) => a.name < b.name ? -1 : 1).flatMap(
    ({ name, isDirectory }) => {
      const path = join(below, name);
      if (path === "data" || /\.db(?:-\w+)?$/.test(name)) return [];
      if (isDirectory) return filesIn(folder, path);
      const { size, mtime } = Deno.statSync(join(folder, path));
      return [`${path} ${size} ${mtime?.getTime()}`];
    },
  );
}
