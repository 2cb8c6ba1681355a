/** What can be told, and what it is about. */
import type { Sentence } from "../base/sentence.ts";
import type { EpochMs } from "../base/time.ts";

/**
 * - `trouble` opens an incident: told at once, then at growing spaces, until a relief closes it.
 * - `relief` closes it, and is told once where the trouble was.
 * - `news` is told once for itself.
 */
export type Nature = "trouble" | "relief" | "news";

export const NOTICE_KINDS = {
  /** A run did not succeed, after its last attempt. */
  failed: "trouble",
  /** What was told is over. */
  recovered: "relief",
  /** A run takes longer than usual, or than its budget. */
  too_long: "trouble",
  /** A task had not succeeded by the time that was promised. */
  not_done: "trouble",
  /** Due instants went by unnoticed. */
  missed: "trouble",
  /** A due instant became no run, of a task that expects every one. */
  skipped: "trouble",
  /** A run began long after it was due. */
  late: "trouble",
  /** A task was paused because it failed again and again. */
  paused: "news",
  /** A run waits until another person has approved it. */
  awaiting_approval: "news",
  /** Somebody asked for the runs of a past range. */
  backfill_started: "news",
  /** All of them are over, or it was cancelled. */
  backfill_ended: "news",
  /** A task's file cannot be used. */
  broken: "trouble",
  /** The history cannot be written. */
  history: "trouble",
  /** The audit cannot be written, or lines of it are missing. */
  audit: "trouble",
  /** A process that runs tasks died. */
  host: "trouble",
  /** The disk is nearly full. */
  disk: "trouble",
  /** What a watcher outside finds: Carillon does not answer, or not as it should. */
  watch: "trouble",
  /** How the day or the week was. */
  digest: "news",
  /** Somebody tries a target. */
  test: "news",
} as const satisfies Readonly<Record<string, Nature>>;

export type NoticeKind = keyof typeof NOTICE_KINDS;

/** Kinds that a route may name: the others come without being asked for. */
export const ROUTABLE_KINDS = (Object.keys(NOTICE_KINDS) as NoticeKind[]).filter((kind) =>
  kind !== "test" && kind !== "digest"
);

/** What is told where a route names nothing: whoever asks for a backfill knows that it began. */
export const USUAL_KINDS = ROUTABLE_KINDS.filter((kind) => kind !== "backfill_started");

/** Something that happened. Plain data: it is kept until it is delivered. */
export interface Notice {
  /** The same for the same happening, such as `run/0199…/failed`: nobody is told of it twice. */
  readonly key: string;
  readonly kind: NoticeKind;
  readonly at: EpochMs;
  /** What it is about: `task/sync_orders`, `file/sync.ts`, `system/history`. Trouble and relief of one subject belong together. */
  readonly subject: string;
  /** What kind of trouble it is: alike for troubles that probably have one cause. See {@link likenessOf}. */
  readonly likeness: string;
  readonly task?: string | undefined;
  readonly run?: string | undefined;
  /** The error, or a sentence about it. */
  readonly error?: string | undefined;
  /** The same for every language, where it is not in a program's own words. */
  readonly sentence?: Sentence | undefined;
  /** Numbers and words for the sentence of its kind. */
  readonly values?: Readonly<Record<string, string | number>> | undefined;
}

/** What a task is, as far as routes and texts need it. */
export interface TaskFacts {
  readonly id: string;
  /** Folder of its file below the tasks folder; empty for the folder itself. */
  readonly folder: string;
  readonly tags: readonly string[];
  /** Names of targets instead of the routes'; false for nobody. */
  readonly notify?: false | readonly string[] | undefined;
}
