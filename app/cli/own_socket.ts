/** The socket by which the commands reach the Carillon of a data folder. */
import { join } from "node:path";
import type { Config } from "../config/config.ts";

export function ownSocketPath({ scheduler }: Pick<Config, "scheduler">): string {
  return join(scheduler.data, "cli.sock");
}
