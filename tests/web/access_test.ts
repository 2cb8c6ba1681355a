/** Every route × everybody who may ask: no session, roles, tokens, forged forms, other sites. */
import assert from "node:assert/strict";
import { BUILT_IN } from "../../app/auth/roles.ts";
import { secretHash, signature } from "../../app/auth/secret.ts";
import { ROUTES } from "../../app/api/v1/routes.ts";
import type { Right } from "../../app/model/access.ts";
import { createWebApp } from "../../app/web/server.ts";
import { networkPeer } from "../support/browser_like.ts";
import { startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";
import { keptJournal } from "../support/journal.ts";
import { type AccessRow, ROWS } from "./access_rows.ts";

const TASK = `import { cron, defineTask } from "carillon";
export default defineTask({ trigger: cron("0 3 * * *"), run: () => "done" });`;
const FILES = {
  "tasks/finance/ledger.ts": TASK,
  "tasks/hr/salaries.ts": TASK,
  "database.ini": "[main]\ntype = sqlite\ndatabase = main.db\n",
};
const FOLDER_RIGHTS: readonly Right[] = ["view", "run", "parameters"];
const INI = `[auth]
mode = password
[datasource]
file = database.ini
[role:finance]
tasks = finance/*
rights = ${FOLDER_RIGHTS.join(", ")}
`;

const HOST = "http://localhost:8398";

interface Asking {
  readonly headers: Readonly<Record<string, string>>;
  /** The key that forms hold. */
  readonly formKey?: string | undefined;
}

/** Who asks: what the request has with it, which rights it has, and for which task; or why it is refused whatever it asks. */
interface Who {
  readonly name: string;
  readonly ask: (house: House) => Asking;
  readonly rights: readonly Right[];
  readonly onlyFinance?: boolean;
  readonly refused?: "nobody" | "token" | "forged";
}

interface House {
  readonly test: TestCarillon;
  readonly app: ReturnType<typeof createWebApp>;
  readonly tokens: Readonly<Record<string, string>>;
  /** A run of each task, a backfill, and a run that is planned. */
  readonly runs: Readonly<Record<string, string>>;
  readonly backfills: Readonly<Record<string, string>>;
  readonly plans: Readonly<Record<string, string>>;
}

/** A session of its own each time: some routes end those of the person. */
function session({ test }: House, name: string): { readonly cookie: string; readonly formKey: string } {
  const { auth } = test.carillon;
  const secret = auth.sessions.begin({ kind: "password", name, groups: [] });
  const formKey = signature(auth.file.key, `form session ${secretHash(secret)}`);
  return { cookie: `carillon_session=${secret}`, formKey };
}

function person(name: string): Who["ask"] {
  return (house) => {
    const { cookie, formKey } = session(house, name);
    return { headers: { cookie }, formKey };
  };
}

function token(name: string): Who["ask"] {
  return ({ tokens }) => ({ headers: { authorization: `Bearer ${tokens[name]}` } });
}

const EVERYBODY: readonly Who[] = [
  { name: "no session", ask: () => ({ headers: {} }), rights: [], refused: "nobody" },
  {
    name: "a session that is made up",
    ask: () => ({ headers: { cookie: `carillon_session=${"x".repeat(43)}` } }),
    rights: [],
    refused: "nobody",
  },
  { name: "viewer", ask: person("vera"), rights: BUILT_IN.viewer },
  { name: "operator", ask: person("otto"), rights: BUILT_IN.operator },
  { name: "admin", ask: person("anna"), rights: BUILT_IN.admin },
  { name: "a folder's role", ask: person("fay"), rights: FOLDER_RIGHTS, onlyFinance: true },
  { name: "a person without a role", ask: person("nora"), rights: [] },
  { name: "a token of all rights", ask: token("all"), rights: BUILT_IN.admin },
  { name: "an expired token", ask: token("expired"), rights: [], refused: "token" },
  { name: "a revoked token", ask: token("revoked"), rights: [], refused: "token" },
  { name: "a token without the right", ask: token("audit"), rights: ["audit"] },
  { name: "a token of a folder", ask: token("finance"), rights: ["run"], onlyFinance: true },
  {
    name: "a stolen form key",
    ask(house) {
      return { headers: { cookie: session(house, "otto").cookie }, formKey: session(house, "anna").formKey };
    },
    rights: BUILT_IN.operator,
    refused: "forged",
  },
  {
    name: "another origin",
    ask(house) {
      const { cookie, formKey } = session(house, "anna");
      return { headers: { cookie, origin: "https://evil.example" }, formKey };
    },
    rights: BUILT_IN.admin,
    refused: "forged",
  },
];

async function openHouse(): Promise<House & AsyncDisposable> {
  const test = await startCarillon(FILES, { ini: INI, keepsHostReady: false });
  const { operations, queries, auth, hooks } = test.carillon;
  const now = test.clock.now();
  const people = { vera: "viewer", otto: "operator", anna: "admin", fay: "finance", nora: "" };
  const password = await auth.passwords.hash("the password of all 17");
  for (const [name, role] of Object.entries(people)) auth.users.add(name, password, [role], now);
  const tokens: Record<string, string> = {
    all: auth.tokens.create({ name: "all", rights: "all" }),
    audit: auth.tokens.create({ name: "audit", rights: "audit" }),
    finance: auth.tokens.create({ name: "finance", rights: "run", tasks: "finance/*" }),
    expired: auth.tokens.create({ name: "expired", rights: "all", expiresAt: now + 1 }),
    revoked: auth.tokens.create({ name: "revoked", rights: "all" }),
  };
  auth.tokens.revoke("revoked");
  await test.clock.jump({ milliseconds: 2 });
  const runs: Record<string, string> = {};
  const backfills: Record<string, string> = {};
  const plans: Record<string, string> = {};
  for (const id of ["ledger", "salaries"]) {
    const run = await test.ended((await startRun(test, id)).id);
    runs[id] = run.id;
    const plan = { taskId: id, at: Date.parse("2030-01-01"), params: {} };
    test.carillon.events.emit("run.planned", { run, plans: [plan] });
    plans[id] = queries.tasks.planned(id)[0]?.id ?? "";
    const begun = await operations.backfill({ channel: "cli" }, id, { from: "2026-03-09", to: "2026-03-09" });
    assert.ok(begun.ok);
    backfills[id] = begun.progress.plan.id;
  }
  const { journal } = keptJournal();
  const app = createWebApp({ operations, queries, auth, hooks, journal, version: "1" });
  return {
    test,
    app,
    tokens,
    runs,
    backfills,
    plans,
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

/** The routes of the application itself, without what answers methods that there are not. */
function routesOf({ app }: House): readonly string[] {
  const all = app.routes.filter(({ method, path }) =>
    method !== "ALL" && !/^\/?\*$/.test(path) && !path.startsWith("/assets/")
  );
  return [...new Set(all.map(({ method, path }) => `${method} ${path}`))];
}

/** @param task whose address it is about */
async function ask(house: House, route: string, row: AccessRow, who: Who, task: string): Promise<Response> {
  const [method = "", pattern = ""] = route.split(" ");
  const { about, form, json, query } = row;
  const id = about === "run"
    ? house.runs[task] ?? ""
    : about === "backfill"
    ? house.backfills[task] ?? ""
    : about === "plan"
    ? house.plans[task] ?? ""
    : about === "task"
    ? task
    : "x";
  const path = pattern.replace(":id", id).replace(":name", pattern.includes("databases") ? "main" : "x")
    .replace(":secret", "x").replace(":link", "x") + (query === undefined ? "" : `?${query}`);
  const { headers, formKey } = who.ask(house);
  const given = new Headers(headers);
  let body: BodyInit | null = null;
  if (json !== undefined) {
    body = JSON.stringify(json);
    given.set("content-type", "application/json");
  } else if (form && method === "POST") {
    const fields = Object.entries(form).map(([name, value]) => [name, value.replace(":run", id)]);
    body = new URLSearchParams([...fields, ...formKey === undefined ? [] : [["form_key", formKey]]]);
  }
  if (formKey !== undefined) given.set("x-carillon-form-key", formKey);
  const request = new Request(HOST + path, { method, headers: given, body });
  return await house.app.fetch(request, { peer: networkPeer("192.0.2.7") });
}

/** The statuses that are right. */
function expected(route: string, row: AccessRow, who: Who, task: string): readonly number[] {
  const { right, about, through = [200, 202, 303] } = row;
  const isPost = route.startsWith("POST");
  const isProgram = /^\S+ \/(?:api\/|jobs|trigger|metrics)/.test(route);
  if (row.isBefore) return through;
  // A token that is no good is refused whatever it asks, so that its owner finds out.
  if (who.refused === "token") return [401];
  if (
    who.refused === "forged" && isPost && !(who.name === "a stolen form key" && route === "POST /sign-in")
  ) {
    return [403];
  }
  if (right === "open") return [...through, 303];
  if (who.refused === "nobody") return isProgram || isPost ? [401] : [303];
  if (right === "signed_in" || about === "list") return through;
  if (about === "whole") return who.rights.includes(right) && !who.onlyFinance ? through : [403];
  if (about === "tasks") return [...through, 403, 404];
  const isSeen = task === "ledger" || !who.onlyFinance;
  const knows = isSeen && (who.rights.includes("view") || who.rights.includes(right));
  if (!knows) return [404];
  // Pages show a task before anything is done with it: that takes a right to view it.
  if (!who.rights.includes("view") && /^\S+ \/(?:tasks|runs|selected|backfills)/.test(route)) return [404];
  return who.rights.includes(right) ? through : [403];
}

Deno.test("every route has a row, and every row a route; the API's document says the same", async () => {
  await using house = await openHouse();
  assert.deepEqual(routesOf(house).toSorted(), Object.keys(ROWS).toSorted());
  for (const { method, path, right } of ROUTES) {
    assert.equal(ROWS[`${method} /api/v1${path}`]?.right, right, `${method} ${path}`);
  }
});

for (const who of EVERYBODY) {
  Deno.test(`every route, asked by ${who.name}`, async () => {
    await using house = await openHouse();
    const { queries } = house.test.carillon;
    const wrong: string[] = [];
    for (const [route, row] of Object.entries(ROWS)) {
      for (const task of ["salaries", "ledger"]) {
        const answer = await ask(house, route, row, who, task);
        const right = expected(route, row, who, task);
        if (!right.includes(answer.status)) wrong.push(`${route} (${task}): ${answer.status}, not ${right}`);
        const location = answer.headers.get("location") ?? "";
        // Whoever is let through is not led to the sign-in.
        const isLed = location.startsWith("/sign-in") && who.refused === undefined &&
          !/sign-(?:in|out)/.test(route);
        if (isLed) wrong.push(`${route} (${task}): led to ${location}`);
        if (route.endsWith("/events")) await answer.body?.cancel();
        else if (answer.status === 200 && (who.onlyFinance || who.rights.length === 0)) {
          const text = await answer.text();
          const own = row.right === "open" || row.right === "signed_in";
          // What was asked for is repeated, such as the words of a search or a list of ids.
          const repeated = row.query !== undefined || row.json !== undefined;
          if (!own && !repeated && text.includes("salaries")) wrong.push(`${route}: it names salaries`);
        } else await answer.body?.cancel();
      }
    }
    assert.deepEqual(wrong, []);
    if (who.refused !== undefined || who.onlyFinance || !who.rights.includes("pause")) {
      assert.equal(queries.tasks.find("salaries")?.paused, false);
    }
    const started = (await queries.runs.recent("salaries")).filter(({ cause }) => cause !== "backfill");
    const mayRun = who.refused === undefined && !who.onlyFinance && who.rights.includes("run");
    assert.equal(started.length > 1, mayRun, `${started.length} runs of salaries`);
  });
}
