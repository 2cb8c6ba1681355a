/** The task file that stands for a job of config.py. */
import type { Job } from "./job.ts";

/** Where the Python file is, as the task file names it. */
export interface PythonPlace {
  readonly folder: string;
  readonly file: string;
  /** The interpreter of a virtual environment, where the folder has one. */
  readonly interpreter?: string | undefined;
}

/** What a job says beside its function. */
export interface TaskHead {
  /** Names of `carillon` that the options need. */
  readonly uses: readonly string[];
  readonly options: readonly string[];
  readonly hasParams: boolean;
}

/** @param origin file and line of the job, for the comment at the head */
export function taskFile(job: Job, python: PythonPlace, origin: string): string {
  const { uses, options, hasParams } = headOf(job);
  return [
    `// From ${commented(origin)}. The Python file is run as it is; see docs/from-pyscheduler.md.`,
    importsOf(["defineTask", "python", ...uses]),
    "",
    "export default defineTask({",
    ...[...options, runCode(job, python, hasParams)].map((option) => `  ${option},`),
    "});",
    "",
  ].join("\n");
}

/** The options of a task but its `run`. */
export function headOf(job: Job): TaskHead {
  const { trigger, atStart, kwargs, maxInstances, misfireGrace } = job;
  const triggers = [atStart ? "atStart()" : undefined, trigger?.code].filter((code) => code !== undefined);
  const params = Object.entries(kwargs);
  const uses = new Set(trigger?.uses ?? []);
  if (atStart) uses.add("atStart");
  if (params.length > 0) uses.add("z");
  const options = [
    job.title === undefined ? undefined : `title: ${literal(job.title)}`,
    triggers.length === 0
      ? undefined
      : `trigger: ${triggers.length === 1 ? triggers[0] : `[${triggers.join(", ")}]`}`,
    trigger?.jitter === undefined ? undefined : `jitter: ${literal(`${trigger.jitter}s`)}`,
    maxInstances === undefined || maxInstances === 1 ? undefined : `concurrency: ${literal(maxInstances)}`,
    misfireGrace === undefined ? undefined : `misfire: { grace: ${literal(`${misfireGrace}s`)} }`,
    params.length === 0 ? undefined : paramsCode(params),
  ].filter((line) => line !== undefined);
  return { uses: [...uses], options, hasParams: params.length > 0 };
}

/** The import of these names, each once. */
export function importsOf(names: readonly string[]): string {
  return `import { ${[...new Set(names)].sort().join(", ")} } from "carillon";`;
}

function paramsCode(params: readonly (readonly [string, unknown])[]): string {
  const fields = params.map(([name, value]) => `    ${literal(name)}: ${fieldCode(value)},`);
  return ["params: z.object({", ...fields, "  })"].join("\n");
}

/** The kind of a parameter is that of its value in config.py; people may leave it out. */
function fieldCode(value: unknown): string {
  if (value === null) return "z.string().nullable().default(null)";
  if (typeof value === "string") return `z.string().default(${literal(value)})`;
  if (typeof value === "boolean") return `z.boolean().default(${value})`;
  if (typeof value === "number") {
    return `${Number.isSafeInteger(value) ? "z.int()" : "z.number()"}.default(${literal(value)})`;
  }
  if (Array.isArray(value)) return `z.array(z.any()).default(${literal(value)})`;
  return `z.record(z.string(), z.any()).default(${literal(value)})`;
}

function runCode(
  { recordId, place, args }: Job,
  { folder, file, interpreter }: PythonPlace,
  hasParams: boolean,
): string {
  const call = [
    `file: ${literal(file)}`,
    `folder: ${literal(folder)}`,
    `function: ${literal(place.function)}`,
    `task: ${literal(recordId)}`,
    interpreter === undefined ? undefined : `interpreter: ${literal(interpreter)}`,
    args.length === 0 ? undefined : `args: ${literal(args)}`,
    hasParams ? "params" : undefined,
  ].filter((line) => line !== undefined);
  return [
    `run: (${hasParams ? "{ params }" : ""}) =>`,
    "    python({",
    ...call.map((line) => `      ${line},`),
    "    })",
  ].join("\n");
}

function literal(value: unknown): string {
  return JSON.stringify(value);
}

/** A text without what would end a comment of one line. */
export function commented(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]/g, " ");
}
