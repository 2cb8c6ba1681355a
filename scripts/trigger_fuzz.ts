/**
 * Differential fuzz of the triggers: cases made at random, most of them near a change of the clock, against APScheduler 3
 * (Debian: python3-apscheduler), croner, and the oracle of docs/triggers.md. Prints what agrees, what differs for a known
 * reason, and what differs for none; the last ends it with 1.
 *
 * deno run -A scripts/trigger_fuzz.ts [cases, 20000] [seed]
 */
import { Cron } from "../tests/support/croner.ts";
import { compileTrigger } from "../app/trigger/compile.ts";
import { pythonWith, say } from "../bench/measure.ts";
import { fieldsForApscheduler } from "../tests/support/apscheduler_fields.ts";
import {
  type IntervalCase,
  isNearChange,
  specOf,
  type TriggerCase,
  triggerCases,
} from "../tests/support/trigger_cases.ts";
import { oracleFires, type WallCase } from "../tests/support/trigger_oracle.ts";

const FIRES = 4;
/** Dates that the oracle looks at, and how far fires are compared. */
const DAYS = 400;
/** APScheduler and croner may differ so near to a change of the clock (docs/triggers.md). */
const CHANGE_HOURS = 36;
const SHOWN = 10;

type Fires = readonly number[];
/** What another reading says of a case: its fires in seconds, or that it has none to offer. */
type Answer = { readonly fires: Fires } | { readonly error: string } | undefined;

interface Verdict {
  asked: number;
  equal: number;
  readonly explained: Map<string, number>;
  readonly unexplained: string[];
}

const [cases = 20_000, seed = Math.floor(Math.random() * 1e9)] = Deno.args.map(Number);
say(`${cases} cases, seed ${seed}`);
const all = triggerCases(cases, seed);
const ours = all.map(firesOfOurs);
const verdicts = {
  oracle: compare(all.map(oracle), () => undefined),
  croner: compare(all.map(croner), ({ given, apart }) => {
    const hoursAreListed = given.kind === "crontab" && !hoursOf(given).includes("*");
    return hoursAreListed && apart.every(isByChange(given))
      ? "a listed hour, near a change of the clock"
      : undefined;
  }),
  APScheduler: compare(await apscheduler(), whyApschedulerDiffers),
};
let failed = false;
for (const [name, { asked, equal, explained, unexplained }] of Object.entries(verdicts)) {
  say(`${name}: ${asked} compared, ${equal} equal, ${unexplained.length} unexplained`);
  for (const [reason, count] of explained) say(`  ${count} ${reason}`);
  for (const line of unexplained.slice(0, SHOWN)) say(`  ${line}`);
  failed ||= unexplained.length > 0;
}
Deno.exit(failed ? 1 : 0);

interface Difference {
  readonly given: WallCase | IntervalCase;
  readonly mine: Fires;
  /** Instants that only one of the two has. */
  readonly apart: Fires;
  readonly error: string | undefined;
  readonly after: Temporal.Instant;
}

/** Its faults by docs/triggers.md, "Against APScheduler". */
function whyApschedulerDiffers({ given, mine, apart, error, after }: Difference): string | undefined {
  if (error !== undefined) {
    return error === "no answer" && mine.length === 0
      ? "it never fires, and APScheduler does not notice"
      : undefined;
  }
  const isNear = isByChange(given);
  if (apart.every(isNear)) return "near a change of the clock";
  // It searches across the change with the clock of before, comes out an hour late, and misses what was due in it.
  const isMissedAcross = (at: number) => {
    let index = mine.indexOf(at);
    if (index < 0) return false;
    while (apart.includes(mine[index - 1] ?? NaN)) index--;
    const before = mine[index - 1] ?? after.epochMilliseconds / 1_000;
    const change = zoned(before, given).getTimeZoneTransition("next");
    return change !== null && change.epochMilliseconds / 1_000 <= at;
  };
  return apart.every((at) => isNear(at) || isMissedAcross(at))
    ? "what is first due after a change is missed"
    : undefined;
}

function compare(
  answers: readonly Answer[],
  explain: (difference: Difference) => string | undefined,
): Verdict {
  const verdict: Verdict = { asked: 0, equal: 0, explained: new Map(), unexplained: [] };
  for (const [index, { given, after }] of all.entries()) {
    const answer = answers[index];
    const mine = ours[index] ?? [];
    if (!answer) continue;
    verdict.asked++;
    const apart = "fires" in answer ? differing(mine, answer.fires, horizonOf(after)) : [];
    if ("fires" in answer && apart.length === 0) {
      verdict.equal++;
      continue;
    }
    const error = "error" in answer ? answer.error : undefined;
    const reason = explain({ given, mine, apart, error, after });
    if (reason !== undefined) {
      verdict.explained.set(reason, (verdict.explained.get(reason) ?? 0) + 1);
      continue;
    }
    const theirs = "fires" in answer ? iso(answer.fires) : answer.error;
    verdict.unexplained.push(`${JSON.stringify(given)} after ${after}: ours ${iso(mine)}; theirs ${theirs}`);
  }
  return verdict;
}

/** What only one of two lists has, up to where the shorter one ends. */
function differing(mine: Fires, theirs: Fires, horizon: number): Fires {
  const end = Math.min(
    horizon,
    ...[mine, theirs].map((fires) => fires.length < FIRES ? horizon : fires.at(-1) ?? 0),
  );
  const only = (a: Fires, b: Fires) => a.filter((at) => at <= end && !b.includes(at));
  return [...only(mine, theirs), ...only(theirs, mine)];
}

function horizonOf(after: Temporal.Instant): number {
  return after.epochMilliseconds / 1_000 + (DAYS - 5) * 86_400;
}

function isByChange({ timezone }: WallCase | IntervalCase): (at: number) => boolean {
  return (at) => isNearChange(Temporal.Instant.fromEpochMilliseconds(at * 1_000), timezone, CHANGE_HOURS);
}

function zoned(at: number, { timezone }: WallCase | IntervalCase): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at * 1_000).toZonedDateTimeISO(timezone);
}

function iso(fires: Fires): string {
  return fires.map((at) => new Date(at * 1_000).toISOString().slice(0, 19) + "Z").join(" ") || "none";
}

function firesOfOurs({ given, after }: TriggerCase): Fires {
  const trigger = compileTrigger(specOf(given), { timezone: "UTC", anchor: 0 });
  return take(after.epochMilliseconds, (ms) => trigger.nextMs(ms));
}

function take(after: number, next: (ms: number) => number | null): Fires {
  const fires: number[] = [];
  for (let at = next(after); at !== null && fires.length < FIRES; at = next(at)) fires.push(at / 1_000);
  return fires;
}

function oracle({ given, after }: TriggerCase): Answer {
  if (given.kind !== "interval") {
    return { fires: oracleFires(given, after, FIRES, DAYS).map((at) => at.epochMilliseconds / 1_000) };
  }
  const bound = (text: string) =>
    Temporal.PlainDateTime.from(text.replace(" ", "T")).toZonedDateTime(given.timezone).epochMilliseconds;
  const end = given.endDate === undefined ? Infinity : bound(given.endDate);
  const fires: number[] = [];
  let at = bound(given.startDate ?? "");
  while (at <= after.epochMilliseconds) at += given.seconds * 1_000;
  for (; fires.length < FIRES && at <= end; at += given.seconds * 1_000) fires.push(at / 1_000);
  return { fires };
}

function hoursOf({ line = "" }: WallCase): string {
  const words = line.split(" ");
  return words[words.length - 4] ?? "";
}

function croner({ given, after }: TriggerCase): Answer {
  if (given.kind !== "crontab" || given.startDate !== undefined || given.endDate !== undefined) {
    return undefined;
  }
  // Its dialect has neither a day before the last one nor LW in a list.
  if (/L-\d/.test(given.line ?? "")) return undefined;
  if (hasStarredDay(given.line ?? "")) return undefined;
  const bare = new Cron(given.line ?? "", { timezone: given.timezone });
  return { fires: take(after.epochMilliseconds, (ms) => bare.nextRun(new Date(ms))?.getTime() ?? null) };
}

/** croner has either of a day and a weekday match where one is a step of all, such as `*\/2`; cron has both. */
function hasStarredDay(line: string): boolean {
  const words = line.split(" ");
  const [day = "", , weekday = ""] = words.slice(words.length === 5 ? 2 : 3);
  return [day, weekday].some((word) => /^\*./.test(word)) && day !== "*" && weekday !== "*";
}

async function apscheduler(): Promise<Answer[]> {
  const python = await pythonWith("apscheduler");
  if (python === undefined) {
    throw new Error("APScheduler is not installed here (Debian: python3-apscheduler)");
  }
  const questions = all.map(({ given, after }) => {
    const fields = given.kind === "interval" ? {} : fieldsForApscheduler(given);
    return fields &&
      JSON.stringify({ ...given, fields, after: after.epochMilliseconds / 1_000, count: FIRES });
  });
  const child = new Deno.Command(python, {
    args: [new URL("trigger_fuzz_apscheduler.py", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(
    new TextEncoder().encode(questions.filter((each) => each !== undefined).join("\n") + "\n"),
  );
  await writer.close();
  const { stdout, code } = await output;
  if (code !== 0) throw new Error(`APScheduler's side ended with ${code}`);
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  let line = 0;
  return questions.map((question) =>
    question === undefined ? undefined : JSON.parse(lines[line++] ?? "null")
  );
}
