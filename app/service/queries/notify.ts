/** Questions about notifications: targets, messages and what came of them. */
import type { EpochMs } from "../../base/time.ts";
import type { Locale } from "../../model/locale.ts";
import type { Run } from "../../model/run.ts";
import type { Delivery } from "../../notify/delivery.ts";
import { draftOf } from "../../notify/incident.ts";
import type { Message } from "../../notify/message.ts";
import type { Notice } from "../../notify/notice.ts";
import type { Notifier, OpenTrouble, TargetState } from "../../notify/notifier.ts";
import { type Preview, previewsOf } from "../../notify/preview.ts";
import type { Target } from "../../notify/target.ts";

export interface NotifyQueriesParts {
  readonly notifier: Notifier;
  readonly targets: readonly Target[];
  readonly compose: (
    delivery: Pick<Delivery, "id" | "at" | "draft" | "failedAt">,
    target: Target,
  ) => Promise<Message>;
  readonly titleOf: (delivery: Pick<Delivery, "draft">, locale: Locale) => string;
}

export class NotifyQueries {
  constructor(readonly parts: NotifyQueriesParts) {}

  /** The `[notify:…]` sections, in their order. */
  targets(): readonly TargetState[] {
    return this.parts.notifier.targets;
  }

  /** Messages, the newest first. @param before only those that are older */
  deliveries(limit: number, before?: EpochMs): readonly Delivery[] {
    return this.parts.notifier.deliveries(limit, before);
  }

  /** Messages of the last day that reached nobody. Every page says so. */
  undelivered(): readonly Delivery[] {
    return this.parts.notifier.undelivered();
  }

  /** Messages of the last day that their target did not take, and that another one has. Every page says so. */
  passedOn(): readonly Delivery[] {
    return this.parts.notifier.passedOn();
  }

  /** What a message says, in one line. */
  titleOf(delivery: Delivery, locale: Locale): string {
    return this.parts.titleOf(delivery, locale);
  }

  /** What one happening says, in one line. */
  lineOf(notice: Notice, locale: Locale): string {
    return this.parts.titleOf({ draft: draftOf(notice) }, locale);
  }

  /** Trouble that somebody was told of and that is not over, what began last first. */
  trouble(): readonly OpenTrouble[] {
    return this.parts.notifier.trouble();
  }

  /** Subjects that nobody is told of, with until when. */
  mutedSubjects(): readonly (readonly [subject: string, until: EpochMs])[] {
    return this.parts.notifier.mutedSubjects;
  }

  /** What each target would be sent about a run; empty where there is nothing to tell of it, because it went well. */
  async preview(run: Run): Promise<readonly Preview[]> {
    const { targets, compose } = this.parts;
    return await previewsOf(run, targets, compose);
  }
}
