/** What may stand in lists of permissions: what is let through is what the runtime takes. */
import assert from "node:assert/strict";
import { whyNotGranted } from "../../app/base/granted.ts";
import { codePoint, fc } from "../support/fast_check.ts";

/** Starts a worker with these hosts, as a sandbox does. @throws where the runtime does not understand one of them */
function grant(net: readonly string[]): void {
  const permissions = { net: [...net] };
  new Worker("data:text/javascript,close()", { type: "module", deno: { permissions } }).terminate();
}

const GOOD = [
  "api.example.com",
  "db.local:5432",
  "localhost:0",
  "*.example.com:443",
  "example.com.",
  "my_db",
  "10.0.0.1:80",
  "10.0.0.0/8",
  "[::1]",
  "[fd00::1]:65535",
  "xn--bcher-kva.example",
];
const BAD = [
  "",
  " ",
  "exa mple:99999",
  "http://x",
  "https://x:1/",
  "x/path",
  "x:",
  "x:65536",
  "x:1:2",
  "*",
  "*.",
  "a..b",
  ".a",
  "user@x",
  " x",
  "x\n",
  "10.0.0.1/33",
  "10.0.0.1.",
  "::1",
  "[::1",
  "[x]",
  "b\u00fccher.example",
  "a\0b",
];

Deno.test("hosts that can be granted, and those that are refused with a reason", () => {
  for (const host of GOOD) assert.equal(whyNotGranted("net", host), undefined, host);
  grant(GOOD);
  for (const host of BAD) {
    assert.ok(whyNotGranted("net", host), JSON.stringify(host));
    assert.throws(() => grant([host]), JSON.stringify(host));
  }
});

const PIECES = [
  "a",
  "-",
  "_",
  ".",
  "*",
  "*.",
  "/8",
  "/33",
  "10.0.0.1",
  "[::1]",
  "[",
  "::1",
  ":",
  ":80",
  "@",
  "%41",
  "\u00fc",
];

Deno.test("no host that is let through keeps a sandbox from starting", () => {
  const host = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("")),
    fc.string({ unit: codePoint, maxLength: 8 }),
  );
  const passing = fc.sample(host, 5_000).filter((each) => whyNotGranted("net", each) === undefined);
  assert.ok(passing.length > 50, `${passing.length}`);
  grant(passing);
});

Deno.test("paths, variables and programs that mean nothing are refused", () => {
  for (const kind of ["read", "write", "env", "run"]) {
    assert.equal(whyNotGranted(kind, "data"), undefined);
    for (const entry of ["", "  ", "a\0b"]) assert.ok(whyNotGranted(kind, entry), `${kind} ${entry}`);
  }
  assert.ok(whyNotGranted("read", "file:///srv/data"));
  assert.ok(whyNotGranted("write", "https://example.com/x"));
  assert.ok(whyNotGranted("env", "LANG=C"));
});
