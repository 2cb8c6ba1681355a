/** config.py of PyScheduler: the jobs it adds and what of them cannot be carried over. It is read as text and never run. */
import { messageOf } from "../../base/errors.ts";
import { type Call, type Expression, readCall } from "./expression.ts";
import { argumentsOf, type Job, type JobProblem, readJob, type SchedulerSettings } from "./job.ts";
import { idOf, TaskIds } from "./job_id.ts";
import { Names } from "./names.ts";
import { type LogicalLine, logicalLines } from "./tokens.ts";
import { valueOf } from "./values.ts";

export interface ConfigFile {
  readonly jobs: readonly Job[];
  readonly problems: readonly JobProblem[];
}

/** Calls of a scheduler that change it in a way that config.py's text does not show, or that Carillon has other means for. */
const OTHER_CALLS =
  /\.(add_jobstore|add_executor|add_listener|remove_job|remove_all_jobs|modify_job|reschedule_job|pause_job|resume_job|pause)$/;
const ADDS_JOB = /\.(?:add_job|scheduled_job)$/;
const SCHEDULER = /(?:^|\.)\w*Scheduler$/;

/**
 * @param module name of the module that the text is: `config`
 * @param isModule whether the folder has a module of that name
 */
export function readConfigFile(
  text: string,
  module: string,
  isModule: (name: string) => boolean,
): ConfigFile {
  const lines = logicalLines(text);
  const names = new Names(lines, module, isModule);
  const problems: JobProblem[] = [];
  const jobs: Job[] = [];
  const calls = callsIn(lines, problems);
  const settings = schedulerSettings(calls, names, problems);
  const context = { names, settings, ids: new TaskIds(givenIds(calls, names)) };
  for (const { call, line, block, decorated } of calls) {
    if (ADDS_JOB.test(call.callee)) {
      const job = readJob(argumentsOf(call, names, decorated !== undefined), line, context, decorated);
      problems.push(...job.problems);
      if (job.kind === "job") jobs.push(job.job);
      if (block !== undefined) {
        const what = block === "for" || block === "while"
          ? "only what its text says is carried over, once"
          : "it is always carried over";
        problems.push({ line, text: `the job stands inside of "${block}"; ${what}` });
      }
    } else if (OTHER_CALLS.test(call.callee)) {
      problems.push({ line, text: `${call.callee}(…) is not carried over` });
    }
  }
  return { jobs: distinct(jobs, problems), problems: problems.sort((a, b) => a.line - b.line) };
}

interface FoundCall {
  readonly call: Call;
  readonly line: number;
  /** The keyword of the block it stands in, where that may run it never or often. */
  readonly block: string | undefined;
  /** The function below it, where it is a decorator. */
  readonly decorated: string | undefined;
}

/** What adds jobs, called or not. */
const ADDING = ["add_job", "scheduled_job"];
/** Words of blocks that may run what is in them never or often. */
const CONDITIONS = ["if", "elif", "else", "for", "while", "except", "case"];

function callsIn(lines: readonly LogicalLine[], problems: JobProblem[]): FoundCall[] {
  const found: FoundCall[] = [];
  const blocks: { readonly indent: number; readonly word: string }[] = [];
  for (const [index, { indent, line, tokens }] of lines.entries()) {
    while ((blocks.at(-1)?.indent ?? -1) >= indent) blocks.pop();
    const isInner = blocks.some(({ word }) => ["class", "def", "async"].includes(word));
    const outer = blocks.findLast(({ word }) => CONDITIONS.includes(word))?.word;
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at];
      const isStart = token?.kind === "name" && tokens[at - 1]?.text !== ".";
      const read = isStart ? readCall(tokens, at) : undefined;
      const place = token?.line ?? line;
      if (!read) {
        if (token?.kind === "name" && ADDING.includes(token.text)) {
          problems.push({
            line: place,
            text: `${token.text} is not called here; jobs that it adds are not found`,
          });
        }
        continue;
      }
      const { call, end } = read;
      // On the same line: `for x in y: add_job(…)`, `[add_job(…) for x in y]`, `add_job(…) if x else None`.
      const around = tokens.find(({ kind, text }, i) =>
        (i < at || i >= end) && kind === "name" && CONDITIONS.includes(text)
      );
      const block = around?.text ?? outer;
      const isAdding = ADDING.includes(call.callee.split(".").at(-1) ?? "");
      const decorated = tokens[at - 1]?.text === "@"
        ? isInner ? INNER_FUNCTION : functionBelow(lines, index)
        : undefined;
      found.push({ call, line: place, block, decorated });
      if (isAdding && tokens[end]?.text === "." && tokens[end]?.kind === "operator") {
        problems.push({ line: place, text: `what is called on the result of ${call.callee}(…) is left out` });
      }
      at = Math.max(at, end - 1);
    }
    const [first] = tokens;
    if (tokens.at(-1)?.text === ":" && first) blocks.push({ indent, word: first.text });
  }
  return found;
}

/** Stands for one that cannot be called by its name. */
const INNER_FUNCTION = "a function within another or a class";

/** The function that a decorator belongs to, over further decorators. */
function functionBelow(lines: readonly LogicalLine[], index: number): string | undefined {
  const next = lines.slice(index + 1).find(({ tokens }) => tokens[0]?.text !== "@");
  const at = next?.tokens.findIndex(({ text }) => text === "def") ?? -1;
  return at >= 0 ? next?.tokens[at + 1]?.text : undefined;
}

/** The ids that jobs are given, as far as they are known. */
function givenIds(calls: readonly FoundCall[], names: Names): string[] {
  return calls.flatMap(({ call, decorated }) => {
    if (!ADDS_JOB.test(call.callee)) return [];
    const id = idOf(argumentsOf(call, names, decorated !== undefined).given.get("id"), names, "");
    return id.kind === "given" ? [id.id] : [];
  });
}

/** `BackgroundScheduler(timezone=…, job_defaults={…})` and `scheduler.configure(…)`. */
function schedulerSettings(
  calls: readonly FoundCall[],
  names: Names,
  problems: JobProblem[],
): SchedulerSettings {
  let timezone: string | undefined;
  let defaults: Readonly<Record<string, unknown>> = {};
  for (const { call, line } of calls) {
    if (!SCHEDULER.test(call.callee) && !call.callee.endsWith(".configure")) continue;
    for (const [name, expression] of call.named) {
      const value = knownValue(expression, names, `${call.callee}(${name}=…)`, line, problems);
      if (value === undefined) continue;
      if (name === "timezone" && typeof value === "string") timezone = value;
      else if (name === "job_defaults" && typeof value === "object" && value !== null) {
        defaults = value as Readonly<Record<string, unknown>>;
      } else if (name !== "daemon") {
        problems.push({ line, text: `${call.callee}(${name}=…) is not carried over` });
      }
    }
  }
  return { timezone, defaults };
}

function knownValue(
  expression: Expression,
  names: Names,
  what: string,
  line: number,
  problems: JobProblem[],
): unknown {
  try {
    return valueOf(expression, names);
  } catch (error) {
    problems.push({ line, text: `${what} is not carried over: ${messageOf(error)}` });
    return undefined;
  }
}

/** APScheduler refuses a second job with the same id, unless it says `replace_existing`; jobs without one are all kept. */
function distinct(jobs: readonly Job[], problems: JobProblem[]): readonly Job[] {
  const byId = new Map<string | Job, Job>();
  for (const job of jobs) {
    const key = job.hasId ? job.recordId : job;
    const earlier = byId.get(key);
    if (earlier) {
      const kept = job.replaces ? `that of line ${earlier.line} is left out` : "this one is left out";
      problems.push({ line: job.line, text: `a second job with the id "${job.recordId}"; ${kept}` });
      if (!job.replaces) continue;
    }
    byId.set(key, job);
  }
  return [...byId.values()];
}
