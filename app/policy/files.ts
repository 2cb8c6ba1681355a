/** `watch`: which new files start the task, and the parameter that has the path. */
import type { SentenceValue } from "../base/sentence.ts";
import { saidBy, sentence, wrongWith } from "../locale/sentence.ts";
import type { DurationLike } from "../base/duration.ts";
import { readGlob } from "../base/glob.ts";
import { shown } from "../base/shown.ts";
import { text } from "../locale/locale.ts";
import { durationOf, objectOf, refuse, textsOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface FilesKeys {
  /**
   * Starts a run for each new file: `"inbox/*.csv"`, a list of patterns, or `{ files, param, still }`. A file is taken
   * once, when it is complete, also where it came while Carillon was stopped; its path is the parameter `file`. Beside
   * the task's trigger, or without one.
   */
  readonly watch?: string | readonly string[] | WatchOptions;
}

export interface WatchOptions {
  /** Patterns, relative to the working folder or absolute: `*`, `?`, `[a-z]`, `{a,b}`, `**` for any folders. */
  readonly files: string | readonly string[];
  /** Parameter that is given the path; `"file"` when left out. */
  readonly param?: string;
  /** How long size and time of a file must not have changed; 2 s when left out, an hour at the most. */
  readonly still?: DurationLike;
}

export interface FilesPolicy {
  readonly files: readonly string[];
  readonly param: string;
  readonly stillMs: number;
}

/** How often the folders are looked at, in milliseconds: a file that is alike in two looks is complete. */
export const LOOK_MS = 2_000;
const LONGEST_STILL_MS = 3_600_000;
const MAX_PATTERNS = 100;

export const files: Policy<FilesKeys, { readonly watch?: FilesPolicy | undefined }> = {
  keys: { watch: "policy.watch" },
  read: ({ watch }) => ({ watch: watch === undefined ? undefined : readWatch(watch) }),
  // Which files they are is said with the trigger.
  wordsOf: ({ watch }, locale) => ({
    watch: watch && (watch.param !== "file" || watch.stillMs !== LOOK_MS)
      ? text(locale, "watch.words", { param: watch.param, s: watch.stillMs / 1_000 })
      : undefined,
  }),
};

function readWatch(watch: unknown): FilesPolicy {
  if (typeof watch === "string" || Array.isArray(watch)) {
    return { files: patternsOf("watch", watch), param: "file", stillMs: LOOK_MS };
  }
  const { files, param, still } = objectOf("watch", watch, ["files", "param", "still"]);
  const stillMs = still === undefined ? LOOK_MS : durationOf("watch.still", still);
  if (stillMs > LONGEST_STILL_MS) refuse("watch.still", sentence("mistake.longer_than_hour"));
  return {
    files: patternsOf("watch.files", files),
    param: param === undefined ? "file" : textsOf("watch.param", param, 1)[0] ?? "file",
    stillMs: Math.max(stillMs, LOOK_MS),
  };
}

function patternsOf(key: string, files: unknown): readonly string[] {
  const patterns = textsOf(key, files, MAX_PATTERNS);
  if (patterns.length === 0) refuse(key, sentence("mistake.watch.none"));
  for (const pattern of patterns) {
    const why = problemOf(pattern);
    if (why !== undefined) refuse(key, wrongWith(shown(pattern), why));
  }
  return patterns;
}

/** What is wrong with a pattern; undefined for a good one. */
function problemOf(pattern: string): SentenceValue | undefined {
  if (pattern !== pattern.trim()) return sentence("mistake.watch.blank");
  if (pattern.includes("\0")) return sentence("mistake.watch.zero");
  if (pattern.includes("://")) return sentence("mistake.watch.address");
  if (pattern.startsWith("~")) return sentence("mistake.watch.home");
  if (pattern.startsWith("!")) return sentence("mistake.watch.not");
  try {
    // The whole disk, or all that lies below the working folder: its own data among it.
    const isEverything = readGlob(pattern).some(({ base, segments }) =>
      (base === "" || base === "/") && segments[0] === "folders"
    );
    return isEverything ? sentence("mistake.watch.everything") : undefined;
  } catch (error) {
    return saidBy(error);
  }
}
