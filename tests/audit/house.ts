/** An audit in a folder of its own, on a clock that the test moves. */
import { join } from "node:path";
import { Audit, auditFolder } from "../../app/audit/log.ts";
import { type AuditLine, readLine } from "../../app/audit/line.ts";
import { dayFiles } from "../../app/audit/files.ts";
import { linesOf } from "../../app/audit/read_lines.ts";
import { createMask } from "../../app/base/mask.ts";
import { EventBus } from "../../app/events/bus.ts";
import type { AuditEntry } from "../../app/model/audit.ts";

export const NOW = Date.parse("2026-03-10T10:00:00Z");
export const DAY_MS = 86_400_000;

export class House {
  now = NOW;
  /** What was said of trouble. */
  readonly said: string[] = [];
  readonly events = new EventBus((sentence) => {
    throw new Error(sentence);
  });
  readonly folder: string;

  constructor(readonly data: string) {
    this.folder = auditFolder(data);
    for (const name of ["audit.failed", "audit.recovered", "audit.damaged"] as const) {
      this.events.on(
        name,
        ({ message }) => this.said.push(`${name}: ${message.replaceAll(this.folder, "…")}`),
      );
    }
  }

  open(days = 0, secrets: readonly string[] = ["s3cret-value"]): Audit {
    const { events, data } = this;
    return new Audit({ clock: { now: () => this.now }, events, mask: createMask(secrets), data, days });
  }

  path(name = dayFiles(this.folder).at(-1) ?? ""): string {
    return join(this.folder, name);
  }

  /** The lines of all files, in their order. */
  lines(): AuditLine[] {
    return dayFiles(this.folder).flatMap((name) => [...linesOf(this.path(name))]).flatMap((text) =>
      readLine(text) ?? []
    );
  }
}

export function entry(action: string, rest: Partial<AuditEntry> = {}): AuditEntry {
  return { actor: { channel: "page", name: "anna", address: "10.0.0.5" }, action, outcome: "done", ...rest };
}
