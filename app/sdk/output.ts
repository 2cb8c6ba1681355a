/** What a program writes to one of its outputs, which what it has left running may hold open after its end. */

/** How long more is waited for once the program has ended. */
const REST_MS = 500;
/** More than a pipe holds: whatever comes then, the program has not written. */
const REST_BYTES = 100_000;

/** @param ended resolves when the program has ended */
export async function* outputOf(
  stream: ReadableStream<Uint8Array>,
  ended: Promise<unknown>,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  const end = new End(ended);
  let [ms, bytes] = [REST_MS, REST_BYTES];
  try {
    while (ms > 0 && bytes > 0) {
      const reading = reader.read();
      await end.or(reading);
      const since = performance.now();
      const next = end.hasCome ? await within(reading, ms) : await reading;
      if (!next || next.done) return;
      if (end.hasCome) [ms, bytes] = [ms - (performance.now() - since), bytes - next.value.length];
      yield next.value;
    }
  } finally {
    await reader.cancel();
  }
}

/** The end of a program, which is waited for many times without anything left of it each time. */
class End {
  hasCome = false;
  #wake: (() => void) | undefined;

  constructor(ended: Promise<unknown>) {
    void ended.then(() => {
      this.hasCome = true;
      this.#wake?.();
    });
  }

  /** Waits for something else, or for the end. */
  async or(other: Promise<unknown>): Promise<void> {
    if (this.hasCome) return;
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    await Promise.race([other, woken.promise]);
  }
}

/** Undefined where it takes longer. */
async function within<T>(waiting: Promise<T>, ms: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  try {
    return await Promise.race([waiting, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
