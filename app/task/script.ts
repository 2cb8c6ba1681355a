/** Scripts that are tasks by a comment in their head: `# carillon: cron="0 2 * * *" timeout=10m`, `--` in SQL. */
import type { Sentence } from "../base/sentence.ts";
import { sentence, type Told, wrongWith } from "../locale/sentence.ts";
import { extname } from "node:path";
import { PlacedError } from "./placed_error.ts";
import {
  BOUNDS,
  DEFAULT,
  type Header,
  isYes,
  opening,
  type Pair,
  plainText,
  readHeader,
  TRIGGERS,
} from "./script_header.ts";
import { definitionOf } from "./script_keys.ts";

/** Endings of scripts, and what runs one that does not say it by `#!`. */
const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  ".sh": ["/bin/sh"],
  ".py": ["python3", "-u"],
};

const SQL = ".sql";

export const SCRIPTS: readonly string[] = [...Object.keys(RUNNERS), SQL];

/** True for a path that is a script and no module. */
export function isScript(path: string): boolean {
  return SCRIPTS.includes(extname(path));
}

/** True for a script that a program reads from the disk, in whatever encoding it is; SQL is sent as text. */
export function runsFromDisk(path: string): boolean {
  return Object.hasOwn(RUNNERS, extname(path));
}

/** What a comment begins with. */
function signOf(file: string): Header["sign"] {
  return extname(file) === SQL ? "--" : "#";
}

/**
 * The module that stands for a script; undefined where no comment makes it a task.
 *
 * @param file the script itself
 * @throws PlacedError
 */
export function scriptModule(file: string, text: string): string | undefined {
  const header = readHeader(text, signOf(file));
  if (!header) return undefined;
  const given = new Map(header.pairs.map(({ key, word }) => [key, word]));
  const triggers = triggersOf(header);
  if (header.sign === "#") {
    const first = plainText(text).split(/\r?\n/, 1)[0] ?? "";
    return moduleText("command", triggers, given, commandOptions(given, [...runnerOf(file, first), file]));
  }
  if (!given.has("database")) {
    throw new PlacedError(wrongWith(opening("--"), sentence("mistake.script.database")), header.line);
  }
  return moduleText("sqlScript", triggers, given, sqlOptions(given, plainText(text), header));
}

/**
 * What a host found wrong with the module that stands for a script, as the script's author has to read it.
 *
 * @param told by the host
 */
export function scriptProblem(file: string, text: string, told: Told): PlacedError | undefined {
  const { message, sentence } = told;
  const header = readHeader(text, signOf(file));
  if (!header) return undefined;
  const [, key] = /^defineTask: ([\w.]+)/.exec(message) ?? /^(\w+)\b/.exec(message) ?? [];
  const names = (pair: Pair) => key !== undefined && `${key}.`.startsWith(`${pair.key.split(".")[0]}.`);
  const pair = header.pairs.find((each) => each.key === key) ?? header.pairs.find(names) ??
    // A trigger's message quotes what was written.
    header.pairs.find(({ word }) => message.includes(JSON.stringify(word)));
  return new PlacedError(
    sentence ? asComment(sentence, header.sign) : message,
    pair?.line ?? header.line,
  );
}

/** A script has no `defineTask`. */
function asComment(said: Sentence, sign: Header["sign"]): Sentence {
  const { what, why = "" } = said.values;
  return said.key === "mistake.of" && what === "defineTask" ? wrongWith(opening(sign), why) : said;
}

/** By `#!`, as the system does: a program and at most one argument. */
function runnerOf(file: string, first: string): readonly string[] {
  const [, program, argument] = /^#!\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(first) ?? [];
  if (program === undefined) return RUNNERS[extname(file)] ?? [];
  return argument === undefined ? [program] : [program, argument];
}

/** Each as code. */
function triggersOf({ pairs, sign }: Header): string[] {
  const bounds = Object.fromEntries(
    pairs.filter(({ key }) => BOUNDS.includes(key)).map(({ key, word }) => [key, word]),
  );
  const { timezone } = bounds;
  const triggers = pairs.filter(({ key }) => TRIGGERS.includes(key)).map(({ key, word }) =>
    `${key}(${JSON.stringify(word)}, ${JSON.stringify(key === "at" ? { timezone } : bounds)})`
  );
  const start = pairs.find(({ key }) => key === "atStart");
  if (!start) return triggers;
  return isYes(start, sign) ? [...triggers, "atStart()"] : triggers;
}

/** @param own options of its kind, as code */
function moduleText(
  kind: string,
  triggers: readonly string[],
  given: ReadonlyMap<string, string>,
  own: readonly string[],
): string {
  const options = [
    ...own,
    ...(triggers.length === 0 ? [] : [`trigger: [${triggers.join(", ")}]`]),
    ...Object.entries(definitionOf(given)).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
    ...paramsOption(given),
  ];
  return `import { at, atStart, command, cron, every, sqlScript, z } from "carillon"; export default ${kind}({ ${
    options.join(", ")
  } });\n`;
}

function commandOptions(given: ReadonlyMap<string, string>, run: readonly string[]): string[] {
  const text = JSON.stringify;
  return [
    `run: ${text(run)}`,
    // What is written is seen at once and not when a buffer is full.
    `env: { PYTHONUNBUFFERED: "1" }`,
    ...textOptions(["cwd"], given),
    ...listOption("success", given.get("success"), (each) => text(/^\d+$/.test(each) ? Number(each) : each)),
  ];
}

function sqlOptions(given: ReadonlyMap<string, string>, sql: string, { pairs, sign }: Header): string[] {
  const transaction = pairs.find(({ key }) => key === "transaction");
  return [
    ...textOptions(["database"], given),
    `sql: ${JSON.stringify(sql)}`,
    `transaction: ${transaction !== undefined && isYes(transaction, sign)}`,
  ];
}

function textOptions(keys: readonly string[], given: ReadonlyMap<string, string>): string[] {
  return keys.flatMap((key) => {
    const value = given.get(key);
    return value === undefined ? [] : [`${key}: ${JSON.stringify(value)}`];
  });
}

/**
 * Names of parameters, each a text that has a default or may be left out. Where there are any, those that Carillon fills
 * (a new file's path, the window, a webhook's body) are among them.
 */
function paramsOption(given: ReadonlyMap<string, string>): string[] {
  const names = (given.get("params") ?? "").split(",").map((name) => name.trim()).filter((name) =>
    name !== ""
  );
  const defaults = [...given].flatMap(([key, value]): [string, string][] => {
    const [, name] = DEFAULT.exec(key) ?? [];
    return name === undefined ? [] : [[name, value]];
  });
  if (names.length === 0 && defaults.length === 0) return [];
  const all = new Map<string, string | undefined>([
    ...[...names, ...filled(given)].map((name): [string, undefined] => [name, undefined]),
    ...defaults,
  ]);
  const body = given.get("hook.param");
  const fields = [...all].map(([name, value]) => {
    const kind = name === body ? "z.unknown()" : "z.string()";
    return `[${JSON.stringify(name)}]: ${kind}.${
      value === undefined ? "optional()" : `default(${JSON.stringify(value)})`
    }`;
  });
  return [`params: z.object({ ${fields.join(", ")} })`];
}

/** Names of the parameters that get their values from Carillon. */
function filled(given: ReadonlyMap<string, string>): string[] {
  const watches = given.has("watch") || given.has("watch.files");
  return [
    watches ? given.get("watch.param") ?? "file" : undefined,
    ...["window.from", "window.to", "hook.param"].map((key) => given.get(key)),
  ].filter((name) => name !== undefined);
}

function listOption(key: string, value: string | undefined, write: (each: string) => string): string[] {
  if (value === undefined) return [];
  return [`${key}: [${value.split(",").map((each) => write(each.trim())).join(", ")}]`];
}
