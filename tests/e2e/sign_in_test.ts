/// <reference lib="dom" />
/** The executable, and people who sign in with a real browser: by password, by a proxy, at a provider. */
import assert from "node:assert/strict";
import { createServer, request as ask } from "node:http";
import { once } from "node:events";
import { type BinaryRun, hasBinary, runBinary, startBinary } from "../support/binary.ts";
import { violations } from "../support/axe.ts";
import {
  type Browser,
  type BrowserContext,
  browserProgram,
  launchBrowser,
  type Page,
} from "../support/browser.ts";
import { startOidcProvider } from "../support/oidc_provider.ts";

const inCI = Deno.env.get("CI") === "true";
const ignore = !hasBinary() || (browserProgram() === undefined && !inCI);

const GREET = `import { defineTask } from "carillon";
export default defineTask({ title: "Greet", run: ({ log }) => { log.info("<b>hello</b>"); return "hello"; } });`;
const PASSWORD = "a few words in a row";
const FILES = { "tasks/greet.ts": GREET };

async function withBrowser(work: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await launchBrowser();
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function setupLink(app: BinaryRun): Promise<string> {
  await app.logged(/\/setup\/[\w-]+/);
  return /https?:\/\/\S+\/setup\/[\w-]+/.exec(app.log())?.[0] ?? "";
}

async function enter(page: Page, address: string, name: string, password = PASSWORD): Promise<void> {
  await page.goto(`${address}/sign-in`);
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(password);
  await page.locator("form.sign-card button[type=submit]").click();
}

/** Nothing is wider than the window. */
async function fits(page: Page): Promise<void> {
  const [inner, whole] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
  assert.ok((whole ?? 0) <= (inner ?? 0), `${page.url()}: ${whole} in ${inner}`);
}

Deno.test({
  name: "by password: the first administrator, a run, the way out and in again",
  ignore,
  fn: () =>
    withBrowser(async (browser) => {
      await using app = await startBinary({ ...FILES, "carillon.ini": "[auth]\nmode = password\n" });
      const link = await setupLink(app);
      const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
      await page.goto(app.address);
      await page.getByText("There are no users yet").waitFor();
      await page.goto(link);
      await page.locator("#name").fill("Anna");
      await page.locator("#new-password").fill(PASSWORD);
      await page.getByRole("button", { name: "Make the administrator" }).click();
      await page.getByRole("button", { name: "Run Greet" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Run now" }).click();
      await page.getByText("hello").first().waitFor();
      await page.getByRole("button", { name: "Menu" }).click();
      await page.getByRole("link", { name: "Account of anna" }).click();
      await page.getByText("This browser").waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole("button", { name: "Menu" }).click();
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await page.waitForURL(/\/sign-in$/);
      await page.goto(`${app.address}/tasks?q=greet`);
      await page.waitForURL(/\/sign-in\?back=/);
      await page.locator("#name").fill("anna");
      await page.locator("#password").fill("wrong");
      await page.locator("form.sign-card button[type=submit]").click();
      await page.getByText("The name or the password is wrong.").waitFor();
      await page.locator("#password").fill(PASSWORD);
      await page.locator("form.sign-card button[type=submit]").click();
      await page.waitForURL(/\/tasks\?q=greet$/);
      await page.goto(link);
      await page.getByText("This link leads nowhere").waitFor();
    }),
});

Deno.test({
  name: "the pages of signing in are good in light, dark and Chinese, on a phone, and without a script",
  ignore,
  fn: () =>
    withBrowser(async (browser) => {
      await using app = await startBinary({ ...FILES, "carillon.ini": "[auth]\nmode = password\n" });
      const added = await runBinary(
        ["user", "add", "vera", "--role", "viewer"],
        app.folder.path,
        `${PASSWORD}\n`,
      );
      assert.equal(added.code, 0, added.stderr);
      const contexts: [string, Promise<BrowserContext>][] = [
        [
          "Sign in",
          browser.newContext({
            locale: "en-GB",
            colorScheme: "light",
            viewport: { width: 360, height: 700 },
          }),
        ],
        [
          "登录",
          browser.newContext({ locale: "zh-CN", colorScheme: "dark", viewport: { width: 360, height: 700 } }),
        ],
        [
          "Sign in",
          browser.newContext({
            locale: "en-GB",
            colorScheme: "dark",
            viewport: { width: 1280, height: 800 },
          }),
        ],
      ];
      for (const [title, opened] of contexts) {
        const page = await (await opened).newPage();
        await page.goto(`${app.address}/sign-in`);
        await page.getByRole("heading", { name: title }).waitFor();
        await fits(page);
        assert.deepEqual(await violations(page), []);
        await enter(page, app.address, "vera");
        await page.goto(`${app.address}/account`);
        await fits(page);
        assert.deepEqual(await violations(page), []);
      }
      const plain = await (await browser.newContext({ javaScriptEnabled: false, locale: "en-GB" })).newPage();
      await enter(plain, app.address, "vera");
      await plain.getByText("Greet").first().waitFor();
      await plain.goto(`${app.address}/tasks/greet/run`);
      await plain.getByRole("button", { name: "Run now" }).click();
      await plain.getByText("takes the right").waitFor();
      assert.equal((await runBinary(["user", "role", "vera", "operator"], app.folder.path)).code, 0);
      await plain.goto(`${app.address}/tasks/greet/run`);
      await plain.getByRole("button", { name: "Run now" }).click();
      await plain.waitForURL(/\/runs\/[\w-]+$/);
    }),
});

Deno.test({
  name: "by a proxy that says who it is",
  ignore,
  fn: () =>
    withBrowser(async (browser) => {
      await using app = await startBinary({
        ...FILES,
        "carillon.ini": "[auth]\nmode = proxy\n[role:operator]\ngroups = ops\n",
      });
      const { port } = new URL(app.address);
      // A proxy with a sign-in of its own, as nginx with auth_request is.
      const proxy = createServer((incoming, answer) => {
        const headers = { ...incoming.headers, "x-remote-user": "otto", "x-remote-groups": "ops,staff" };
        const further = ask({ port, method: incoming.method, path: incoming.url, headers }, (found) => {
          answer.writeHead(found.statusCode ?? 502, found.headers);
          found.pipe(answer);
        });
        incoming.pipe(further);
      });
      proxy.listen(0, "127.0.0.1");
      await once(proxy, "listening");
      try {
        const address = proxy.address();
        assert.ok(typeof address === "object" && address !== null);
        const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
        const direct = await page.goto(app.address);
        assert.equal(direct?.status(), 401);
        await page.getByText("has not said who you are").waitFor();
        await page.goto(`http://localhost:${address.port}`);
        await page.getByRole("button", { name: "Run Greet" }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Run now" }).click();
        await page.getByText("hello").first().waitFor();
        await page.getByRole("button", { name: "Menu" }).click();
        await page.getByRole("link", { name: "Account of otto" }).click();
        await page.getByText("operator").waitFor();
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    }),
});

Deno.test({
  name: "at an OpenID provider",
  ignore,
  fn: () =>
    withBrowser(async (browser) => {
      const port = freePort();
      const callback = `http://localhost:${port}/sign-in/callback`;
      await using house = await startOidcProvider(callback, { anna: ["admins"], nora: [] });
      await using app = await startBinary({
        ...FILES,
        "carillon.ini": `[auth]
mode = oidc
oidc_issuer = ${house.issuer}
oidc_client = ${house.client}
[secrets]
oidc_secret = ${house.secret}
[role:admin]
groups = admins
`,
      }, [`--port=${port}`]);
      for (const name of ["anna", "nora"]) {
        const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
        await page.goto(`${app.address}/tasks?q=greet`);
        await page.getByRole("link", { name: /Sign in at localhost/ }).click();
        await page.locator("input[name=login]").fill(name);
        await page.locator("input[name=password]").fill("any");
        await page.locator("button[type=submit]").click();
        if (name === "nora") await page.getByText("nora is known, but has no role").waitFor();
        else {
          await page.waitForURL(/\/tasks\?q=greet$/);
          await page.getByRole("button", { name: "Run Greet" }).waitFor();
        }
      }
      house.pause();
      const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
      // What the provider has said of itself is known, so the browser is sent there.
      assert.equal(
        (await page.request.get(`${app.address}/sign-in/provider`, { maxRedirects: 0 })).status(),
        303,
      );
    }),
});

Deno.test({
  name: "on another address than loopback nobody is let in before the link is used",
  ignore: !hasBinary(),
  async fn() {
    await using app = await startBinary(FILES, ["--host=0.0.0.0"]);
    const link = await setupLink(app);
    assert.match(link, /\/setup\/[\w-]{43}$/);
    const answer = async (path: string, init?: RequestInit) => {
      const found = await fetch(`${app.address}${path}`, { redirect: "manual", ...init });
      await found.body?.cancel();
      return found.status;
    };
    assert.equal(await answer("/tasks"), 303);
    assert.equal(await answer("/trigger/greet", { method: "POST" }), 401);
    assert.equal(await answer("/metrics"), 401);
    assert.equal(await answer("/healthz"), 200);
    assert.equal(await answer(new URL(link).pathname), 200);
  },
});
