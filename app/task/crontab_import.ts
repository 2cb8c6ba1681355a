/** Lines of a crontab, crontab(5), as tasks that run their command. */
import { messageOf } from "../base/errors.ts";
import { cron } from "../trigger/declare.ts";
import type { TriggerSpec } from "../trigger/trigger.ts";
import { isTaskFile } from "./source.ts";

export interface CrontabTask {
  readonly id: string;
  readonly line: number;
  readonly schedule: string;
  readonly command: string;
  /** What the command gets on standard input. */
  readonly input?: string | undefined;
  /** IANA name, where `CRON_TZ` stands above the line. */
  readonly timezone?: string | undefined;
  /** The folder that cron ran it in, where `HOME` stands above the line. */
  readonly cwd?: string | undefined;
  /** Variables that stand above the line. */
  readonly environment: Readonly<Record<string, string>>;
  readonly shell: string;
  readonly spec: TriggerSpec;
}

export interface Crontab {
  readonly tasks: readonly CrontabTask[];
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

const VARIABLE = /^([A-Za-z_]\w*|"[^"]+"|'[^']+')\s*=\s*(.*)$/;
const NICKNAME = /^(@\w+)\s+(.+)$/;
const FIELDS = /^((?:\S+\s+){4}\S+)\s+(.+)$/;

/** @param withUser true for /etc/crontab and /etc/cron.d, whose lines name a user before the command */
export function readCrontab(text: string, withUser: boolean): Crontab {
  const tasks: CrontabTask[] = [];
  const problems: { line: number; text: string }[] = [];
  const environment: Record<string, string> = {};
  let shell = "/bin/sh";
  let timezone: string | undefined;
  for (const [index, full] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const written = full.trim();
    if (written === "" || written.startsWith("#")) continue;
    const variable = VARIABLE.exec(written);
    if (variable) {
      const [, name = "", value = ""] = variable.map(unquoted);
      if (name === "SHELL") shell = value;
      else if (name === "CRON_TZ" || name === "TZ") timezone = value;
      else if (name === "MAILTO" || name === "MAILFROM") {
        if (value !== "") {
          problems.push({ line, text: `${name} is left out; [notify:…] of carillon.ini sends messages` });
        }
      } else environment[name] = value;
      continue;
    }
    const [, schedule, rest] = NICKNAME.exec(written) ?? FIELDS.exec(written) ?? [];
    if (schedule === undefined || rest === undefined) {
      problems.push({
        line,
        text: `"${written.slice(0, 60)}" is neither five fields and a command nor NAME=value`,
      });
      continue;
    }
    const [user, ...words] = withUser ? rest.split(/\s+/) : [];
    const { command, input } = commandOf(withUser ? rest.slice(user?.length ?? 0).trim() : rest);
    if (withUser && words.length === 0) {
      problems.push({ line, text: "there is no command behind the user" });
      continue;
    }
    if (withUser) {
      problems.push({ line, text: `the command ran as ${user}; it runs as Carillon's own user now` });
    }
    try {
      const spec = cron(schedule, { timezone });
      const id = unusedId(nameOf(command), tasks.map((each) => each.id));
      tasks.push({
        id,
        line,
        schedule,
        command,
        input,
        timezone,
        // cron takes it for the user's home folder, whatever the system says, and begins there.
        cwd: environment.HOME?.startsWith("/") ? environment.HOME : undefined,
        environment: { ...environment },
        shell,
        spec,
      });
    } catch (error) {
      problems.push({ line, text: `left out: ${messageOf(error)}` });
    }
  }
  return { tasks, problems };
}

/** True for a command that depends on the folder it is run in, as far as its first words tell, and that folder is not known. */
export function needsHome({ cwd, command }: CrontabTask): boolean {
  return cwd === undefined && !/^cd\s+["']?\//.test(command);
}

/** The first `%` that no backslash stands before ends the command, each further one is a line end of its input. */
function commandOf(rest: string): { readonly command: string; readonly input?: string | undefined } {
  const [command = "", ...input] = rest.split(/(?<!\\)%/).map((part) => part.replaceAll("\\%", "%"));
  return { command: command.trim(), input: input.length === 0 ? undefined : `${input.join("\n")}\n` };
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/.exec(text.trim())?.[2] ?? text.trim();
}

/** `backup` for `cd /srv && /usr/bin/python3 backup.py --all >/dev/null`. */
function nameOf(command: string): string {
  const last = command.split(/&&|\|\||;/).at(0)?.trim().startsWith("cd ")
    ? command.split(/&&|;/).slice(1).join(" ")
    : command;
  const words = last.trim().split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word));
  const isRunner = (word: string) =>
    /^(?:\S*\/)?(?:env|nice|ionice|nohup|flock|timeout|sudo|sh|bash|python[\d.]*|php|perl|node|ruby)$/.test(
      word,
    );
  const word = words.find((each) => !isRunner(each) && !each.startsWith("-")) ?? words[0] ?? "task";
  const base = word.split("/").at(-1)?.replace(/\.\w+$/, "") ?? "";
  return base.replace(/[^\p{L}\p{N}_-]+/gu, "_").replace(/^[_-]+/, "").slice(0, 60) || "task";
}

function unusedId(name: string, taken: readonly string[]): string {
  for (let number = 1;; number++) {
    const id = number === 1 ? name : `${name}_${number}`;
    // A file called `…_test` would be no task's.
    if (!taken.includes(id) && isTaskFile(`${id}.ts`)) return id;
  }
}

/** The task file of a line. */
export function crontabTaskFile(
  { line, schedule, command, input, timezone, cwd, environment, shell }: CrontabTask,
): string {
  const bounds = timezone === undefined ? "" : `, { timezone: ${JSON.stringify(timezone)} }`;
  const text = input === undefined ? command : withInput(command, input);
  const run = shell === "/bin/sh" ? text : [shell, "-c", text];
  return [
    `// From line ${line} of a crontab.`,
    'import { command, cron } from "carillon";',
    "",
    "export default command({",
    `  run: ${JSON.stringify(run)},`,
    ...(cwd === undefined ? [] : [`  cwd: ${JSON.stringify(cwd)},`]),
    `  trigger: cron(${JSON.stringify(schedule)}${bounds}),`,
    ...(Object.keys(environment).length === 0 ? [] : [`  env: ${JSON.stringify(environment)},`]),
    "  // As cron does, whatever is still at work.",
    '  overlap: "allow",',
    "});",
    "",
  ].join("\n");
}

/** The command with its standard input behind it, up to a line that the input does not have. */
function withInput(command: string, input: string): string {
  let end = "END";
  while (input.split("\n").includes(end)) end += "_";
  return `{ ${command}\n} <<'${end}'\n${input}${end}`;
}
