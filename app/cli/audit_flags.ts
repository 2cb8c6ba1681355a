/** What the commands of the audit have in common: where it is, and which lines are wanted. */
import { auditFolder } from "../audit/log.ts";
import type { AuditQuery } from "../audit/read.ts";
import { readDateText } from "../base/date_text.ts";
import type { Config } from "../config/config.ts";
import { AUDIT_OUTCOMES } from "../model/audit.ts";
import type { Arguments, Flags } from "./command.ts";
import { UsageError } from "./errors.ts";

export const QUERY_FLAGS: Flags = {
  who: { value: "NAME", help: "only what this person or token did" },
  action: { value: "WORD", help: "only this action, such as run.start, or a group of them, such as run" },
  target: { value: "TEXT", help: "only what was done to this, such as task/sync_orders" },
  outcome: { value: "WORD", help: `only this outcome: ${AUDIT_OUTCOMES.join(", ")}` },
  from: { value: "TIME", help: "from this day or moment on, such as 2026-03-01" },
  to: { value: "TIME", help: "up to this day or moment, such as 2026-03-31" },
  text: { value: "TEXT", help: "only lines with this text" },
};

/** The folder of the audit that the settings name. */
export function folderOf({ scheduler }: Config): string {
  return auditFolder(scheduler.data);
}

/** @throws UsageError for a word that means nothing */
export function queryOf({ own }: Arguments, { scheduler: { timezone } }: Config): AuditQuery {
  const outcome = AUDIT_OUTCOMES.find((each) => each === own.get("outcome"));
  if (own.has("outcome") && !outcome) {
    throw new UsageError(`--outcome: "${own.get("outcome")}" is not one of ${AUDIT_OUTCOMES.join(", ")}`);
  }
  return {
    who: own.get("who"),
    action: own.get("action"),
    target: own.get("target"),
    outcome,
    text: own.get("text"),
    from: momentOf("from", own.get("from"), timezone, 0),
    to: momentOf("to", own.get("to"), timezone, 1),
  };
}

/** @param days that are added to a date without a time: the end of a day belongs to it */
function momentOf(flag: string, text: string | undefined, zone: string, days: number): number | undefined {
  if (text === undefined) return undefined;
  try {
    const read = readDateText(text);
    if (read?.kind === "instant") return read.instant.epochMilliseconds + days;
    if (read?.timed) return read.time.toZonedDateTime(zone).epochMilliseconds + days;
    if (read) return read.time.toPlainDate().add({ days }).toZonedDateTime(zone).epochMilliseconds;
  } catch (error) {
    // Beyond the days that there are for Temporal.
    if (!(error instanceof RangeError)) throw error;
  }
  throw new UsageError(`--${flag}: "${text}" is no day or moment such as 2026-03-01 or 2026-03-01T08:00`);
}
