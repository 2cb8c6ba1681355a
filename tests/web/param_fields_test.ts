/** Fields of the run form: each takes what its parameter takes, and gives back unchanged what it shows. */
import assert from "node:assert/strict";
import { startCarillon, startRun, type TestCarillon } from "../support/carillon.ts";

const FILES = {
  "tasks/a.ts": `import { defineTask, z } from "carillon";
export default defineTask({
  params: z.object({
    utc: z.iso.datetime().default("2026-01-01T00:00:00Z"),
    offset: z.iso.datetime({ offset: true }).default("2026-01-01T08:00:00+08:00"),
    local: z.iso.datetime({ local: true }).default("2026-01-01T08:30"),
    whole: z.iso.datetime({ local: true, precision: 0 }).default("2026-01-01T08:30:00"),
    seconds: z.iso.datetime({ local: true }).default("2026-01-01T08:30:00"),
    day: z.iso.date().default("2026-01-01"),
    time: z.iso.time().default("08:00:00"),
    half: z.number().multipleOf(0.5).default(2.5),
    tiny: z.number().default(1e-7),
    n: z.int().default(3),
    lines: z.string().default("\\n a\\nb"),
    empty: z.string().nullable().default(null),
    maybe: z.boolean().optional(),
    mode: z.enum(["full", "delta"]).default("delta"),
    mail: z.email().default("a@example.org"),
  }),
  run: ({ params }) => JSON.stringify(params),
});`,
};

/** The value that a browser has in a field, as far as that is told by its kind. */
function fieldOf(html: string, name: string): { type: string; value: string } {
  const input = new RegExp(`<input[^>]* name="param\\.${name}"[^>]*>`).exec(html)?.[0];
  if (input !== undefined) {
    const part = (each: string) => new RegExp(` ${each}="([^"]*)"`).exec(input)?.[1] ?? "";
    return { type: part("type"), value: part("value") };
  }
  const area = new RegExp(`<textarea[^>]* name="param\\.${name}"[^>]*>([^<]*)<`).exec(html)?.[1];
  if (area !== undefined) return { type: "textarea", value: area.replace(/^\n/, "") };
  const list = new RegExp(`<select[^>]* name="param\\.${name}"[^>]*>([\\s\\S]*?)</select>`).exec(html)?.[1] ??
    "";
  return { type: "select", value: /value="([^"]*)" selected/.exec(list)?.[1] ?? "" };
}

const NAMES = [
  "utc",
  "offset",
  "local",
  "whole",
  "seconds",
  "day",
  "time",
  "half",
  "tiny",
  "n",
  "lines",
  "empty",
  "maybe",
  "mode",
  "mail",
];

async function sentAsShown(test: TestCarillon, address: string): Promise<unknown> {
  const html = await (await test.fetch(address)).text();
  const body = new URLSearchParams();
  for (const name of NAMES) {
    const { value } = fieldOf(html, name);
    body.append(`param.${name}`, value.replaceAll("\n", "\r\n"));
  }
  const answer = await test.fetch("/tasks/a/run", { method: "POST", body });
  assert.equal(answer.status, 303, await answer.text());
  const run = await test.ended((answer.headers.get("location") ?? "").slice("/runs/".length));
  return JSON.parse(run.message ?? "");
}

Deno.test("defaults, and what a run was given, go through the form unchanged", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const first = await startRun(test, "a");
  const defaults = JSON.parse((await test.ended(first.id)).message ?? "");
  assert.equal(defaults.utc, "2026-01-01T00:00:00Z");
  assert.deepEqual(await sentAsShown(test, "/tasks/a/run"), defaults);
  const given = {
    utc: "2025-12-31T23:59:59Z",
    offset: "2025-12-31T23:59:59-05:00",
    local: "2025-12-31T23:59:00",
    day: "2025-12-31",
    half: "0.5",
    maybe: "true",
    mode: "full",
    lines: "x\n\ny",
  };
  const other = await startRun(test, "a", given);
  const wanted = JSON.parse((await test.ended(other.id)).message ?? "");
  assert.equal(wanted.lines, given.lines);
  assert.deepEqual(await sentAsShown(test, `/tasks/a/run?as=${other.id}`), wanted);
});

Deno.test("a picker stands only where the parameter takes what it gives, and the browser what it shows", async () => {
  await using test = await startCarillon(FILES, { keepsHostReady: false });
  const html = await (await test.fetch("/tasks/a/run")).text();
  const types = Object.fromEntries(NAMES.map((name) => [name, fieldOf(html, name).type]));
  assert.deepEqual(types, {
    utc: "text",
    offset: "text",
    local: "datetime-local",
    whole: "text",
    seconds: "text",
    day: "date",
    time: "text",
    half: "number",
    tiny: "number",
    n: "number",
    lines: "textarea",
    empty: "text",
    maybe: "select",
    mode: "select",
    mail: "email",
  });
  assert.match(html, /id="param-utc-example" class="quiet">\s*such as 2026-01-31T08:00:00Z/);
  assert.match(html, /name="param\.utc"[^>]*aria-describedby="param-utc-example"/);
});
