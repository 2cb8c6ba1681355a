/** What is wrong with a task file that cannot be read as a module, and where. */
import { type Told, toldBy } from "../locale/sentence.ts";
import { UnreadableFileError } from "./file_text.ts";
import { PlacedError } from "./placed_error.ts";

/** Where in a file something is wrong; line and column count from 1. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** A file that cannot be read as a module. */
export interface SourceProblem extends Told {
  readonly path: string;
  readonly place?: SourcePlace | undefined;
  /** The file as it was read, where it may be shown. */
  readonly text?: string | undefined;
  /** True where the system refuses to read it, which may be over without any change in the folder. */
  readonly fromSystem?: boolean | undefined;
}

/** What was thrown as the file was read, in words. */
export function problemOf(path: string, error: unknown, text?: string): SourceProblem {
  if (isStripError(error)) {
    return {
      path,
      message: error.message,
      place: { line: error.startLine, column: error.startColumn + 1 },
      text,
    };
  }
  if (error instanceof PlacedError) {
    return { path, ...toldBy(error), place: { line: error.line, column: error.column }, text };
  }
  return { path, ...toldBy(error), text, fromSystem: error instanceof UnreadableFileError };
}

/** What amaro throws for a text that is not TypeScript, or needs more than stripping (an enum, say). */
interface StripError {
  readonly message: string;
  readonly startLine: number;
  readonly startColumn: number;
}

function isStripError(error: unknown): error is StripError {
  return typeof error === "object" && error !== null && "startLine" in error &&
    typeof error.startLine === "number";
}
