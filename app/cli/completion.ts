/** `carillon completion`: what a shell needs to complete commands, flags and tasks. */
import { SETTING_FLAGS } from "../config/settings.ts";
import { allFlags } from "./arguments.ts";
import type { Command } from "./command.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { taskIds } from "./nearest_task.ts";
import { print } from "./output.ts";
import { suggestion } from "../base/suggestion.ts";
import { isTaskId } from "../task/task_id.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
/** Asked by the scripts themselves. */
const TASKS = "tasks";

/** The command itself; it is given the table that it stands in. */
export function completionCommand(commands: () => Promise<readonly Command[]>): Command {
  return {
    name: "completion",
    usage: `<${SHELLS.join(" | ")}>`,
    words: 1,
    summary: "a script that lets a shell complete commands, flags and tasks",
    flags: {},
    configured: true,
    asksServer: true,
    examples: [
      { line: "completion bash > ~/.local/share/bash-completion/completions/carillon", what: "for bash" },
      { line: 'completion zsh > "${fpath[1]}/_carillon"', what: "for zsh" },
      { line: "completion fish > ~/.config/fish/completions/carillon.fish", what: "for fish" },
    ],
    async run(given): Promise<ExitCode> {
      const [word = ""] = given.words;
      if (word === TASKS) {
        // A shell that completes wants words or nothing: no Carillon is active, or it lets nobody in.
        for (const id of await taskIds(given).catch(() => [])) if (isTaskId(id)) print(id);
        return 0;
      }
      const shell = SHELLS.find((each) => each === word);
      if (!shell) throw new UsageError(`name a shell; ${suggestion(word, SHELLS)}; usage: ${given.usage}`);
      print(SCRIPTS[shell](await commands()).trimEnd());
      return 0;
    },
  };
}

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** A task may stand behind it. */
function takesTask({ usage }: Command): boolean {
  return /[<[](?:.*\| )?task\b/.test(usage);
}

/** `--json --follow`: the flags of a command, the ones that set settings left out where it has many of its own. */
function flagsOf(command: Command): string[] {
  return [...Object.keys(allFlags(command)), "help"].map((name) => `--${name}`);
}

/** `history` → `export`, `import`. */
function secondWords(commands: readonly Command[]): Map<string, string[]> {
  const pairs = commands.flatMap(({ name }) => {
    const [first = "", second] = name.split(" ");
    return second === undefined ? [] : [[first, second] as const];
  });
  return new Map(
    [...Map.groupBy(pairs, ([first]) => first)].map((
      [first, all],
    ) => [first, all.map(([, second]) => second)]),
  );
}

function firstWords(commands: readonly Command[]): string[] {
  return [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? name))];
}

function bashScript(commands: readonly Command[]): string {
  const seconds = [...secondWords(commands)].map(([first, words]) =>
    `    ${first}) words+=" ${words.join(" ")}" ;;`
  );
  const flags = commands.map((each) => `    "${each.name}") flags="${flagsOf(each).join(" ")}" ;;`);
  const withTasks = commands.filter(takesTask).map(({ name }) => `"${name}"`).join("|");
  return `# bash completion for carillon; made by "carillon completion bash"
_carillon() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" first="\${COMP_WORDS[1]}" second="\${COMP_WORDS[2]}" name words="" flags=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${firstWords(commands).join(" ")}" -- "$cur"))
    return
  fi
  name="$first"
  case "$first $second" in
    ${
    commands.filter(({ name }) => name.includes(" ")).map(({ name }) => `"${name}"`).join("|")
  }) name="$first $second" ;;
  esac
  if [ "$COMP_CWORD" -eq 2 ]; then
    case "$first" in
${seconds.join("\n")}
    esac
  fi
  case "$name" in
${flags.join("\n")}
    *) flags="" ;;
  esac
  case "$cur" in
    --*=*) return ;;
    -*) words="$flags ${[...SETTING_FLAGS.keys()].map((name) => `--${name}`).join(" ")}" ;;
    *) case "$name" in
      ${withTasks}) words+=" $("\${COMP_WORDS[0]}" completion ${TASKS} 2>/dev/null)" ;;
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _carillon carillon
`;
}

function zshScript(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\\\''").replaceAll(":", "\\\\:")}'`;
  const described = (name: string) => {
    const own = commands.find((each) => each.name === name);
    return quoted(`${name}`).slice(0, -1) +
      `:${(own?.summary ?? "").replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`;
  };
  const cases = commands.map((each) =>
    `    ${quoted(each.name)}) compadd -- ${flagsOf(each).join(" ")}${
      takesTask(each) ? `; compadd -- \${(f)"$(\${words[1]} completion ${TASKS} 2>/dev/null)"}` : ""
    } ;;`
  );
  const seconds = [...secondWords(commands)].map(([first, words]) =>
    `      ${first}) compadd -- ${words.join(" ")} ;;`
  );
  return `#compdef carillon
# zsh completion for carillon; made by "carillon completion zsh"
_carillon() {
  local name="\${words[2]}"
  if (( CURRENT == 2 )); then
    local -a all=(${firstWords(commands).map(described).join(" ")})
    _describe command all
    return
  fi
  case "\${words[2]} \${words[3]}" in
    ${
    commands.filter(({ name }) => name.includes(" ")).map(({ name }) => quoted(name)).join("|")
  }) name="\${words[2]} \${words[3]}" ;;
  esac
  if (( CURRENT == 3 )); then
    case "\${words[2]}" in
${seconds.join("\n")}
    esac
  fi
  case "$name" in
${cases.join("\n")}
  esac
  _files
}
_carillon "$@"
`;
}

function fishScript(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const first = firstWords(commands).map((word) => {
    const own = commands.find(({ name }) => name === word);
    const about = own ? ` -d ${quoted(own.summary)}` : "";
    return `complete -c carillon -n __fish_use_subcommand -f -a ${word}${about}`;
  });
  const rest = commands.flatMap((each) => {
    const [word = "", second] = each.name.split(" ");
    const seen = `__fish_seen_subcommand_from ${word}`;
    const when = second === undefined ? seen : `${seen}; and __fish_seen_subcommand_from ${second}`;
    const lines = second === undefined
      ? []
      : [`complete -c carillon -n ${quoted(seen)} -f -a ${second} -d ${quoted(each.summary)}`];
    const flags = Object.entries(allFlags(each)).map(([name, { short, value, help }]) =>
      [
        `complete -c carillon -n ${quoted(when)} -l ${name}`,
        ...(short === undefined || short === name ? [] : [`-s ${short}`]),
        ...(value === undefined ? [] : ["-r"]),
        `-d ${quoted(help)}`,
      ].join(" ")
    );
    const tasks = takesTask(each)
      ? [`complete -c carillon -n ${quoted(when)} -f -a '(carillon completion ${TASKS} 2>/dev/null)'`]
      : [];
    return [...lines, ...flags, ...tasks];
  });
  return `# fish completion for carillon; made by "carillon completion fish"
${[...first, ...rest].join("\n")}
`;
}
