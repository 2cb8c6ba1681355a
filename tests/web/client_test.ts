/** Who is believed to ask: the connection, and what listed proxies say of it; never what anybody else says. */
import assert from "node:assert/strict";
import { AddressList } from "../../app/base/addresses.ts";
import { readClient } from "../../app/web/client.ts";
import type { Peer } from "../../app/web/http/peer.ts";
import { fc } from "../support/fast_check.ts";

const PROXIES = new AddressList("10.0.0.0/8, ::1");
const LOCAL = { hostname: "10.0.0.5", port: 8398 };
const from = (hostname: string, isSecure = false): Peer => ({
  kind: "network",
  remote: { hostname, port: 50_000 },
  local: LOCAL,
  isSecure,
});
type Case = readonly [
  name: string,
  peer: Peer,
  fields: Readonly<Record<string, string>>,
  address: string | undefined,
  isSecure: boolean,
  isForwarded: boolean,
];

const CASES: readonly Case[] = [
  ["a plain connection", from("192.0.2.1"), {}, "192.0.2.1", false, false],
  ["TLS up to here", from("192.0.2.1", true), {}, "192.0.2.1", true, false],
  [
    "a stranger that says it is another",
    from("192.0.2.1"),
    { "x-forwarded-for": "1.1.1.1", "x-forwarded-proto": "https" },
    "192.0.2.1",
    false,
    false,
  ],
  [
    "a listed proxy",
    from("10.1.1.1"),
    { "x-forwarded-for": "192.0.2.9", "x-forwarded-proto": "https" },
    "192.0.2.9",
    true,
    true,
  ],
  [
    "a listed proxy by IPv6 that writes IPv4",
    from("::ffff:10.1.1.1"),
    { "x-forwarded-for": "192.0.2.9" },
    "192.0.2.9",
    false,
    true,
  ],
  [
    "two listed proxies in a row",
    from("10.1.1.1"),
    { "x-forwarded-for": "192.0.2.9, 10.7.7.7" },
    "192.0.2.9",
    false,
    true,
  ],
  [
    "what the client wrote before the proxy did",
    from("10.1.1.1"),
    { "x-forwarded-for": "127.0.0.1, 192.0.2.9" },
    "192.0.2.9",
    false,
    true,
  ],
  [
    "a client that claims to be a proxy",
    from("10.1.1.1"),
    { "x-forwarded-for": "10.0.0.1, 192.0.2.9, 10.2.2.2" },
    "192.0.2.9",
    false,
    true,
  ],
  [
    "a proxy that says nothing of the client",
    from("10.1.1.1"),
    { "x-forwarded-proto": "http" },
    "10.1.1.1",
    false,
    true,
  ],
  ["a request of the proxy's own machine", from("10.1.1.1"), {}, "10.1.1.1", false, false],
  [
    "the client's word for the scheme before the proxy's",
    from("10.1.1.1"),
    { "x-forwarded-proto": "https, http" },
    "10.1.1.1",
    false,
    true,
  ],
  [
    "the socket for proxies",
    { kind: "socket" },
    { "x-forwarded-for": "192.0.2.9", "x-forwarded-proto": "https" },
    "192.0.2.9",
    true,
    true,
  ],
  ["the socket for proxies without a word", { kind: "socket" }, {}, undefined, false, false],
  [
    "Forwarded is not read for the address",
    from("10.1.1.1"),
    { forwarded: "for=1.1.1.1;proto=https" },
    "10.1.1.1",
    false,
    true,
  ],
];

for (const [name, peer, fields, address, isSecure, isForwarded] of CASES) {
  Deno.test(`who asks: ${name}`, () => {
    const client = readClient(peer, new Headers(fields), PROXIES);
    assert.deepEqual(client, { isOwn: false, address, isSecure, isForwarded });
  });
}

Deno.test("who asks: only the commands' own socket is this Carillon's user, whatever is written", () => {
  assert.ok(readClient({ kind: "own" }, new Headers(), PROXIES).isOwn);
  const word = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("own", "cli", "unix:", "localhost", "", "::1"));
  const fields = fc.dictionary(
    fc.constantFrom("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-proto", "user-agent"),
    fc.array(word, { maxLength: 4 }).map((words) => words.join(", ")),
  );
  fc.assert(fc.property(fc.ipV4(), fields, (address, all) => {
    const client = readClient(from(address), new Headers(all), PROXIES);
    assert.ok(!client.isOwn);
    if (!PROXIES.has(address)) {
      assert.deepEqual(client, { isOwn: false, address, isSecure: false, isForwarded: false });
    }
  }));
});

Deno.test("who asks: a request without a connection is nobody's", () => {
  assert.deepEqual(readClient(undefined, new Headers({ "x-forwarded-for": "1.1.1.1" }), PROXIES), {
    isOwn: false,
    address: undefined,
    isSecure: false,
    isForwarded: false,
  });
});
