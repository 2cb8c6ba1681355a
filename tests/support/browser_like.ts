/** What a browser does with cookies and forms, without one. */
import assert from "node:assert/strict";
import type { Peer } from "../../app/web/http/peer.ts";
import { createWebApp } from "../../app/web/server.ts";
import type { TestCarillon } from "./carillon.ts";
import { keptJournal } from "./journal.ts";

/** A connection from a machine. */
export function networkPeer(address: string): Peer {
  return {
    kind: "network",
    remote: { hostname: address, port: 40_000 },
    local: { hostname: "127.0.0.1", port: 8398 },
    isSecure: false,
  };
}

export interface BrowserLike {
  /** Asks, with the cookies it has, and keeps those it is given. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a form; the key of the last page is with it, unless fields say otherwise. */
  send(path: string, fields?: Readonly<Record<string, string>>): Promise<Response>;
  readonly cookies: Map<string, string>;
  /** The key of forms of the last page. */
  formKey: string;
  readonly lines: readonly string[];
}

const HOST = "http://localhost:8398";

export function browserLike(
  { carillon: { operations, queries, auth } }: TestCarillon,
  peer: Peer = networkPeer("192.0.2.7"),
): BrowserLike {
  const { journal, lines } = keptJournal();
  const app = createWebApp({ operations, queries, auth, journal, version: "1" });
  const browser: BrowserLike = {
    cookies: new Map(),
    formKey: "",
    lines,
    async ask(path, init = {}) {
      const headers = new Headers(init.headers);
      const cookies = [...browser.cookies].map(([name, value]) => `${name}=${value}`);
      if (cookies.length > 0) headers.set("cookie", cookies.join("; "));
      const answer = await app.fetch(new Request(HOST + path, { ...init, headers }), { peer });
      for (const each of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
        if (value === "") browser.cookies.delete(name);
        else browser.cookies.set(name, value);
      }
      if (answer.headers.get("content-type")?.startsWith("text/html")) {
        const [, key] = /name="form_key" value="([^"]+)"/.exec(await answer.clone().text()) ?? [];
        browser.formKey = key ?? browser.formKey;
      }
      return answer;
    },
    send(path, fields = {}) {
      const all = { ...(browser.formKey === "" ? {} : { form_key: browser.formKey }), ...fields };
      return browser.ask(path, { method: "POST", body: new URLSearchParams(all) });
    },
  };
  return browser;
}

/** Makes a user and signs in. */
export async function signedIn(
  test: TestCarillon,
  name: string,
  roles: readonly string[],
  peer?: Peer,
): Promise<BrowserLike> {
  const password = `the password of ${name} 17`;
  const { passwords, users } = test.carillon.auth;
  users.add(name, await passwords.hash(password), roles, test.clock.now());
  const browser = browserLike(test, peer);
  const answer = await browser.send("/sign-in", { name, password });
  assert.equal(answer.status, 303, await answer.text());
  await browser.ask("/account");
  return browser;
}
