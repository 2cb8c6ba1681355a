/** Puts the audit together: where it is written, what Carillon itself adds to it, and its life. */
import { Audit } from "../audit/log.ts";
import { listen } from "../audit/listen.ts";
import type { Journal } from "../base/journal.ts";
import { createMask, type Mask } from "../base/mask.ts";
import type { Config } from "../config/config.ts";
import { ALL_SETTINGS } from "../config/settings.ts";
import type { Clock, Service } from "../contracts.ts";
import { EventBus } from "../events/bus.ts";

export interface AuditParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly journal: Journal;
  readonly mask: Mask;
  readonly version: string;
}

export interface AuditService extends Service {
  readonly log: Audit;
}

/** The audit for a command that changes something beside the server. @param say gets what is wrong with it */
export function openAudit(config: Config, clock: Clock, say: (sentence: string) => void): Audit {
  const events = new EventBus(say);
  for (const name of ["audit.failed", "audit.damaged"] as const) {
    events.on(name, ({ message }) => say(message));
  }
  const { secrets, scheduler, audit } = config;
  return new Audit({
    clock,
    events,
    mask: createMask(Object.values(secrets)),
    data: scheduler.data,
    days: audit.days,
  });
}

const CARILLON = { channel: "carillon" } as const;
/** Settings whose values are nobody's business, or may be. */
const SECRET_KEY = /secret|password|token|key$/;

export function composeAudit({ config, clock, events, journal, mask, version }: AuditParts): AuditService {
  const log = new Audit({ clock, events, mask, data: config.scheduler.data, days: config.audit.days });
  let isActive = false;
  listen(events, log, () => isActive);
  return {
    log,
    start() {
      isActive = true;
      log.record({
        actor: CARILLON,
        action: "carillon.start",
        params: settingsOf(config),
        outcome: "done",
        message: `Carillon ${version} started`,
      });
    },
    stop() {
      if (isActive) log.record({ actor: CARILLON, action: "carillon.stop", outcome: "done" });
      isActive = false;
      const lost = log.close();
      if (lost > 0) journal.error(`${lost} entries of the audit are lost: ${log.trouble}`);
      return Promise.resolve();
    },
  };
}

/** The settings as they are in force, and the names of what is secret. */
function settingsOf(config: Config): Record<string, unknown> {
  const sections = Map.groupBy(ALL_SETTINGS, ({ section }) => section);
  const settings = [...sections].map(([section, all]) => {
    const values: Readonly<Record<string, unknown>> = { ...config[section as keyof Config] as object };
    return [section, Object.fromEntries(all.map(({ key }) => [key, shownValue(key, values[key])]))];
  });
  return {
    ...Object.fromEntries(settings),
    secrets: Object.keys(config.secrets),
    sections: config.named.map(({ kind, name }) => `${kind}:${name}`),
    file: config.configFile,
  };
}

function shownValue(key: string, value: unknown): unknown {
  if (SECRET_KEY.test(key) && value !== "" && typeof value === "string") return "•••";
  return typeof value === "string" ? value.replace(/\/\/[^/]*@/g, "//•••@") : value;
}
