/** A pause of a task: until when and why, as it is shown and as it is asked for. */
import type { EpochMs } from "../../app/base/time.ts";
import { text } from "../../app/locale/locale.ts";
import { shortMoment } from "../../app/locale/moments.ts";
import type { Locale } from "../../app/model/locale.ts";
import { MAX_PAUSE_NOTE, type PauseTerms } from "../../app/model/pause.ts";
import type { TaskView, ViewerView } from "../views.ts";
import { AskButton } from "./buttons.tsx";

/** `paused until Fri 08:00` */
export function pauseWords({ until }: PauseTerms, { locale, now, zone }: ViewerView): string {
  return until === undefined
    ? text(locale, "task.paused")
    : text(locale, "task.paused_until", { until: shortMoment(until, now, zone, locale) });
}

/** The note, and who wrote it; empty where there is neither. */
export function pauseNote({ note, by }: PauseTerms, locale: Locale): string {
  return [note, by === undefined ? undefined : text(locale, "pause.by", { name: by })]
    .filter((each) => each !== undefined).join(" \u00b7 ");
}

export interface PauseFieldsProps {
  readonly locale: Locale;
  /** Moments that are near at hand, each with its value and its words. */
  readonly choices: readonly { readonly value: string; readonly label: string; readonly isNow?: boolean }[];
  /** What the pause says until now, where there is one. */
  readonly note: string;
  /** The first moment that can be named, as the field takes it. */
  readonly from: string;
  /** What was chosen and typed before, where the form was refused. */
  readonly typed?: { readonly until: string; readonly own: string } | undefined;
}

/** Opens the question for other terms of a pause that there is. */
export function RepauseButton({ task, locale }: { task: Pick<TaskView, "id" | "title">; locale: Locale }) {
  return (
    <AskButton
      address={`/tasks/${encodeURIComponent(task.id)}/pause`}
      label={text(locale, "task.repause_button")}
      name={text(locale, "task.repause_of", { task: task.title })}
      look="btn plain"
    />
  );
}

/** Until when, from a list or as one's own moment, and a note. The own moment counts where both are given. */
export function PauseFields({ locale, choices, note, from, typed }: PauseFieldsProps) {
  return (
    <>
      <div class="two">
        <div class="field">
          <label for="until">{text(locale, "pause.until")}</label>
          <select id="until" class="input" name="until" autofocus>
            <option value="">{text(locale, "pause.until_resumed")}</option>
            {choices.map(({ value, label, isNow = false }) => (
              <option value={value} selected={typed ? typed.until === value : isNow}>{label}</option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="until_own">{text(locale, "pause.until_own")}</label>
          <input
            id="until_own"
            class="input"
            type="datetime-local"
            name="until_own"
            value={typed?.own}
            min={from}
          />
        </div>
      </div>
      <div class="field">
        <label for="note">{text(locale, "pause.note")}</label>
        <input
          id="note"
          class="input"
          name="note"
          value={note}
          maxlength={MAX_PAUSE_NOTE}
          autocomplete="off"
        />
      </div>
    </>
  );
}

export interface PausedTaskView {
  readonly title: string;
  readonly address: string;
  readonly until?: EpochMs | undefined;
  readonly words: string;
  readonly note: string;
}
