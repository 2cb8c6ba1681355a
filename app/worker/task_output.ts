/** In the clock: what a host and its children write to standard output or error, in lines. It never is a message. */
import { eventLoopTurn } from "../base/event_loop_turn.ts";
import { MAX_LINE_LENGTH } from "./limits.ts";
import { Allowance, pause, type TurnBudget } from "./pace.ts";

/** Turns without anything new after which what was written before is held to be read. */
const QUIET_TURNS = 2;
/** A pipe holds 64 KB; what goes on writing is not waited for. */
const MOST_TURNS = 200;

export class TaskOutput {
  readonly #decoder = new TextDecoder();
  readonly #allowance = new Allowance();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest = "";
  #chunks = 0;
  /** True while nothing is there to be read. */
  #waits = true;
  /** Ends the pause of one who has said much. */
  #hurry: (() => void) | undefined;
  #hurried = false;
  #isHeldBack = false;

  constructor(
    stream: ReadableStream<Uint8Array>,
    readonly budget: TurnBudget,
    readonly onLine: (text: string) => void,
    /** Nothing is read for a while: who writes on waits. */
    readonly onHeldBack: (ms: number) => void = () => {},
  ) {
    this.#reader = stream.getReader();
  }

  /** True while nothing is read, because so much was said: who writes on waits. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /** Reads to the end of the stream. Never rejects. */
  async read(): Promise<void> {
    try {
      for (;;) {
        this.#waits = true;
        const { done, value } = await this.#reader.read();
        this.#waits = false;
        if (done) break;
        this.#chunks++;
        await this.budget.available();
        let lines = 0;
        this.budget.spend(() => lines = this.#take(this.#decoder.decode(value, { stream: true })));
        const wait = this.#allowance.take(value.length, lines);
        if (wait > 0 && !this.#hurried) await this.#pause(wait);
      }
      this.flush();
    } catch {
      // The pipe was closed on this side: nobody waits for what is in it.
    } finally {
      this.#waits = true;
    }
  }

  /** Resolves once what was written so far has become lines. */
  async drained(): Promise<void> {
    this.#hurried = true;
    this.#hurry?.();
    let quiet = 0;
    for (let turn = 0; turn < MOST_TURNS && quiet < QUIET_TURNS; turn++) {
      const before = this.#chunks;
      await eventLoopTurn();
      quiet = this.#waits && this.#chunks === before ? quiet + 1 : 0;
    }
    this.#hurried = false;
    this.flush();
  }

  /** What has no line end yet becomes a line. */
  flush(): void {
    const rest = this.#rest;
    this.#rest = "";
    if (rest !== "") this.onLine(rest);
  }

  close(): void {
    this.#reader.cancel().catch(() => {
      // It has ended in the meantime.
    });
  }

  async #pause(ms: number): Promise<void> {
    this.#isHeldBack = true;
    this.onHeldBack(ms);
    await Promise.race([pause(ms), new Promise<void>((resolve) => this.#hurry = resolve)]);
    this.#isHeldBack = false;
  }

  #take(text: string): number {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    let count = 0;
    for (const line of lines) count += this.#say(line.replace(/\r$/, ""));
    while (this.#rest.length > MAX_LINE_LENGTH) {
      count += this.#say(this.#rest.slice(0, MAX_LINE_LENGTH));
      this.#rest = this.#rest.slice(MAX_LINE_LENGTH);
    }
    return count;
  }

  #say(line: string): number {
    let count = 0;
    for (let at = 0; at < line.length; at += MAX_LINE_LENGTH) {
      this.onLine(line.slice(at, at + MAX_LINE_LENGTH));
      count++;
    }
    return count;
  }
}
