/** What is written down: the history, the marks of the clock, the mirror of the task files, the audit; and what is masked in it. */
import { join } from "node:path";
import type { Journal } from "../../base/journal.ts";
import { createMask, type Mask, SHORTEST_SECRET } from "../../base/mask.ts";
import type { Config } from "../../config/config.ts";
import { historySettings } from "../../config/history_settings.ts";
import type { History } from "../../contracts.ts";
import { openHistory } from "../../history/open.ts";
import { historyWriteTimes as createWriteTimes } from "../../metrics/history_metrics.ts";
import type { Histogram } from "../../metrics/metric.ts";
import { importWatermarkFile } from "../../history/watermark_file.ts";
import { Mirror } from "../../task/mirror.ts";
import manifest from "../../../deno.json" with { type: "json" };
import { secretsOf } from "../../../datasource/settings.ts";
import { type AuditService, composeAudit } from "../audit.ts";
import { ClockFile } from "../clock_file.ts";
import { Maintenance } from "../maintenance.ts";
import type { Ground } from "./ground.ts";

export interface Files {
  readonly history: History;
  readonly historyWriteTimes: Histogram;
  readonly marks: ClockFile;
  readonly mirror: Mirror;
  /** Takes the secrets of the settings and of database.ini out of a text. */
  readonly mask: Mask;
  readonly audit: AuditService;
  readonly maintenance: Maintenance;
}

/** @param ownHistory in place of the one that the settings name */
export async function openFiles(ground: Ground, ownHistory: History | undefined): Promise<Files> {
  const { config, clock, events, journal } = ground;
  const { data, tasks } = config.scheduler;
  const historyWriteTimes = createWriteTimes();
  const history = ownHistory ?? openConfiguredHistory(ground, historyWriteTimes);
  await importWatermarkFile(join(data, "watermarks.json"), history);
  const marks = new ClockFile(join(data, "clock.json"));
  const mirror = new Mirror(data, tasks, Deno.cwd());
  await mirror.open();
  warnOfShortSecrets(config, journal);
  const mask = createMask([...Object.values(config.secrets), ...secretsOf(config.datasource.file)]);
  const audit = composeAudit({ config, clock, events, journal, mask, version: manifest.version });
  const maintenance = new Maintenance({ clock, history, audit: audit.log, marks, journal });
  return { history, historyWriteTimes, marks, mirror, mask, audit, maintenance };
}

/** Opens the history that the settings name; its troubles are events. */
function openConfiguredHistory({ config, clock, events }: Ground, writeTimes: Histogram): History {
  return openHistory(
    historySettings(config),
    clock,
    (message, error) => {
      events.emit(error === undefined ? "history.recovered" : "history.failed", { message });
    },
    (ms) => writeTimes.observe(ms / 1_000),
  );
}

function warnOfShortSecrets(config: Config, journal: Journal): void {
  for (const [name, value] of Object.entries(config.secrets)) {
    if (value.length >= SHORTEST_SECRET) continue;
    journal.warn(
      `[secrets] ${name} is shorter than ${SHORTEST_SECRET} characters: it is not taken out of logs and pages`,
    );
  }
}
