/// <reference lib="dom" />
/** Markup in every field that a person, a task, a file or a database can fill, over all pages, in a real browser. */
import assert from "node:assert/strict";
import {
  type Browser,
  type BrowserContextOptions,
  browserProgram,
  launchBrowser,
  type Page,
} from "../support/browser.ts";
import { logged } from "../support/carillon.ts";
import { startServer, type TestServer } from "../support/web_server.ts";

const ignore = browserProgram() === undefined && Deno.env.get("CI") !== "true";

/** Most pages that are visited by following links. */
const MOST_PAGES = 120;

/** Ends whatever it stands in: text, an attribute, a script, a style, a comment; then an element that nothing of ours makes. */
const payload = (field: string) =>
  `'"\`></textarea></script></style></title>--><xss-probe id=${field}><img src=x onerror="alert('${field}')">{{7*7}}`;

const js = (field: string) => JSON.stringify(payload(field));

const TASKS = {
  "tasks/evil.ts": `import { cron, defineTask, z } from "carillon";
export default defineTask({
  title: { en: ${js("title")}, zh: ${js("title")} },
  description: ${js("description")},
  tags: ['"><xss-probe id=tag>'],
  trigger: cron({ hour: 5, timezone: "UTC" }),
  locks: [${js("lock")}],
  permissions: { net: true, read: [${js("path")}], write: true, env: true, run: true },
  params: z.object({
    text: z.string().default(${js("default")}).describe(${js("describe")}),
    choice: z.enum([${js("enum")}, "b"]).default("b"),
    [${js("name")}]: z.string().optional(),
    strict: z.string().optional().refine((value) => value !== "bad", ${js("issue")}),
  }),
  run({ params, log }) {
    for (const level of ["debug", "info", "warn", "error"]) log[level](${js("log")}, { value: ${
    js("logged")
  } });
    log.info("\\u001b[31m" + ${
    js("ansi")
  } + "\\u001b[0m \\u001b]8;;javascript:alert(1)\\u0007link\\u001b]8;;\\u0007");
    console.log(${js("console")});
    return ${js("message")} + params.text;
  },
});`,
  "tasks/fails.ts": `import { defineTask, every } from "carillon";
export default defineTask({
  title: "Fails", trigger: every("1h"),
  run() {
    const error = new Error(${js("error")});
    error.name = ${js("errorname")};
    error.stack = error.name + ": " + error.message + "\\n    at " + ${js("frame")};
    throw error;
  },
});`,
  "tasks/asks.ts": `import { defineTask, query } from "carillon";
export default defineTask({
  title: "Asks a database", tags: ["db"],
  async run() {
    const [row] = await query("here", "SELECT ? AS answer", [${js("row")}]);
    return String(row.answer);
  },
});`,
  "tasks/wrong.ts": `import { defineTask, query } from "carillon";
export default defineTask({
  title: "Asks wrongly",
  run: () => query("here", 'SELECT * FROM "' + ${js("table")}.replaceAll('"', "") + '"'),
});`,
  "tasks/lasts.ts": `import { defineTask } from "carillon";
export default defineTask({
  title: "Lasts",
  async run({ progress, log, signal }) {
    progress(0.5, ${js("note")});
    log.info("begun");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
});`,
  "tasks/script.sh": `#!/bin/sh
# carillon: timeout=10m
printf '%s\\n' '${payload("stdout").replaceAll("'", "")}'
printf '%s\\n' '${payload("stderr").replaceAll("'", "")}' >&2
`,
  [`tasks/${payload("file").replaceAll("/", "")}.ts`]: `export default { ${payload("source")} `,
};

const FILES = {
  ...TASKS,
  "database.ini":
    `[here]\ntype = sqlite\ndatabase = here.db\n[${payload("section").replaceAll(/[\[\]]/g, "")}]\n` +
    `type = postgresql\nhost = 127.0.0.1\nport = 1\ndatabase = x\nuser = ${
      payload("user")
    }\npassword = abc\nconnect_timeout = 1\n`,
};

/** Fields that are shown on no page by themselves, with why. */
const NOT_SHOWN: Readonly<Record<string, string>> = {
  user: "a database's user stands on no page",
};

/** Everything that a person can type into an address. */
function typed(): string[] {
  const text = encodeURIComponent(payload("typed"));
  return [
    `/?q=${text}`,
    `/?status=${text}`,
    `/?span=${text}`,
    `/tasks?q=${text}&tag=${text}&group=${text}`,
    `/tasks?tag=${text}`,
    `/tasks/${text}`,
    `/tasks/evil/run?as=${text}`,
    `/tasks/evil/year?year=${text}`,
    `/tasks/evil?before=${text}`,
    `/tasks/evil?q=${text}`,
    `/runs?q=${text}&task=${text}`,
    `/runs?status=${text}`,
    `/runs?from=${text}&to=${text}`,
    `/runs?before=${text}`,
    `/runs/${text}`,
    `/search?q=${text}`,
    `/timeline?day=${text}`,
    `/timeline?day=2026-03-10&view=${text}&tag=${text}`,
    `/deliveries?before=${text}`,
    `/selected/acknowledge?task=evil&cause=${text}`,
    `/pause?q=${text}`,
    `/report?from=${text}`,
    `/${text}`,
    `/system/${text}`,
  ];
}

/** Runs of all tasks, and what people write about them. */
async function fill({ app }: TestServer): Promise<AsyncDisposable> {
  const { operations } = app.carillon;
  const person = { channel: "page", name: payload("person"), address: payload("address") } as const;
  const start = async (id: string, params: [string, string][] = []) => {
    const answer = await operations.run(person, id, params);
    assert.ok(answer.ok, `${id}: ${JSON.stringify(answer)}`);
    return await app.ended(answer.run.id);
  };
  const evil = await start("evil", [["text", payload("param")], ["choice", payload("enum")]]);
  assert.equal(evil.status, "succeeded", JSON.stringify(evil));
  for (const id of ["fails", "asks", "wrong", "script"]) await start(id);
  const today = await (await app.fetch("/")).text();
  const cause = /acknowledge\?[^"]*?cause=([^"&]+)/.exec(today)?.[1];
  assert.ok(cause, "the first page has something to acknowledge");
  const note = { method: "POST", body: new URLSearchParams({ note: payload("acknowledgement") }) };
  const acknowledged = await app.fetch(`/selected/acknowledge?task=fails&cause=${cause}`, note);
  assert.equal(acknowledged.status, 303, await acknowledged.text());
  const paused = await app.fetch("/tasks/evil/pause", {
    method: "POST",
    body: new URLSearchParams({ until: "", note: payload("pausenote") }),
  });
  assert.equal(paused.status, 303, await paused.text());
  const lasting = await operations.run(person, "lasts", []);
  assert.ok(lasting.ok);
  const { id } = lasting.run;
  await logged(app, id, "begun");
  return {
    async [Symbol.asyncDispose]() {
      await operations.cancel(person, id);
      await app.ended(id);
    },
  };
}

interface Found {
  readonly elements: string[];
  readonly handlers: string[];
  readonly addresses: string[];
  readonly text: string;
  readonly links: string[];
}

/** What of the payloads has become part of the page, and where it leads. */
function look(page: Page): Promise<Found> {
  return page.evaluate(() => {
    const all = [...document.querySelectorAll("*")];
    const isOurs = (address: string) => address.startsWith(`${location.origin}/`);
    return {
      elements: all.filter((each) =>
        each.localName === "xss-probe" || each.localName === "base" || each.localName === "iframe" ||
        (each instanceof HTMLImageElement && !isOurs(each.src)) ||
        (each instanceof HTMLScriptElement && !isOurs(each.src))
      ).map((each) => each.outerHTML.slice(0, 200)),
      handlers: all.flatMap((each) => [...each.attributes]).filter(({ name }) => /^(?:on|hx-on)/.test(name))
        .map(({ name, value }) => `${name}=${value}`),
      addresses: all.flatMap((each) => [...each.attributes])
        .filter(({ name, value }) =>
          /^(?:href|src|action|formaction|hx-\w+)$/.test(name) &&
          /^\s*(?:javascript|data|vbscript):/i.test(value)
        )
        .map(({ name, value }) => `${name}=${value}`),
      text: document.documentElement.outerHTML,
      links: [...document.querySelectorAll("a[href]")]
        .map((each) => new URL(each.getAttribute("href") ?? "", location.href).href).filter(isOurs),
    };
  });
}

Deno.test({
  name: "markup in every field stays text, on every page, in both languages",
  ignore,
  async fn() {
    await using server = await startServer(FILES, { flags: { "datasource-file": "database.ini" } });
    const { queries } = server.app.carillon;
    assert.equal(queries.tasks.broken().length, 1, JSON.stringify(queries.tasks.broken()));
    await using _filled = await fill(server);
    const address = `http://127.0.0.1:${server.port}`;
    const browser: Browser = await launchBrowser();
    try {
      const { context, page, alarms } = await watchedPage(browser, { locale: "en-GB" });
      const shown = new Set<string>();
      const seen = new Set<string>();
      const visit = async (url: string): Promise<string[]> => {
        const answer = await page.goto(url);
        assert.ok((answer?.status() ?? 500) < 500, `${url}: ${answer?.status()}`);
        if (!(answer?.headers()["content-type"] ?? "").startsWith("text/html")) return [];
        const { elements, handlers, addresses, text, links } = await look(page);
        assert.deepEqual({ url, elements, handlers, addresses, alarms }, {
          url,
          elements: [],
          handlers: [],
          addresses: [],
          alarms: [],
        });
        for (const [, field = ""] of text.matchAll(/xss-probe id=(\w+)/g)) shown.add(field);
        return links;
      };
      const waiting = [
        "/",
        "/tasks",
        "/runs",
        "/timeline",
        "/system",
        "/deliveries",
        "/search?q=xss-probe",
        "/tasks/evil/run",
      ]
        .map((path) => `${address}${path}`);
      for (let url = waiting.shift(); url !== undefined && seen.size < MOST_PAGES; url = waiting.shift()) {
        const place = url.replace(/#.*$/, "");
        // A file is downloaded, not shown.
        if (seen.has(place) || /\/log\.txt$/.test(place)) continue;
        seen.add(place);
        waiting.push(...await visit(place));
      }
      for (const path of typed()) await visit(`${address}${path}`);
      assert.ok(seen.size > 40, `only ${seen.size} pages were found`);

      // Forms: what is refused comes back in the page, and what a schema says of it.
      await page.goto(`${address}/tasks/evil/run`);
      await page.fill('[name="param.strict"]', "bad");
      await page.fill('[name="param.text"]', payload("refilled"));
      await page.locator('form[action="/tasks/evil/run"] button[type="submit"], form button.primary').first()
        .click();
      await page.getByText("xss-probe id=issue").first().waitFor();
      assert.deepEqual((await look(page)).elements, []);
      for (const [, field = ""] of (await look(page)).text.matchAll(/xss-probe id=(\w+)/g)) shown.add(field);

      // The databases are tried, and what they say comes into the page.
      await page.goto(`${address}/system`);
      for (const button of await page.locator('form[action^="/system/databases/"] button').all()) {
        await button.click();
      }
      await page.waitForLoadState("networkidle");
      assert.deepEqual((await look(page)).elements, []);

      await context.addCookies([{ name: "carillon_language", value: "zh", url: address }]);
      for (
        const path of ["/", "/tasks", "/tasks/evil", "/tasks/evil/run", "/tasks/fails", "/runs", "/system"]
      ) {
        await visit(`${address}${path}`);
      }
      assert.deepEqual(alarms, []);

      const fields = [...JSON.stringify(FILES).matchAll(/xss-probe id=(\w+)/g)].map(([, field = ""]) =>
        field
      );
      const missing = [...new Set([...fields, "param", "typed", "acknowledgement", "pausenote", "refilled"])]
        .filter((field) => !shown.has(field) && !Object.hasOwn(NOT_SHOWN, field));
      assert.deepEqual(missing, [], "these fields were on no page: the test does not try them");
    } finally {
      await browser.close();
    }
  },
});

/** A page that notes dialogs and what its policy has refused. */
async function watchedPage(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const alarms: string[] = [];
  page.on("dialog", (dialog) => {
    alarms.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) {
      alarms.push(`${page.url()}: ${message.text()}`);
    }
  });
  return { context, page, alarms };
}

/** Fails where anything of the payloads has become part of the page; answers with the fields that it shows as text. */
async function expectText(page: Page): Promise<ReadonlySet<string>> {
  const { elements, handlers, addresses, text } = await look(page);
  assert.deepEqual({ url: page.url(), elements, handlers, addresses }, {
    url: page.url(),
    elements: [],
    handlers: [],
    addresses: [],
  });
  return new Set([...text.matchAll(/xss-probe id=(\w+)/g)].map(([, field = ""]) => field));
}

Deno.test({
  name: "markup in a browser's name, a wrong name and the way back stays text where people sign in",
  ignore,
  async fn() {
    await using server = await startServer({}, { ini: "[auth]\nmode = password\n" });
    const browser = await launchBrowser();
    try {
      const address = `http://127.0.0.1:${server.port}`;
      const { page, alarms } = await watchedPage(browser, { userAgent: payload("agent") });
      const secret = server.app.carillon.auth.setup?.secret ?? "";
      await page.goto(`${address}/setup/${encodeURIComponent(payload("link"))}`);
      await expectText(page);
      await page.goto(`${address}/setup/${secret}`);
      await page.fill('[name="name"]', "anna");
      for (const field of await page.locator('input[type="password"]').all()) {
        await field.fill("correct horse 1");
      }
      await page.locator('form:has(input[type="password"]) button[type="submit"]').click();
      await page.waitForURL(`${address}/`);
      await page.goto(`${address}/account`);
      assert.ok((await expectText(page)).has("agent"));
      const stranger = await watchedPage(browser);
      await stranger.page.goto(`${address}/sign-in?back=${encodeURIComponent(payload("back"))}`);
      await expectText(stranger.page);
      await stranger.page.fill('[name="name"]', payload("wrongname"));
      await stranger.page.fill('input[type="password"]', payload("password"));
      await stranger.page.locator('form:has(input[type="password"]) button[type="submit"]').click();
      await stranger.page.waitForLoadState();
      await expectText(stranger.page);
      assert.deepEqual([...alarms, ...stranger.alarms], []);
    } finally {
      await browser.close();
    }
  },
});

Deno.test({
  name: "markup in the name and groups that a proxy gives stays text on every page",
  ignore,
  async fn() {
    const roles = "[auth]\nmode = proxy\n[role:admin]\nusers = *\n";
    await using server = await startServer(FILES, {
      ini: roles,
      flags: { "datasource-file": "database.ini" },
    });
    const browser = await launchBrowser();
    try {
      const address = `http://127.0.0.1:${server.port}`;
      const { page, alarms } = await watchedPage(browser, {
        extraHTTPHeaders: { "X-Remote-User": payload("proxyname"), "X-Remote-Groups": payload("group") },
      });
      const shown = new Set<string>();
      for (const path of ["/", "/tasks", "/runs", "/account", "/system", "/sign-in"]) {
        await page.goto(`${address}${path}`);
        for (const field of await expectText(page)) shown.add(field);
      }
      assert.ok(shown.has("proxyname"), [...shown].join());
      assert.deepEqual(alarms, []);
    } finally {
      await browser.close();
    }
  },
});

Deno.test({
  name: "what programs read is never taken for a page",
  async fn() {
    await using server = await startServer(FILES, { flags: { "datasource-file": "database.ini" } });
    await using _filled = await fill(server);
    const [run] = await server.app.carillon.queries.runs.recent("evil");
    const text = encodeURIComponent(payload("typed"));
    const asked = [
      "/jobs",
      "/api/v1/runs",
      `/api/v1/runs/${run?.id}`,
      `/api/v1/runs/${text}`,
      `/api/${text}?format=html&callback=${text}`,
      `/jobs?callback=${text}`,
      `/runs/${run?.id}/log.txt`,
      "/metrics",
    ];
    for (const path of asked) {
      const answer = await server.app.fetch(path, { headers: { accept: "text/html" } });
      await answer.body?.cancel();
      assert.match(
        answer.headers.get("content-type") ?? "",
        /^(?:application\/(?:problem\+)?json|text\/plain)/,
        path,
      );
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff", path);
      assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/, path);
    }
    const started = await server.app.fetch(`/trigger/${text}`, { method: "POST" });
    assert.equal(started.status, 404);
    assert.match(started.headers.get("content-type") ?? "", /^application\/(?:problem\+)?json/);
    await started.body?.cancel();
  },
});
