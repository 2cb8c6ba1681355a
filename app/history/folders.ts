/** Folders beside the history file. */
import type { ArtifactSettings } from "./artifact_files.ts";
import type { LogLimits } from "./log/log_files.ts";

/** What is kept beside the history file: logs that outgrow it, and files that runs have left. */
export interface FolderSettings {
  readonly logs: string;
  /** Folder with a folder of artifacts a run, which goes with the run. */
  readonly artifacts: string;
  /** Logs are kept so long, in milliseconds. */
  readonly keepLogsMs: number;
  readonly logLimits?: LogLimits | undefined;
  readonly artifactLimits?: ArtifactSettings | undefined;
}
