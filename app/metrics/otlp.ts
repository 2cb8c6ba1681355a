/** Sends spans to a collector as OTLP/HTTP JSON. Deno's own OpenTelemetry is fixed when the executable is compiled. */
import { firstBytes } from "../base/first_bytes.ts";
import { TimeLimit } from "../base/time_limit.ts";
import type { Clock, Service } from "../contracts.ts";
import type { Span } from "./spans.ts";

export interface OtlpParts {
  /** Address of the collector, with or without `/v1/traces`. */
  readonly endpoint: string;
  /** `service.name` of the resource. */
  readonly service: string;
  readonly clock: Clock;
  /** Said when the collector stops taking spans, and when it takes them again. */
  readonly onTrouble: (sentence: string) => void;
  /** Gets how many spans nobody has any more. */
  readonly onDropped: (count: number) => void;
}

const EVERY_MS = 5_000;
const ANSWER_MS = 10_000;
/** Spans that wait; while a collector is away the oldest go. */
const MAX_WAITING = 4_096;
const MAX_BATCH = 512;
const MAX_ANSWER_BYTES = 65_536;
/** How long what waits may take to be sent when Carillon stops. */
const LAST_MS = 2_000;
const MAX_TEXT = 1_000;

export class OtlpExporter implements Service {
  readonly #stopping = new AbortController();
  /** Aborted when there is no more time for an answer. */
  readonly #over = new AbortController();
  #waiting: Span[] = [];
  #loop: Promise<void> | undefined;
  #failing = false;

  constructor(readonly parts: OtlpParts) {}

  add(span: Span): void {
    this.#waiting.push(span);
    if (this.#waiting.length <= MAX_WAITING) return;
    this.#waiting.shift();
    this.parts.onDropped(1);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** What waits is sent once more, as far as that takes no time to speak of. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("Carillon is stopping"));
    const timer = setTimeout(() => this.#over.abort(new Error("Carillon is stopping")), LAST_MS);
    await this.#loop;
    await this.#flush();
    clearTimeout(timer);
    if (this.#waiting.length > 0) this.parts.onDropped(this.#waiting.length);
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#flush();
      await this.parts.clock.sleep(EVERY_MS, signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#over.signal.aborted) {
      const batch = this.#waiting.slice(0, MAX_BATCH);
      const trouble = await this.#send(batch);
      if (trouble !== undefined && !this.#failing) this.parts.onTrouble(`traces are not taken: ${trouble}`);
      if (trouble === undefined && this.#failing) this.parts.onTrouble("traces are taken again");
      this.#failing = trouble !== undefined;
      if (trouble !== undefined) return;
      this.#forget(batch);
    }
  }

  #forget(batch: readonly Span[]): void {
    const gone = new Set(batch);
    this.#waiting = this.#waiting.filter((span) => !gone.has(span));
  }

  /**
   * Sends them. What the collector refuses for good is not sent again: OTLP asks for that with all but 429, 502, 503 and 504;
   * we are more patient with other failures of its own.
   *
   * @returns why it did not take them
   */
  async #send(batch: readonly Span[]): Promise<string | undefined> {
    const { endpoint, service } = this.parts;
    const base = endpoint.replace(/\/$/, "");
    using limit = new TimeLimit(ANSWER_MS, this.#over.signal);
    try {
      const response = await fetch(base.endsWith("/v1/traces") ? base : `${base}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(otlpJson(batch, service)),
        redirect: "manual",
        signal: limit.signal,
      });
      const body = await firstBytes(response, MAX_ANSWER_BYTES);
      const { status } = response;
      if (response.ok) {
        const rejected = Math.min(rejectedIn(body), batch.length);
        if (rejected > 0) this.parts.onDropped(rejected);
        return undefined;
      }
      if (status !== 408 && status !== 429 && status < 500) {
        this.#forget(batch);
        this.parts.onDropped(batch.length);
      }
      return `HTTP ${status}`;
    } catch (error) {
      return limit.reason(error);
    }
  }
}

/** The body of a request, as the JSON mapping of OTLP 1 has it: ids in hexadecimal, times as texts. */
export function otlpJson(spans: readonly Span[], service: string) {
  return {
    resourceSpans: [{
      resource: { attributes: attributesOf({ "service.name": service, "host.name": Deno.hostname() }) },
      scopeSpans: [{ scope: { name: "carillon" }, spans: spans.map(spanJson) }],
    }],
  };
}

/** How many spans an answer says it did not take; 0 for what is no answer of a collector. */
function rejectedIn(body: string): number {
  try {
    const count = Number(JSON.parse(body)?.partialSuccess?.rejectedSpans ?? 0);
    return Number.isInteger(count) && count > 0 ? count : 0;
  } catch {
    // Not JSON: it has said that it took them, which is all there is.
    return 0;
  }
}

function spanJson({ traceId, spanId, parentSpanId, name, from, to, attributes, error, isCall }: Span) {
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    // SPAN_KIND_CLIENT and SPAN_KIND_INTERNAL
    kind: isCall ? 3 : 1,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(Math.max(from, to)),
    attributes: attributesOf(attributes),
    // STATUS_CODE_ERROR and STATUS_CODE_OK
    status: error === undefined ? { code: 1 } : { code: 2, message: error.slice(0, MAX_TEXT) },
  };
}

function attributesOf(attributes: Span["attributes"]) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "string"
      ? { stringValue: value }
      : Number.isInteger(value)
      ? { intValue: String(value) }
      : { doubleValue: value },
  }));
}

function nanoseconds(ms: number): string {
  return `${BigInt(Math.round(ms)) * 1_000_000n}`;
}
