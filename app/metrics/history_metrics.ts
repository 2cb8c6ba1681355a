/** How long the history file takes to be written, measured where it is. */
import { Histogram } from "./metric.ts";

/** Seconds: a write that waits for nothing is below a millisecond, one that waits for a disk far above. */
const WRITES = [0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

export function historyWriteTimes(): Histogram {
  return new Histogram(
    "carillon_history_write_duration_seconds",
    "How long writes of the history file took, failed ones included.",
    WRITES,
  );
}
