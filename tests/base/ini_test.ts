import assert from "node:assert/strict";
import { IniError, parseIni } from "../../app/base/ini.ts";
import { fc } from "../support/fast_check.ts";

function values(text: string): Record<string, Record<string, string>> {
  return Object.fromEntries(
    [...parseIni(text, "x.ini")].map(([name, { entries }]) => [
      name,
      Object.fromEntries([...entries].map(([key, { value }]) => [key, value])),
    ]),
  );
}

Deno.test("what stands in a password survives", () => {
  const text = "\uFEFF[数据库]\r\nPassword = a#b;c=d:e f%%g\r\nuser : 张三\r\n# comment\r\n; comment\r\n";
  assert.deepEqual(values(text), { 数据库: { password: "a#b;c=d:e f%g", user: "张三" } });
});

Deno.test("defaults, references and lines that go on", () => {
  const text =
    "[DEFAULT]\nhost = db\n[a]\nurl = %(host)s:%(port)s\nport = 1\nlong = one\n  two\n\n  three\n[b]\n";
  assert.deepEqual(values(text), {
    a: { host: "db", url: "db:1", port: "1", long: "one\ntwo\n\nthree" },
    b: { host: "db" },
  });
});

const WRONG: [string, RegExp][] = [
  ["[a]\nb = 1\nb = 2\n", /^x\.ini, line 3: section \[a\]: key "b" is there twice \(first on line 2\)/],
  ["[a]\n[a]\n", /^x\.ini, line 2: section \[a\] is there twice/],
  ["[a]\nnothing\n", /^x\.ini, line 2: section \[a\]: "nothing" is not "key = value"/],
  ["[a]\nb = 100%\n", /^x\.ini, line 2: section \[a\], key "b": a lone "%"/],
  ["[a]\nb = %(c)s\n", /key "b": %\(c\)s names a key that is not there/],
  ["[a]\nb = %(b)s\n", /refers to itself/],
];

for (const [text, expected] of WRONG) {
  Deno.test(`wrong INI text is refused with its place: ${expected.source}`, () => {
    assert.throws(() => parseIni(text, "x.ini"), (error) => {
      assert.ok(error instanceof IniError);
      assert.match(error.message, expected);
      return true;
    });
  });
}

Deno.test("an error never quotes the value of a line", () => {
  assert.throws(() => parseIni("[a]\n= s3cret\n", "x.ini"), (error) => !String(error).includes("s3cret"));
});

/** Reads texts from standard input and prints what Python's own configparser makes of each. */
const PYTHON = `
import configparser, json, sys
for line in sys.stdin:
    parser = configparser.ConfigParser()
    try:
        parser.read_string(json.loads(line))
        print(json.dumps({s: dict(parser.items(s)) for s in parser.sections()}))
    except configparser.Error:
        print("null")
`;

Deno.test("generated files mean what Python's configparser means by them", async () => {
  const word = fc.string({ unit: fc.constantFrom(..."ab=:#;% []()s\tä库"), maxLength: 8 });
  const line = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom("a", "B", "host"), fc.constantFrom("=", ":", " = ", " : "), word)
        .map((parts) => parts.join("")),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "[one]",
        "[two]",
        "[DEFAULT]",
        "# note",
        "; note",
        "",
        "  more",
        "   # note",
      ),
    },
    { weight: 1, arbitrary: word },
  );
  const texts = fc.sample(
    fc.array(line, { maxLength: 8 }).map((lines) => ["[first]", ...lines].join("\n")),
    { numRuns: 2_000, seed: 8398 },
  );
  const python = new Deno.Command("python3", {
    args: ["-c", PYTHON],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = python.output();
  const writer = python.stdin.getWriter();
  await writer.write(new TextEncoder().encode(texts.map((text) => `${JSON.stringify(text)}\n`).join("")));
  await writer.close();
  const answers = new TextDecoder().decode((await output).stdout).trimEnd().split("\n");
  assert.equal(answers.length, texts.length);
  let good = 0;
  for (const [index, text] of texts.entries()) {
    const expected: unknown = JSON.parse(answers[index] ?? "");
    let ours: unknown = null;
    try {
      ours = values(text);
    } catch (error) {
      assert.ok(error instanceof IniError);
    }
    assert.deepEqual(ours, expected, JSON.stringify(text));
    if (expected !== null) good++;
  }
  assert.ok(good > 500, `only ${good} of the generated files were right ones`);
});
