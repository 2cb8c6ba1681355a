/** docs/security.md goes through every requirement of ASVS 5.0, levels 1 and 2, and names tests that there are. */
import assert from "node:assert/strict";
import { join } from "node:path";

const ROOT = new URL("../", import.meta.url).pathname;
const PAGE = Deno.readTextFileSync(join(ROOT, "docs/security.md"));

/** Section → its requirements of levels 1 and 2. */
const ASKED: Readonly<Record<string, string>> = {
  ...{ "1.1": "1-2", "1.2": "1-9", "1.3": "1-11", "1.4": "1-3", "1.5": "1-2" },
  ...{ "2.1": "1-3", "2.2": "1-3", "2.3": "1-4", "2.4": "1-1" },
  ...{ "3.2": "1-2", "3.3": "1-4", "3.4": "1-6", "3.5": "1-5", "3.7": "1-2" },
  ...{ "4.1": "1-3", "4.2": "1-1", "4.3": "1-2", "4.4": "1-4" },
  ...{ "5.1": "1-1", "5.2": "1-3", "5.3": "1-2", "5.4": "1-3" },
  ...{ "6.1": "1-3", "6.2": "1-12", "6.3": "1-4", "6.4": "1-4", "6.5": "1-5", "6.6": "1-3", "6.8": "1-4" },
  ...{ "7.1": "1-3", "7.2": "1-4", "7.3": "1-2", "7.4": "1-5", "7.5": "1-2", "7.6": "1-2" },
  ...{ "8.1": "1-2", "8.2": "1-3", "8.3": "1-1", "8.4": "1-1" },
  ...{ "9.1": "1-3", "9.2": "1-4" },
  ...{
    "10.1": "1-2",
    "10.2": "1-2",
    "10.3": "1-4",
    "10.4": "1-11",
    "10.5": "1-5",
    "10.6": "1-2",
    "10.7": "1-3",
  },
  ...{ "11.1": "1-2", "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1-1", "11.6": "1-1" },
  ...{ "12.1": "1-3", "12.2": "1-2", "12.3": "1-4" },
  ...{ "13.1": "1-1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5" },
  ...{ "14.1": "1-2", "14.2": "1-4", "14.3": "1-3" },
  ...{ "15.1": "1-3", "15.2": "1-3", "15.3": "1-7" },
  ...{ "16.1": "1-1", "16.2": "1-5", "16.3": "1-4", "16.4": "1-3", "16.5": "1-3" },
  ...{ "17.1": "1-1", "17.2": "1-4", "17.3": "1-2" },
};

interface Row {
  readonly numbers: readonly string[];
  readonly here: string;
  readonly test: string;
}

function span(section: string, text: string): string[] {
  const [first = 0, last = first] = text.split(/[-–]/).map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => `${section}.${first + i}`);
}

/** `6.2.5–7, 6.2.9` */
function numbersOf(cell: string): string[] {
  return cell.split(",").flatMap((word) => {
    const [, section = "", rest = ""] = /^(\d+\.\d+)\.(\d+(?:–\d+)?)$/.exec(word.trim()) ?? [];
    assert.notEqual(section, "", `"${word}" is no number`);
    return span(section, rest);
  });
}

const rows: Row[] = PAGE.slice(PAGE.indexOf("## OWASP ASVS")).split("\n").filter((line) =>
  /^\| \d/.test(line)
)
  .map((line) => {
    const [, numbers = "", , here = "", test = ""] = line.split("|").map((cell) => cell.trim());
    return { numbers: numbersOf(numbers), here, test };
  });

function testNames(folder: string): string {
  return [...Deno.readDirSync(folder)].map(({ name, isDirectory }) => {
    if (isDirectory) return testNames(join(folder, name));
    return name.endsWith("_test.ts") && name !== "security_docs_test.ts"
      ? Deno.readTextFileSync(join(folder, name))
      : "";
  }).join("\n");
}

Deno.test("every requirement has one line, and what it says", () => {
  const asked = Object.entries(ASKED).flatMap(([section, text]) => span(section, text));
  assert.equal(asked.length, 253);
  assert.deepEqual(rows.flatMap(({ numbers }) => numbers).toSorted(), asked.toSorted());
  assert.deepEqual(rows.filter(({ here }) => here === "").map(({ numbers }) => numbers), []);
});

Deno.test("the tests that the page names are there", () => {
  const all = testNames(join(ROOT, "tests"));
  const cells = PAGE.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").at(-2) ?? ""
  );
  const named = [
    ...new Set(cells.flatMap((cell) => [...cell.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name))),
  ];
  assert.ok(named.length > 60, `only ${named.length} tests are named`);
  assert.deepEqual(named.filter((name) => !all.includes(`"${name}"`) && !all.includes(`: ${name}`)), []);
});
