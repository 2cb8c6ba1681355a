/** What is written to a reader that takes nothing waits for a while, and then is dropped; writing never waits. */
import assert from "node:assert/strict";
import { Outlet } from "../../app/base/outlet.ts";

/** A reader that takes what it is let take. */
class Reader {
  readonly #bytes: number[] = [];
  readonly #waiting: PromiseWithResolvers<void>[] = [];

  /** Writes that wait for this reader. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** What it has taken. */
  get text(): string {
    return new TextDecoder().decode(new Uint8Array(this.#bytes));
  }

  /** @param most bytes of one write */
  constructor(readonly most = Infinity) {}

  async write(bytes: Uint8Array): Promise<number> {
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(turn);
    await turn.promise;
    const taken = bytes.subarray(0, this.most);
    this.#bytes.push(...taken);
    return taken.length;
  }

  /** Takes one write. */
  take(): void {
    this.#waiting.shift()?.resolve();
  }

  async takeAll(outlet: Outlet): Promise<void> {
    while (outlet.waiting > 0) {
      this.take();
      await Promise.resolve();
    }
  }
}

Deno.test("lines come in their order, by one write after another, in whatever pieces they are taken", async () => {
  const reader = new Reader(5);
  const outlet = new Outlet(reader, { onDropped: () => assert.fail("none was dropped") });
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i} 数据\n`);
  for (const line of lines) outlet.write(line);
  assert.equal(reader.pending, 1);
  await reader.takeAll(outlet);
  assert.equal(reader.text, lines.join(""));
});

Deno.test("what is not read is dropped beyond a limit and counted; it is said once the reader has taken the rest", async () => {
  const reader = new Reader();
  const outlet: Outlet = new Outlet(reader, {
    most: 100,
    onDropped: (lines) => outlet.write(`${lines} dropped\n`),
  });
  const line = "123456789\n";
  for (let i = 0; i < 10_000; i++) outlet.write(line);
  assert.equal(outlet.waiting, 100);
  assert.equal(reader.pending, 1);
  assert.equal(reader.text, "");
  reader.take();
  await Promise.resolve();
  // Until it is said that some are missing, none follows.
  outlet.write("too early\n");
  await reader.takeAll(outlet);
  assert.equal(reader.text, `${line.repeat(10)}9991 dropped\n`);
  outlet.write("and on\n");
  await reader.takeAll(outlet);
  assert.equal(reader.text, `${line.repeat(10)}9991 dropped\nand on\n`);
});

Deno.test("the end waits for the reader for a moment, and not for one that never comes", async () => {
  const never = new Outlet({ write: () => new Promise<number>(() => {}) }, { onDropped() {} });
  never.write("for nobody\n");
  await never.flush(1);
  assert.equal(never.waiting, "for nobody\n".length);
  const reader = new Reader();
  const outlet = new Outlet(reader, { onDropped() {} });
  await outlet.flush(1e6);
  outlet.write("last word\n");
  const flushed = outlet.flush(1e6);
  reader.take();
  await flushed;
  assert.equal(reader.text, "last word\n");
});

Deno.test("a reader that has gone ends nothing", async () => {
  let writes = 0;
  const outlet = new Outlet({
    write: () => {
      writes++;
      return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe"));
    },
  }, { onDropped() {} });
  for (let i = 0; i < 3; i++) {
    outlet.write("line\n");
    await outlet.flush(1e6);
  }
  assert.equal(writes, 3);
  assert.equal(outlet.waiting, 0);
});
