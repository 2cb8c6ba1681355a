/** Lists of IP addresses: what is in them and what is not, whatever way an address is written. */
import assert from "node:assert/strict";
import { AddressList, plainAddress } from "../../app/base/addresses.ts";
import { fc } from "../support/fast_check.ts";

Deno.test("an address is in a list by itself or by a range, in whatever spelling", () => {
  const list = new AddressList(" 10.0.0.0/8,192.0.2.7 , fd00::/8, ::1");
  for (
    const address of ["10.1.2.3", "192.0.2.7", "::ffff:10.0.0.1", "fd12::1", "FD12::1", "0:0:0:0:0:0:0:1"]
  ) {
    assert.ok(list.has(address), address);
  }
  for (
    const address of ["11.0.0.1", "192.0.2.8", "fe80::1%eth0", "10.0.0.1:80", "010.0.0.1", "x", "", "unknown"]
  ) {
    assert.ok(!list.has(address), address);
  }
  assert.ok(!new AddressList("").has("127.0.0.1"));
  assert.ok(!new AddressList("::/0").has("127.0.0.1"));
});

Deno.test("a word that is no address is named", () => {
  for (
    const word of [
      "10.0.0.0/33",
      "a",
      "1.2.3",
      "::1/129",
      "10.0.0.0/8/8",
      "10.0.0.0/",
      "10.0.0.0/x",
      "1.2.3.4;",
    ]
  ) {
    assert.throws(() => new AddressList(`::1, ${word}`), (error) => {
      assert.ok(error instanceof RangeError && error.message.startsWith(`"${word}" is no IP address`));
      return true;
    });
  }
});

Deno.test("the beginning of an address decides, for every length of a range", () => {
  fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (base, bits, address) => {
    const number = (text: string) => text.split(".").reduce((sum, each) => sum * 256 + Number(each), 0);
    const size = 2 ** (32 - bits);
    const isIn = Math.floor(number(base) / size) === Math.floor(number(address) / size);
    assert.equal(new AddressList(`${base}/${bits}`).has(address), isIn);
    assert.equal(new AddressList(`${base}/${bits}`).has(`::ffff:${address}`), isIn);
  }));
});

Deno.test("an IPv4 address in the form of IPv6 is the same one", () => {
  assert.equal(plainAddress("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(plainAddress("::FFFF:192.0.2.1"), "192.0.2.1");
  assert.equal(plainAddress("fe80::1%eth0"), "fe80::1");
});
