/** Every route of `/api/v1`, in the order of the document. */
import type { Route } from "../route.ts";
import { cancelBackfill, getBackfill, listBackfills, startBackfill } from "./backfills.ts";
import { cancelMany, pauseMany, rerunFailed, resumeMany, startMany } from "./bulk.ts";
import { followEvents } from "./events.ts";
import { cancelPlanned, listPlanned } from "./planned.ts";
import { getReport } from "./report.ts";
import { approveRun, cancelRun, declineRun, rerun } from "./run_actions.ts";
import { getRunArtifact, listRunArtifacts } from "./run_artifacts.ts";
import { getRunLog } from "./run_log.ts";
import { getRun, getRunResult, listRuns } from "./runs.ts";
import { getSystem, listDatabases, reload, testDatabase } from "./system.ts";
import { pauseTask, resumeTask } from "./task_pause.ts";
import { startRun } from "./task_runs.ts";
import { getTask, getTaskReport, getTaskSource, listInstants, listTasks } from "./tasks.ts";

export const ROUTES: readonly Route[] = [
  listTasks,
  getTask,
  listInstants,
  getTaskReport,
  getTaskSource,
  startRun,
  pauseTask,
  resumeTask,
  listRuns,
  getRun,
  getRunLog,
  getRunResult,
  listRunArtifacts,
  getRunArtifact,
  cancelRun,
  rerun,
  approveRun,
  declineRun,
  getReport,
  startMany,
  rerunFailed,
  cancelMany,
  pauseMany,
  resumeMany,
  listBackfills,
  getBackfill,
  startBackfill,
  cancelBackfill,
  listPlanned,
  cancelPlanned,
  getSystem,
  reload,
  listDatabases,
  testDatabase,
  followEvents,
];
