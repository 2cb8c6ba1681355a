/** Routes of `[notify:…]` sections that no task is on: a folder, a tag or an id that is misspelt keeps silent for good. */
import { dirname } from "node:path/posix";
import { nearest } from "../base/suggestion.ts";
import type { NamedSection, SectionEntry } from "../config/named_sections.ts";
import { isIn, matches } from "../notify/route.ts";
import { words } from "../notify/checks.ts";

/** What a route knows of a task. */
export interface RoutedTask {
  readonly id: string;
  /** Of its file, below the tasks folder. */
  readonly path: string;
  readonly tags: readonly string[];
}

interface Kind {
  readonly key: string;
  readonly what: string;
  readonly fits: (task: RoutedTask, word: string) => boolean;
  /** What there is of it. */
  readonly known: (task: RoutedTask) => readonly string[];
}

const KINDS: readonly Kind[] = [
  { key: "tasks", what: "id", fits: ({ id }, word) => matches(id, word), known: ({ id }) => [id] },
  {
    key: "folders",
    what: "folder",
    fits: ({ path }, word) => isIn(dirname(path), word),
    known: ({ path }) => [dirname(path)],
  },
  { key: "tags", what: "tag", fits: ({ tags }, word) => tags.includes(word), known: ({ tags }) => tags },
];

/** A sentence with its place for each word of a section that fits no task. */
export function deadRoutes(
  sections: readonly NamedSection[],
  tasks: readonly RoutedTask[],
): readonly string[] {
  return sections.filter(({ kind }) => kind === "notify").flatMap(({ entries }) =>
    KINDS.flatMap((kind) => {
      const entry = entries.get(kind.key);
      return entry ? deadWords(kind, entry, tasks) : [];
    })
  );
}

function deadWords(
  { what, fits, known }: Kind,
  { place, value }: SectionEntry,
  tasks: readonly RoutedTask[],
): string[] {
  const dead = words.parse(value).filter((word) => !tasks.some((task) => fits(task, word)));
  return dead.map((word) => {
    const near = nearest(word, [...new Set(tasks.flatMap(known))]);
    const hint = near === undefined || near === "." ? "" : `; did you mean "${near}"?`;
    return `${place}: no task has the ${what} "${word}"${hint}`;
  });
}
