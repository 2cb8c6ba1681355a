/** Metrics as text that Prometheus reads: exposition format 0.0.4. */
import type { Metric } from "./metric.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(textOf).join("");
}

function textOf(metric: Metric): string {
  const { name, help, type } = metric;
  const samples = metric.samples();
  if (samples.length === 0) return "";
  const lines = samples.map(({ suffix, labels, value }) =>
    `${name}${suffix}${labelText(labels)} ${number(value)}`
  );
  return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function labelText(labels: readonly (readonly [string, string])[]): string {
  if (labels.length === 0) return "";
  return `{${labels.map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`).join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);
}
