/** Reads server-sent events as a browser does, as far as the API sends them. */
import assert from "node:assert/strict";

export interface ReadEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A client that comes back with the last id it has seen. */
export class EventClient {
  readonly events: ReadEvent[] = [];
  lastId: string | undefined;
  comments = 0;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #text = "";

  constructor(readonly open: (headers: Record<string, string>) => Promise<Response>) {}

  async connect(): Promise<void> {
    const answer = await this.open(this.lastId === undefined ? {} : { "last-event-id": this.lastId });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "text/event-stream; charset=utf-8");
    this.#reader = answer.body?.getReader();
    this.#text = "";
  }

  /** Reads on until there are so many events in all, or the stream has ended. @returns false for its end */
  async until(enough: () => boolean): Promise<boolean> {
    const decoder = new TextDecoder();
    while (!enough()) {
      assert.ok(this.#reader);
      const { done, value } = await this.#reader.read();
      if (done) return false;
      this.#text += decoder.decode(value, { stream: true });
      this.#take();
    }
    return true;
  }

  /** The connection is cut, whatever is under way. */
  async cut(): Promise<void> {
    await this.#reader?.cancel();
    this.#reader = undefined;
  }

  #take(): void {
    for (let end = this.#text.indexOf("\n\n"); end !== -1; end = this.#text.indexOf("\n\n")) {
      const lines = this.#text.slice(0, end).split("\n");
      this.#text = this.#text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (lines.every((line) => line.startsWith(":"))) this.comments++;
      this.lastId = field("id") ?? this.lastId;
      const data = field("data");
      if (data !== undefined) {
        this.events.push({ event: field("event") ?? "message", data: JSON.parse(data) });
      }
    }
  }
}
