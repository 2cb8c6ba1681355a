/** Traces, where the settings name a collector: what goes out with what runs do, and what is sent there. */
import type { Journal } from "../base/journal.ts";
import type { Config } from "../config/config.ts";
import type { Clock, Service } from "../contracts.ts";
import type { EventBus } from "../events/bus.ts";
import { OtlpExporter } from "../metrics/otlp.ts";
import { Traces } from "../metrics/spans.ts";

export interface TracingParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly journal: Journal;
}

export interface Tracing {
  /** What goes out with what an attempt does elsewhere; undefined where nobody traces. */
  readonly traceparentOf?: ((runId: string, attempt: number) => string) | undefined;
  readonly services: readonly Service[];
}

export function composeTracing({ config: { otel }, clock, events, journal }: TracingParts): Tracing {
  if (otel.endpoint === "") return { services: [] };
  const exporter = new OtlpExporter({
    endpoint: otel.endpoint,
    service: otel.service,
    clock,
    onTrouble: (sentence) => journal.warn(`[otel] endpoint: ${sentence}`),
    onDropped: (count) => events.emit("trace.dropped", { count }),
  });
  const traces = new Traces({ events, now: () => clock.now(), onSpan: (span) => exporter.add(span) });
  return {
    traceparentOf: (runId, attempt) => traces.traceparentOf(runId, attempt),
    services: [exporter],
  };
}
