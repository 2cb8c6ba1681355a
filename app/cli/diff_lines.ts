/** A schedule diff in words: plain text for a terminal, Markdown for a review. */
import type { EpochMs } from "../base/time.ts";
import { localDateTime } from "../base/time_zone.ts";
import type { ScheduleDiff, TaskChange, TaskGrants } from "../service/diff/diff.ts";

/** So many of a kind are named. */
const NAMED = 5;
const NAMED_MINUTES = 10;

/** A part of the diff: a heading and its lines; a line may have lines below it. */
interface Part {
  readonly heading: string;
  readonly items: readonly { readonly line: string; readonly below?: readonly string[] }[];
}

export function textLines(diff: ScheduleDiff, base: string): string[] {
  const lines = partsOf(diff).flatMap(({ heading, items }) => [
    "",
    `${heading}:`,
    ...items.flatMap(({ line, below = [] }) => [`  ${line}`, ...below.map((each) => `      ${each}`)]),
  ]);
  return [`${titleOf(diff, base)}${lines.length === 0 ? ": nothing changes" : ""}`, ...lines];
}

export function markdownLines(diff: ScheduleDiff, base: string): string[] {
  const lines = partsOf(diff).flatMap(({ heading, items }) => [
    "",
    `### ${heading}`,
    "",
    ...items.flatMap(({ line, below = [] }) => [
      `- ${escaped(line)}`,
      ...below.map((each) => `  - ${escaped(each)}`),
    ]),
  ]);
  return [`## ${escaped(titleOf(diff, base))}`, ...(lines.length === 0 ? ["", "Nothing changes."] : lines)];
}

/** A name or a cron expression is no Markdown. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>#|]/g, "\\$&");
}

function titleOf({ from, to, timezone }: ScheduleDiff, base: string): string {
  const [first, last] = [from, to].map((at) => localDateTime(at, timezone).slice(0, 16));
  return `Schedule against ${base}, from ${first} to ${last} (${timezone})`;
}

function partsOf(diff: ScheduleDiff): Part[] {
  const { timezone, crowded, clashes } = diff;
  const parts: Part[] = [
    { heading: "Tasks", items: diff.tasks.map(taskItem) },
    {
      heading: "Crowded minutes",
      items: limited(
        crowded.map(({ at, before, after }) => ({
          line: `${minute(at, timezone)}: ${before} → ${after} tasks`,
        })),
        NAMED_MINUTES,
        (n) => ({ line: `and ${n} more minutes` }),
      ),
    },
    {
      heading: "Lock clashes",
      items: clashes.map(({ lock, tasks, before, after, first }) => ({
        line: `${tasks.join(" and ")} want "${lock}" in the same minute: ${before} → ${after} times, first ${
          minute(first, timezone)
        }`,
      })),
    },
    { heading: "New permissions and secrets", items: diff.access.map(accessItem) },
    { heading: "Files that can no longer be read", items: diff.newlyBroken.map((line) => ({ line })) },
    { heading: "Files that can be read again", items: diff.repaired.map((line) => ({ line })) },
  ];
  return parts.filter(({ items }) => items.length > 0);
}

function taskItem(change: TaskChange): Part["items"][number] {
  const { taskId, kind, before, after, appear, go, move, until, isWhole, timezone } = change;
  const rule = (words: string | undefined) => words ?? "by hand only";
  const rules = kind === "new"
    ? `+ ${taskId}: ${rule(after)}`
    : kind === "gone"
    ? `- ${taskId}: ${rule(before)}`
    : before === after
    ? `~ ${taskId}: ${rule(after)}`
    : `~ ${taskId}: ${rule(before)} → ${rule(after)}`;
  const show = (at: EpochMs) => localDateTime(at, timezone);
  const below = [
    ...named("appear", appear.map(show)),
    ...named("go", go.map(show)),
    ...named("move", move.map(({ from, to }) => `${show(from)} → ${show(to).slice(11)}`)),
  ];
  const cut = isWhole ? [] : [`compared until ${show(until)}: it fires more often than is looked at`];
  return { line: rules, below: [...below, ...cut] };
}

/** `3 appear: a, b, c`. */
function named(verb: string, all: readonly string[]): string[] {
  if (all.length === 0) return [];
  const rest = all.length - NAMED;
  const shown = all.slice(0, NAMED).join(", ");
  return [`${all.length} ${verb}: ${shown}${rest > 0 ? ` and ${rest} more` : ""}`];
}

function accessItem({ taskId, asUsual, grants }: TaskGrants): Part["items"][number] {
  const what = grants.map(({ kind, what }) => what === undefined ? `all ${kind}` : `${kind} ${what}`).join(
    ", ",
  );
  return { line: `${taskId}: ${asUsual ? `what [permissions] allows (${what})` : what}` };
}

function limited<T>(all: readonly T[], most: number, rest: (n: number) => T): readonly T[] {
  return all.length <= most ? all : [...all.slice(0, most), rest(all.length - most)];
}

function minute(at: EpochMs, timezone: string): string {
  return localDateTime(at, timezone).slice(0, 16);
}
