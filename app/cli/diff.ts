/** `carillon diff`: what the task files change in the schedule, against a commit or another folder. */
import { resolve } from "node:path";
import { type EpochMs, instantOf } from "../base/time.ts";
import type { Config } from "../config/config.ts";
import { systemClock } from "../scheduler/clock.ts";
import { diffOf, type ScheduleDiff, type Version } from "../service/diff/diff.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import { brokenText } from "./broken.ts";
import type { Command } from "./command.ts";
import { markdownLines, textLines } from "./diff_lines.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { folderAt } from "./git_folder.ts";
import { openToLook } from "./offline.ts";
import { print } from "./output.ts";

/** Days that are looked at, from now on. */
const DAYS = 14;

export const diff: Command = {
  name: "diff",
  usage: "<git ref | folder>",
  words: 1,
  summary: `what the task files change in the schedule of the next ${DAYS} days`,
  flags: {
    markdown: { help: "as Markdown, for a review" },
    json: { help: "as JSON" },
    fail: { help: "exit code 1 where something changes" },
  },
  configured: true,
  examples: [
    { line: "diff main", what: "the task files as they are here, against those of a branch" },
    {
      line: "diff /srv/carillon/tasks --fail",
      what: "against another folder; exit code 1 where they differ",
    },
    { line: "diff origin/main --markdown > schedule.md", what: "for a comment on a pull request" },
  ],
  async run(given): Promise<ExitCode> {
    const base = requiredWord(given, 0, "a git ref or a folder");
    const config = loadConfig(given);
    const found = await compare(config, base);
    if (given.own.has("json")) print(JSON.stringify(diffJson(found), null, 2));
    else if (given.own.has("markdown")) print(markdownLines(found, base).join("\n"));
    else print(textLines(found, base).join("\n"));
    return given.own.has("fail") && found.changed ? 1 : 0;
  },
};

async function compare(config: Config, base: string): Promise<ScheduleDiff> {
  const { tasks: folder, timezone } = config.scheduler;
  const now = systemClock.now();
  const before = await baseVersion(config, folder, base);
  const after = await versionOf(config, folder);
  return diffOf(before, after, { timezone, now, days: DAYS, defaults: config.permissions });
}

async function baseVersion(config: Config, folder: string, base: string): Promise<Version> {
  if (isFolder(base)) return await versionOf(config, resolve(base));
  if (!isFolder(folder)) throw new UsageError(`the task folder ${folder} is not there`);
  await using past = await folderAt(folder, base);
  return await versionOf(config, past.path);
}

/** Loads the task files of a folder as they are; nothing of them is run. */
async function versionOf(config: Config, folder: string): Promise<Version> {
  await using opened = await openToLook({ ...config, scheduler: { ...config.scheduler, tasks: folder } });
  const { tasks } = opened.carillon.queries;
  return {
    tasks: tasks.all().map(({ task }) => task),
    // The same file of two folders is broken in the same way.
    broken: tasks.broken().map((each) =>
      brokenText({ ...each, file: each.path }).replaceAll(`${folder}/`, "")
    ),
  };
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    // Not there, or not to be looked at: then it may be a commit.
    return false;
  }
}

function time(at: EpochMs): string {
  return instantOf(at).toString({ smallestUnit: "millisecond" });
}

/** The diff as programs get it. */
function diffJson(
  { from, to, timezone, tasks, crowded, clashes, access, newlyBroken, repaired, changed }: ScheduleDiff,
) {
  return {
    changed,
    timezone,
    from: time(from),
    to: time(to),
    tasks: tasks.map(({ taskId, kind, before, after, appear, go, move, until }) => ({
      task: taskId,
      kind,
      before: before ?? null,
      after: after ?? null,
      appear: appear.map(time),
      go: go.map(time),
      move: move.map((each) => ({ from: time(each.from), to: time(each.to) })),
      compared_until: time(until),
    })),
    crowded_minutes: crowded.map(({ at, before, after }) => ({ at: time(at), before, after })),
    lock_clashes: clashes.map(({ lock, tasks: both, before, after, first }) => ({
      lock,
      tasks: both,
      before,
      after,
      first: time(first),
    })),
    access: access.map(({ taskId, grants }) => ({
      task: taskId,
      new: grants.map(({ kind, what }) => ({ kind, what: what ?? null })),
    })),
    broken: newlyBroken,
    repaired,
  };
}
