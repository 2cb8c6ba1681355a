/** What is wrong with a package that a task file imports, in words for the one who wrote the task. */
import { SentenceError } from "../../locale/sentence.ts";

/** A package that is not there, or cannot be used. The message names it, and the remedy. */
export class PackageError extends SentenceError {
  override readonly name = "PackageError";
}
