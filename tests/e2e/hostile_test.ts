/** One kind of host after another: two at one time take more memory and processes than a small machine has. */
import { testHostileTasks } from "./hostile_kind.ts";

for (const kind of ["worker", "process", "shared", "limited"] as const) testHostileTasks(kind);
