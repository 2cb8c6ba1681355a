/** A run as a trace: the run, its wait, its attempts, and what each does. The trace's id is the run's, so that one finds the other. */
import { createHash } from "node:crypto";
import type { EpochMs } from "../base/time.ts";
import type { EventBus } from "../events/bus.ts";
import type { AttemptSpan } from "../model/order.ts";
import { isBad, type Run, waitingSince } from "../model/run.ts";

/** A stretch of a trace. Ids are hexadecimal, as OTLP's JSON has them. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Undefined where it went well. */
  readonly error?: string | undefined;
  /** True for what asks something elsewhere: `SPAN_KIND_CLIENT`. */
  readonly isCall?: boolean;
}

/** A run's id without its hyphens is 16 bytes, as a trace's id has to be. */
export function traceIdOf(runId: string): string {
  return runId.replaceAll("-", "").toLowerCase();
}

/** The same for the same part of the same run, so that whoever is inside it can name it as its parent. */
export function spanIdOf(runId: string, part: string): string {
  return createHash("sha256").update(`${runId} ${part}`).digest("hex").slice(0, 16);
}

/** Who asked for a run, as their `traceparent` says. */
interface Caller {
  readonly traceId: string;
  readonly spanId: string;
}

/** Of version 00; a later one may have more behind it (W3C Trace Context, 4.3). */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-[\da-f]{2}(?:-.*)?$/;
/** Runs of others that wait or are running; of more the first ones become traces of their own. */
const MAX_CALLERS = 10_000;

export interface TracesParts {
  readonly events: EventBus;
  readonly now: () => EpochMs;
  /** Gets each part of a run as soon as it is over. */
  readonly onSpan: (span: Span) => void;
}

/** Runs as traces. One that was asked for with a `traceparent` is a part of that trace. */
export class Traces {
  /** By run. */
  readonly #callers = new Map<string, Caller>();
  /** When the attempt of a run that is going on began. */
  readonly #began = new Map<string, EpochMs>();

  constructor(readonly parts: TracesParts) {
    const { events, now } = parts;
    for (const name of ["run.awaiting_approval", "run.queued"] as const) {
      events.on(name, ({ run, traceparent }) => this.#adopt(run.id, traceparent));
    }
    events.on("run.started", ({ run }) => {
      this.#began.set(run.id, now());
      if (run.attempt === 1) {
        this.#tell(run, "queued", { name: "queued", from: waitingSince(run), in: "run" });
      }
    });
    events.on("run.hosted", ({ run }) => {
      const from = this.#began.get(run.id);
      const own = `attempt ${run.attempt}`;
      if (from !== undefined) this.#tell(run, `host ${own}`, { name: "host start", from, in: own });
    });
    events.on("run.spanned", ({ run, span }) => this.#inside(run, span));
    events.on(
      "run.retrying",
      ({ run }) => this.#endAttempt(run, run.progress?.note ?? "it did not succeed"),
    );
    events.on("run.ended", ({ run }) => this.#end(run));
  }

  /** `traceparent` of W3C Trace Context for what an attempt does elsewhere. */
  traceparentOf(runId: string, attempt: number): string {
    return `00-${this.#traceOf(runId)}-${spanIdOf(runId, `attempt ${attempt}`)}-01`;
  }

  #traceOf(runId: string): string {
    return this.#callers.get(runId)?.traceId ?? traceIdOf(runId);
  }

  #adopt(runId: string, traceparent: string | undefined): void {
    const [, traceId, spanId] = TRACEPARENT.exec(traceparent ?? "") ?? [];
    if (traceId === undefined || spanId === undefined || this.#callers.size >= MAX_CALLERS) return;
    this.#callers.set(runId, { traceId, spanId });
  }

  #tell(
    run: Run,
    part: string,
    span: {
      readonly name: string;
      readonly from: EpochMs;
      readonly in: string;
      readonly error?: string | undefined;
    },
  ): void {
    this.parts.onSpan({
      traceId: this.#traceOf(run.id),
      spanId: spanIdOf(run.id, part),
      parentSpanId: spanIdOf(run.id, span.in),
      name: span.name,
      from: span.from,
      to: this.parts.now(),
      attributes: {},
      error: span.error,
    });
  }

  /** What a host says has just ended. */
  #inside(run: Run, { spanId, parentSpanId, name, ms, attributes, error }: AttemptSpan): void {
    const to = this.parts.now();
    const traceId = this.#traceOf(run.id);
    this.parts.onSpan({
      traceId,
      spanId,
      parentSpanId,
      name,
      from: to - ms,
      to,
      attributes,
      error,
      isCall: true,
    });
  }

  #endAttempt(run: Run, error: string | undefined): void {
    const from = this.#began.get(run.id);
    this.#began.delete(run.id);
    const name = `attempt ${run.attempt}`;
    if (from !== undefined) this.#tell(run, name, { name, from, in: "run", error });
  }

  #end(run: Run): void {
    const error = isBad(run.status) ? run.error?.message ?? run.message ?? run.status : undefined;
    this.#endAttempt(run, error);
    this.parts.onSpan({
      traceId: this.#traceOf(run.id),
      spanId: spanIdOf(run.id, "run"),
      parentSpanId: this.#callers.get(run.id)?.spanId,
      name: `run ${run.taskId}`,
      from: run.queuedAt,
      to: run.finishedAt ?? this.parts.now(),
      attributes: {
        "carillon.task": run.taskId,
        "carillon.run": run.id,
        "carillon.cause": run.cause,
        "carillon.status": run.status,
        "carillon.attempts": run.attempt,
      },
      error,
    });
    this.#callers.delete(run.id);
  }
}
