/** Sends the promise report to the targets that ask for it, each at its time. */
import { type EpochMs } from "../../base/time.ts";
import { text } from "../../locale/locale.ts";
import type { Locale } from "../../model/locale.ts";
import { lastDigest } from "../digest_time.ts";
import type { Notice } from "../notice.ts";
import type { Target } from "../target.ts";

export const LOOK_MS = 60_000;
/** A report that was due while Carillon was stopped is still sent for so long. */
const LATE_MS = 6 * 3_600_000;
const LISTED = 12;

/** What became of one task's due instants. */
export interface Counts {
  readonly taskId: string;
  readonly due: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly late: number;
  readonly skipped: number;
  readonly missed: number;
}

export interface DigestsParts {
  readonly targets: readonly Target[];
  readonly report: (from: EpochMs, to: EpochMs) => Promise<readonly Counts[]>;
  readonly titleOf: (taskId: string, locale: Locale) => string;
  readonly hear: (target: string, notice: Notice) => void;
}

export class Digests {
  /** Until when each target has its reports. */
  readonly #sentTo = new Map<string, EpochMs>();

  constructor(readonly parts: DigestsParts) {}

  async look(now: EpochMs): Promise<void> {
    for (const target of this.parts.targets) {
      if (!target.digest) continue;
      const { from, to } = lastDigest(target.digest, now, target.timezone);
      if (now - to > LATE_MS || (this.#sentTo.get(target.name) ?? -Infinity) >= to) continue;
      this.#sentTo.set(target.name, to);
      // Heard twice it is sent once: what was sent before a restart is known.
      this.parts.hear(target.name, this.#notice(target, to, await this.parts.report(from, to)));
    }
  }

  #notice({ name, locale }: Target, at: EpochMs, counts: readonly Counts[]): Notice {
    const sum = (of: (each: Counts) => number) => counts.reduce((all, each) => all + of(each), 0);
    const bad = counts.filter((each) => each.failed + each.missed + each.skipped + each.late > 0)
      .toSorted((a, b) => b.failed + b.missed - (a.failed + a.missed));
    const lines = bad.slice(0, LISTED).map((each) =>
      `${this.parts.titleOf(each.taskId, locale)}: ${wordsOf(each, locale)}`
    );
    if (bad.length > LISTED) lines.push(text(locale, "notice.more_value", { n: bad.length - LISTED }));
    return {
      key: `digest/${name}/${at}`,
      kind: "digest",
      at,
      subject: "system/digest",
      likeness: `digest ${at}`,
      error: lines.length === 0 ? undefined : lines.join("\n"),
      values: {
        due: sum(({ due }) => due),
        good: sum(({ succeeded }) => succeeded),
        failed: sum(({ failed }) => failed),
        missed: sum(({ missed }) => missed),
      },
    };
  }
}

function wordsOf({ failed, missed, skipped, late }: Counts, locale: Locale): string {
  const counts = { failed, missed, skipped, late };
  return (["failed", "missed", "skipped", "late"] as const).flatMap((key) =>
    counts[key] === 0 ? [] : [text(locale, `notice.digest.${key}`, { n: counts[key] })]
  ).join(", ");
}
