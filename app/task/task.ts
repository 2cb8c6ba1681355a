/** A task as the rest of Carillon knows it. */
import type { TaskDescription } from "./description.ts";

/** A task that is ready to run. Never changed; a reload makes a new one. */
export interface Task {
  readonly id: string;
  /** Path below the tasks folder. */
  readonly path: string;
  /** Address of the module to import. */
  readonly module: string;
  /** Changes when the file or anything it imports changes. */
  readonly version: string;
  readonly description: TaskDescription;
}
