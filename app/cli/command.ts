/** What a command declares of itself: its line in `help`, its own help, its flags, and what it does. */
import type { ExitCode } from "./errors.ts";

/** A flag of a command. */
export interface Flag {
  /** What stands for its value in help; a flag without one is a switch. */
  readonly value?: string;
  readonly short?: string;
  /** One line for the help text. */
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** What was typed after the command's name. */
export interface Arguments {
  /** What is not a flag, in order. */
  readonly words: readonly string[];
  /** Flags of the command itself; a switch that is on has the value `"true"`. */
  readonly own: ReadonlyMap<string, string>;
  /** Flags that set settings, without their dashes. */
  readonly settings: Readonly<Record<string, string>>;
  /** How the command is typed, for messages. */
  readonly usage: string;
}

/** A command line somebody could type, and what it is for. */
export interface Example {
  /** Without `carillon` before it. */
  readonly line: string;
  readonly what: string;
}

export interface Command {
  /** One word, or two where several commands share the first: `db test`. */
  readonly name: string;
  /** The words after the name, as help shows them: `<task> [name=value …]`. */
  readonly usage: string;
  /** Most words it takes after its name. */
  readonly words: number;
  /** What it does, in one line. */
  readonly summary: string;
  readonly flags: Flags;
  /** True where it reads the settings, so that flags may set them. */
  readonly configured: boolean;
  /** True where it asks a Carillon that is active, here or elsewhere. */
  readonly asksServer?: true;
  readonly examples: readonly Example[];
  run(given: Arguments): ExitCode | Promise<ExitCode>;
}

/** `carillon next <task> [-n N] [--json]`: how the command is typed. */
export function usageOf({ name, usage, flags }: Pick<Command, "name" | "usage" | "flags">): string {
  const own = Object.entries(flags).map(([flag, { short, value }]) => {
    const dashed = short === undefined ? `--${flag}` : `-${short}`;
    return value === undefined ? `[${dashed}]` : `[${dashed} ${value}]`;
  });
  return ["carillon", name, usage, ...own].filter((word) => word !== "").join(" ");
}
