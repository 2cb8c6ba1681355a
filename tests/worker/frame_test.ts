/** Frames come together again however they are cut, and nothing that is no frame gets through. */
import assert from "node:assert/strict";
import { fc } from "../support/fast_check.ts";
import { FrameError, frameOf, FrameReader } from "../../app/worker/frame.ts";

function joined(frames: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(frames.flatMap((each) => [...each]));
}

Deno.test("messages arrive whole and in order, wherever the stream is cut", () => {
  fc.assert(fc.property(
    fc.array(fc.jsonValue(), { maxLength: 8 }),
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
    (messages, sizes) => {
      const bytes = joined(messages.map(frameOf));
      const reader = new FrameReader();
      const read: unknown[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        read.push(...reader.push(bytes.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(read, messages.map((each) => JSON.parse(JSON.stringify(each))));
    },
  ));
});

Deno.test("a frame of 6 MB in chunks of 64 KB takes no time to speak of", () => {
  const text = "x".repeat(6_000_000);
  const bytes = frameOf({ text });
  const reader = new FrameReader();
  const read: unknown[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    read.push(...reader.push(bytes.subarray(at, at + 65_536)));
  }
  assert.deepEqual(read, [{ text }]);
});

Deno.test("what is too long, cut off or no JSON is refused", () => {
  assert.throws(() => frameOf("x".repeat(8_000_001)), FrameError);
  assert.throws(() => new FrameReader().push(new Uint8Array([0xff, 0xff, 0xff, 0xff])), FrameError);
  assert.throws(() => new FrameReader(10).push(frameOf("x".repeat(20))), /22 bytes; 10 are allowed/);
  assert.throws(() => new FrameReader().push(new Uint8Array([0, 0, 0, 1, 0x7b])), /not JSON/);
  assert.throws(() => new FrameReader().push(new Uint8Array([0, 0, 0, 2, 0xff, 0xfe])), /not JSON/);
  assert.deepEqual(new FrameReader().push(new Uint8Array([0, 0, 0, 9, 0x7b])), []);
});
