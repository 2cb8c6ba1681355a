/** The spans of time that runs stand for, and the parameters that are filled from them. */
import type { EpochMs } from "../base/time.ts";
import type { TimeWindow } from "../model/order.ts";
import type { Task } from "./task.ts";
import type { TriggerTable } from "./trigger_table.ts";
import { momentFor, schemaOf } from "./window_params.ts";

type Params = Readonly<Record<string, unknown>>;

export class Windows {
  constructor(readonly triggers: Pick<TriggerTable, "windowOf" | "spanTo" | "zoneOf">) {}

  /** The span of a run that is due, or was asked for, at a moment; undefined for a task that has no windows. */
  of(task: Task, at: EpochMs): TimeWindow | undefined {
    return this.triggers.windowOf(task, at);
  }

  /** The span since the instant before, whether the task has windows or not. */
  spanTo(task: Task, at: EpochMs): TimeWindow | undefined {
    return this.triggers.spanTo(task, at);
  }

  /** The parameters, with those from the window that nobody has given. */
  fill({ id, description }: Task, params: Params, window: TimeWindow | undefined): Params {
    const policy = description.policies.window;
    if (!policy || !window) return params;
    const zone = this.triggers.zoneOf(id);
    const filled: [string, unknown][] = [];
    for (const end of ["from", "to"] as const) {
      const name = policy[end];
      if (name === undefined || Object.hasOwn(params, name)) continue;
      const value = momentFor(window[end], schemaOf(name, description.params), zone);
      if (value !== undefined) filled.push([name, value]);
    }
    return filled.length === 0 ? params : { ...params, ...Object.fromEntries(filled) };
  }
}
