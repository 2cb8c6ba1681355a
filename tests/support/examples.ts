/** The folders of `examples/`, as files of a test's folder. */
import { join } from "node:path";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;

/** Names of all examples. */
export const EXAMPLE_NAMES: readonly string[] = [...Deno.readDirSync(EXAMPLES)]
  .filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();

/** The files of an example by their path. @param change each text as the test needs it: other addresses */
export function exampleFiles(
  name: string,
  change: (text: string) => string = (text) => text,
): Record<string, string> {
  const files: Record<string, string> = {};
  const read = (below: string) => {
    for (const entry of Deno.readDirSync(join(EXAMPLES, name, below))) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory) read(path);
      else files[path] = change(Deno.readTextFileSync(join(EXAMPLES, name, path)));
    }
  };
  read("");
  return files;
}

/** Replaces texts. */
export function replacing(pairs: Readonly<Record<string, string>>): (text: string) => string {
  return (text) => Object.entries(pairs).reduce((words, [from, to]) => words.replaceAll(from, to), text);
}
