/** The process itself, under the names that Prometheus' own clients use. */
import process from "node:process";
import { Gauge, type Metric } from "./metric.ts";

export function processMetrics(): readonly Metric[] {
  const startedAt = Date.now() / 1_000 - process.uptime();
  return [
    new Gauge("process_start_time_seconds", "When the process started, since 1970.", [], () => startedAt),
    new Gauge("process_resident_memory_bytes", "Memory in use.", [], () => Deno.memoryUsage().rss),
    new Gauge("process_cpu_seconds", "CPU time used so far.", [], () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
    new Gauge("process_open_fds", "Open files and sockets.", [], openFiles),
  ];
}

/** Undefined where the system does not say. */
function openFiles(): number | undefined {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return undefined;
  }
}
