/** The OpenAPI document is one, in both languages, and says of each route what it is. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { openApiOf } from "../../app/api/openapi/document.ts";
import { typescriptOf } from "../../app/api/openapi/typescript.ts";
import { ROUTES } from "../../app/api/v1/routes.ts";
import { denoMistakes } from "../../app/cli/check_code/type_check.ts";
import { LOCALES } from "../../app/model/locale.ts";
import { makeFolder } from "../support/folder.ts";
import { startCarillon } from "../support/carillon.ts";
import { Validator } from "../support/openapi_validator.ts";

const EXAMPLE = new URL("../../examples/api_client.ts", import.meta.url);
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

for (const locale of LOCALES) {
  Deno.test(`a validator that is not ours finds nothing wrong with the document (${locale})`, async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(plain(openApiOf(ROUTES, "1.2.3", locale)));
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(validator.version, "3.1");
    // Each reference leads somewhere.
    validator.resolveRefs();
  });
}

Deno.test("the validator does find what is wrong", async () => {
  const document = plain(openApiOf(ROUTES, "1.2.3", "en"));
  document.paths["/runs"].get.parameters[0].in = "cookie jar";
  assert.equal((await new Validator().validate(document)).valid, false);
});

Deno.test("every route has a name and an address of its own, a summary, and words for its fields", () => {
  const names = ROUTES.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const ways = ROUTES.map(({ method, path }) => `${method} ${path}`);
  assert.equal(new Set(ways).size, ways.length);
  for (const route of ROUTES) {
    const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    assert.deepEqual(Object.keys(route.params.shape), inPath, route.name);
  }
  const { paths } = openApiOf(ROUTES, "1.2.3", "zh");
  for (const [path, operations] of Object.entries(paths)) {
    for (const { summary, parameters, responses } of Object.values(operations)) {
      assert.match(summary, /[\u4e00-\u9fff]/, path);
      for (const { name, description } of parameters) {
        assert.match(description ?? "", /[\u4e00-\u9fff]/, `${path} ${name}`);
      }
      assert.ok(responses.default, path);
    }
  }
});

Deno.test("the document is served, to whoever has it already without a body", async () => {
  await using test = await startCarillon({});
  const answer = await test.fetch("/api/openapi.json");
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.get("cache-control"), "private, no-cache");
  assert.deepEqual(await answer.json(), plain(openApiOf(ROUTES, "1.2.3", "en")));
  const tag = answer.headers.get("etag") ?? "";
  const again = await test.fetch("/api/openapi.json", { headers: { "if-none-match": tag } });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), "");
});

Deno.test("the types that are printed make the example client compile, and a wrong one not", async () => {
  await using folder = makeFolder({
    "carillon_api.ts": typescriptOf(openApiOf(ROUTES, "1.2.3", "en")),
    "api_client.ts": await Deno.readTextFile(EXAMPLE),
    "wrong.ts": `import { Carillon } from "./api_client.ts";
const carillon = new Carillon("http://localhost:8398");
await carillon.ask("listRuns", { query: { status: ["lost"] } });
const { runs } = await carillon.ask("listRuns");
console.log(runs[0]?.colour);`,
  });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--no-config", "api_client.ts", "wrong.ts"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  });
  const { code, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr);
  assert.equal(code, 1);
  assert.deepEqual(denoMistakes(said).map(({ file, line }) => [basename(file), line]), [
    ["wrong.ts", 3],
    ["wrong.ts", 5],
  ], said);
  assert.match(said, /"lost"/);
  assert.match(said, /'colour' does not exist/);
});

Deno.test("the example client runs a task and reads its log", async () => {
  await using folder = makeFolder({
    "carillon_api.ts": typescriptOf(openApiOf(ROUTES, "1.2.3", "en")),
    "api_client.ts": await Deno.readTextFile(EXAMPLE),
  });
  await using test = await startCarillon({
    "tasks/orders.ts": `import { defineTask, z } from "carillon";
export default defineTask({ params: z.object({ day: z.iso.date(), amount: z.number() }),
  run({ params, log }) { log.info(params.day + " " + (params.amount + 1)); } });`,
  });
  const client = await import(`file://${folder.path}/api_client.ts`);
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => test.fetch(new URL(request.url).pathname + new URL(request.url).search, request),
  );
  const carillon = new client.Carillon(`http://127.0.0.1:${server.addr.port}`);
  const said = await client.runAndPrint(carillon, "orders", "2026-03-10");
  assert.match(said, /^succeeded 2026-03-10T10:00:00\.000Z\n.* INFO {2}2026-03-10 6\n/);
  await assert.rejects(
    () => client.runAndPrint(carillon, "nobody", "2026-03-10"),
    /There is no task "nobody"/,
  );
});
