/** Patterns of file names: what they mean, what is wrong with them, and that none goes on for ever. */
import assert from "node:assert/strict";
import { GlobError, isMeant, readGlob, startOf, step } from "../../app/base/glob.ts";
import { fc } from "../support/fast_check.ts";

/** True where the pattern means the path, walked from the pattern's base as a look at the disk does. */
function means(pattern: string, path: string): boolean {
  return readGlob(pattern).some((glob) => {
    const base = glob.base === "" || glob.base === "/" ? glob.base : `${glob.base}/`;
    if (!path.startsWith(base)) return false;
    let places = startOf(glob);
    for (const name of path.slice(base.length).split("/")) places = step(glob, places, name);
    return isMeant(glob, places);
  });
}

const MEANT: readonly [pattern: string, meant: readonly string[], not: readonly string[]][] = [
  ["inbox/*.csv", ["inbox/a.csv", "inbox/a b.csv", "inbox/new\nline.csv", "inbox/数据.csv"], [
    "inbox/a.CSV",
    "inbox/a.csv.part",
    "inbox/.a.csv",
    "inbox/x/a.csv",
    "other/a.csv",
    "a.csv",
  ]],
  ["inbox/**/*.csv", ["inbox/a.csv", "inbox/x/y/a.csv"], ["inbox/.x/a.csv", "inbox/a.txt"]],
  ["inbox/**", ["inbox/a", "inbox/x/a"], ["inbox/.a", "a"]],
  ["inbox/*/in/*", ["inbox/x/in/a"], ["inbox/in/a", "inbox/x/y/in/a"]],
  ["in/[a-c]?[!0-9].{csv,txt}", ["in/bxx.csv", "in/a...txt"], ["in/dxx.csv", "in/ax1.csv", "in/bx.csv"]],
  ["{a,b/c}/*", ["a/x", "b/c/x"], ["b/x", "c/x"]],
  ["in/a\\*\\{.csv", ["in/a*{.csv"], ["in/ab{.csv"]],
  ["/data/in/.*", ["/data/in/.a"], ["/data/in/a"]],
  ["./in//x/orders.csv", ["in/x/orders.csv"], ["in/x/orders_csv"]],
  ["*.csv", ["a.csv"], ["x/a.csv"]],
  ["/*.csv", ["/a.csv"], ["a.csv"]],
  ["in/**.csv", ["in/a.csv"], ["in/x/a.csv"]],
  ["in/[]a]", ["in/]", "in/a"], ["in/b"]],
];

for (const [pattern, meant, not] of MEANT) {
  Deno.test(`${pattern} means ${meant.length} names and not ${not.length} others`, () => {
    assert.deepEqual(meant.filter((path) => !means(pattern, path)), []);
    assert.deepEqual(not.filter((path) => means(pattern, path)), []);
  });
}

const WRONG: readonly [pattern: string, why: RegExp][] = [
  ["inbox/", /names a folder/],
  ["inbox/..", /names a folder/],
  ["in/{a,b.csv", /"\{" has no "\}"/],
  ["in/{a,{b,c}}", /inside of another/],
  ["in/[abc", /"\[" has no "\]"/],
  ["in/*/../x", /"\.\." stands behind/],
  [`${"{a,b}".repeat(30)}.csv`, /alternatives; 100 at the most/],
  [`in/{${",".repeat(200)}}`, /201 alternatives; 100 at the most/],
];

for (const [pattern, why] of WRONG) {
  Deno.test(`the pattern ${pattern.slice(0, 30)} is refused with a sentence`, () => {
    assert.throws(() => readGlob(pattern), (error) => error instanceof GlobError && why.test(error.message));
  });
}

Deno.test("patterns that keep a regular expression busy for ever end at once", () => {
  const name = "a".repeat(255);
  assert.equal(means(`in/${"*a".repeat(120)}b`, `in/${name}`), false);
  assert.equal(means(`in/${"*a".repeat(120)}*`, `in/${name}`), true);
  assert.equal(means(`in/${"**/".repeat(300)}x`, `in/${"a/".repeat(300)}y`), false);
});

Deno.test("a name matches as the plain definition of the characters says", () => {
  const alphabet = ["a", "b", "*", "?"];
  const pattern = fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 8 });
  const name = fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(pattern, name, (wanted, chars) => {
    assert.equal(means(`in/${wanted.join("")}`, `in/${chars.join("")}`), plainly(wanted, chars));
  }));
});

Deno.test("whatever the pattern, reading it answers or refuses", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab*?[]{},!^-\\/.x"), maxLength: 30 }), (pattern) => {
      try {
        for (const glob of readGlob(pattern)) step(glob, startOf(glob), "a");
      } catch (error) {
        assert.ok(error instanceof GlobError, String(error));
      }
    }),
  );
});

function plainly([first, ...rest]: readonly string[], chars: readonly string[]): boolean {
  if (first === undefined) return chars.length === 0;
  if (first !== "*") {
    return chars.length > 0 && (first === "?" || first === chars[0]) && plainly(rest, chars.slice(1));
  }
  return chars.some((_, i) => plainly(rest, chars.slice(i))) || plainly(rest, []);
}
