/** The tasks there are. A reload swaps the tasks of a file atomically: one with an error keeps its last good version (I5). */
import { join } from "node:path";
import type { EpochMs } from "../base/time.ts";
import { changed, sentence, type Told, toldBy, toldOf, wrongWith } from "../locale/sentence.ts";
import type { TaskDescription } from "./description.ts";
import { isNoExport } from "./exported.ts";
import type { Generation, Mirror } from "./mirror.ts";
import { missingImport } from "./missing_import.ts";
import {
  type Claim,
  isDue,
  nextRetry,
  type Outcome,
  type Retry,
  settle,
  type Settled,
  tasksOf,
} from "./outcome.ts";
import { isScript, scriptProblem } from "./script.ts";
import {
  isTaskFile,
  mayHaveTasks,
  partsOf,
  readSources,
  type SourceFile,
  type SourcePlace,
  type SourceProblem,
  type Sources,
  versionOf,
  wholeOf,
} from "./source.ts";
import type { Task } from "./task.ts";

/** A file that is no task, and why. */
export interface BrokenFile extends Told {
  readonly path: string;
  /** The file itself, for a person to open. */
  readonly file: string;
  readonly place?: SourcePlace;
  /** As it was read, where it could be and may be shown. */
  readonly text?: string | undefined;
  /** The task whose last good version goes on running, where there is one; the first of them, by id. */
  readonly taskId?: string;
  /** When it is loaded again, where the reason may pass without a change of the file. */
  readonly retryAt?: EpochMs | undefined;
}

/**
 * Imports a module in a host and describes its tasks; a problem comes back as a sentence and, where known, a place.
 * `mayPass` is true where the reason is not the file's: no host could be started, or the machine was too busy.
 */
export type DescribeModule = (
  module: string,
  version?: string,
) => Promise<
  | { readonly ok: true; readonly descriptions: readonly TaskDescription[] }
  | Told & {
    readonly ok: false;
    readonly stack?: string | undefined;
    readonly mayPass?: boolean | undefined;
  }
>;

export interface Reloaded {
  /** Tasks that are new or have a new version. */
  readonly changed: readonly Task[];
  /** Ids that no file has any more. */
  readonly removed: readonly string[];
  /** Files that were not broken before, or not in this way. */
  readonly newlyBroken: readonly BrokenFile[];
  /** True where something is worth another try though nothing may change in the folder, as the system refused to read it. */
  readonly mayReadMore: boolean;
}

/** A file that is to be loaded. */
interface Try {
  readonly file: SourceFile;
  readonly version: string;
  /** The try before, of the same version. */
  readonly retried: Retry | undefined;
}

export interface TaskRegistryParts {
  /** The tasks folder. */
  readonly folder: string;
  readonly mirror: Mirror;
  readonly describe: DescribeModule;
  readonly now: () => EpochMs;
}

export interface ReloadOptions {
  /** Files that wait for another try are loaded now. */
  readonly again?: boolean | undefined;
}

export class TaskRegistry {
  #tasks: ReadonlyMap<string, Task> = new Map();
  #broken: readonly BrokenFile[] = [];
  /** The files as they were last read. */
  #read: Sources["files"] = new Map();
  /** What became of each file, by path; a broken one is tried once a change and not on every look. */
  #outcomes: ReadonlyMap<string, Outcome> = new Map();
  /** What each task was loaded from; it lives as long as a run may need it. */
  readonly #files = new WeakMap<Task, readonly SourceFile[]>();
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(readonly parts: TaskRegistryParts) {}

  get folder(): string {
    return this.parts.folder;
  }

  /** All tasks, by id. */
  get tasks(): ReadonlyMap<string, Task> {
    return this.#tasks;
  }

  get broken(): readonly BrokenFile[] {
    return this.#broken;
  }

  /** The files that a task was loaded from, as they were then. */
  filesOf(task: Task): readonly SourceFile[] {
    return this.#files.get(task) ?? [];
  }

  /** The text of a task's own file as it was loaded; undefined where it is not shown. */
  textOf(task: Task): string | undefined {
    return this.filesOf(task).find(({ path }) => path === task.path)?.text;
  }

  /** Sees to it that a host can load a task; a promise where something had to be done for it. See {@link Mirror.ensure}. */
  prepare(task: Task): Promise<void> | undefined {
    return this.parts.mirror.ensure(task.module, this.filesOf(task));
  }

  /** Reads the folder again. Reloads that overlap wait for each other. */
  reload(options: ReloadOptions = {}): Promise<Reloaded> {
    const done = this.#reloading.then(() => this.#reload(options));
    this.#reloading = done.catch(() => undefined);
    return done;
  }

  async #reload(options: ReloadOptions): Promise<Reloaded> {
    const sources = await readSources(this.folder, this.#read);
    this.#read = sources.files;
    this.#outcomes = await this.#load(sources, options);
    const { tasks, broken } = settle(this.#claims(sources));
    const changed = [...tasks.values()].filter((task) => this.#tasks.get(task.id) !== task);
    const removed = [...this.#tasks.keys()].filter((id) => !tasks.has(id));
    const texts = new Map(sources.problems.map(({ path, text }) => [path, text]));
    const files = broken.map((each) =>
      this.#brokenFile(each, sources.files.get(each.path)?.text ?? texts.get(each.path))
    );
    const newlyBroken = files.filter((each) =>
      !this.#broken.some((before) => before.path === each.path && before.message === each.message)
    );
    this.#tasks = new Map([...tasks].sort(([a], [b]) => a < b ? -1 : 1));
    this.#broken = files.sort(byPath);
    const kept = [...this.#outcomes.values()].flatMap((each) => each.kind === "tasks" ? each.tasks : []);
    await this.parts.mirror.prune([...kept, ...tasks.values()].map((task) => task.module));
    return {
      changed: changed.sort((a, b) => a.id < b.id ? -1 : 1),
      removed,
      newlyBroken: newlyBroken.sort(byPath),
      mayReadMore: sources.problems.some(({ fromSystem }) => fromSystem) ||
        this.#broken.some(({ retryAt }) => retryAt !== undefined),
    };
  }

  /** What becomes of each task file. What has not changed is what it was. */
  async #load({ files, problems }: Sources, { again }: ReloadOptions): Promise<ReadonlyMap<string, Outcome>> {
    const { mirror, now } = this.parts;
    await mirror.packages.look(files.values());
    const imported = new Set([...files.values()].flatMap((file) => file.imports));
    const outcomes = new Map<string, Outcome>();
    const toTry: Try[] = [];
    const unread = new Set(problems.map(({ path }) => path));
    for (const file of files.values()) {
      if (!isTaskFile(file.path)) continue;
      const version = versionOf(file.path, files, mirror.packages.installed);
      const before = this.#outcomes.get(file.path);
      const nowhere = partsOf([file.path], files).map((part) => missingImport(part, files, unread)).find(
        Boolean,
      );
      if (nowhere) {
        outcomes.set(file.path, incomplete(file.path, version, nowhere));
      } else if (mayHaveTasks(file, files)) {
        // Whether it may be a library is a matter of the other files.
        const isSame = before?.version === version &&
          (before.kind !== "library" || imported.has(file.path));
        const retried = isSame && before.kind === "broken" ? before.retry : undefined;
        if (isSame && !(retried && (again || isDue(retried, now())))) outcomes.set(file.path, before);
        else toTry.push({ file, version, retried });
      } else if (!imported.has(file.path) && !isScript(file.path)) {
        outcomes.set(file.path, { kind: "broken", version, told: NO_TASK });
      }
    }
    if (toTry.length === 0) return outcomes;
    const generation = await mirror.write(files.values());
    const isInstalling = mirror.packages.news() !== undefined;
    // Side by side: a file that never finishes loading does not hold up the others.
    await Promise.all(toTry.map(async (each) => {
      const { file: { path } } = each;
      const parts = partsOf([path], files);
      const missing = parts.map((part) => generation.problems.get(part.path)).find(Boolean);
      const halfRead = isInstalling && parts.some(({ usesPackages }) => usesPackages);
      const outcome = missing
        ? this.#unlinked(each, missing)
        : halfRead
        ? this.#unlinked(each, { path, ...INSTALLING })
        : await this.#describe(each, files, generation, imported.has(path));
      outcomes.set(path, outcome);
    }));
    return outcomes;
  }

  /** A package is not there. It may be mended where nobody looks, inside of it: so it is tried again. */
  #unlinked({ file: { path }, version, retried }: Try, missing: SourceProblem): Outcome {
    return {
      kind: "broken",
      version,
      told: { message: missing.message, sentence: missing.sentence },
      place: missing.path === path ? missing.place : undefined,
      retry: nextRetry(this.parts.now(), retried),
    };
  }

  async #describe(
    { file: { path, text, hasDefaultExport }, version, retried }: Try,
    files: Sources["files"],
    { urlOf }: Generation,
    isImported: boolean,
  ): Promise<Outcome> {
    const { describe, mirror, now } = this.parts;
    const module = urlOf(path);
    const answer = await describe(module, version);
    if (!answer.ok) {
      if (!hasDefaultExport && isNoExport(answer)) {
        return isImported ? { kind: "library", version } : { kind: "broken", version, told: NO_TASK };
      }
      const script = isScript(path) ? scriptProblem(path, text ?? "", answer) : undefined;
      if (script) {
        const place = { line: script.line, column: 1 };
        return { kind: "broken", version, told: toldBy(script), place };
      }
      const place = answer.stack === undefined ? undefined : this.#placeIn(answer.stack, path);
      const isOfPackage = IN_PACKAGE.test(`${answer.message}\n${answer.stack ?? ""}`);
      const retry = answer.mayPass || isOfPackage ? nextRetry(now(), retried) : undefined;
      const told = {
        message: mirror.original(answer.message),
        sentence: answer.sentence && changed(answer.sentence, (text) => mirror.original(text)),
      };
      return { kind: "broken", version, told, place, retry };
    }
    try {
      const tasks = tasksOf(path, module, version, answer.descriptions);
      for (const task of tasks) this.#files.set(task, wholeOf(path, files));
      return { kind: "tasks", version, tasks };
    } catch (error) {
      return { kind: "broken", version, told: toldBy(error) };
    }
  }

  #claims({ problems, badFolders }: Sources): readonly Claim[] {
    const held = Map.groupBy(this.#tasks.values(), ({ path }) => path);
    // What became of the files in a folder that cannot be read is not known: their tasks go on.
    const below = (folder: string) =>
      [...this.#tasks.values()].filter(({ path }) => path.startsWith(`${folder}/`));
    const unreadable = problems.map(({ path, message, sentence, place }): [string, Outcome] => [
      path,
      { kind: "broken", version: "", told: { message, sentence }, place },
    ]);
    return [...this.#outcomes, ...unreadable].map(([path, outcome]) => ({
      path,
      outcome,
      before: badFolders.includes(path) ? below(path) : held.get(path) ?? [],
    }));
  }

  #brokenFile(
    { path, told, place, retry }: Settled["broken"][number],
    text: string | undefined,
  ): BrokenFile {
    const task = [...this.#tasks.values()].find((each) =>
      each.path === path || each.path.startsWith(`${path}/`)
    );
    return {
      path,
      file: join(this.folder, path),
      ...told,
      text,
      retryAt: retry?.at,
      place,
      taskId: task?.id,
    };
  }

  /** The first place in the file that a stack speaks of. */
  #placeIn(stack: string, path: string): SourcePlace | undefined {
    for (const line of this.parts.mirror.original(stack).split("\n")) {
      const found = line.includes(path) ? /:(\d+):(\d+)\)?$/.exec(line.trim()) : null;
      if (found) return { line: Number(found[1]), column: Number(found[2]) };
    }
    return undefined;
  }
}

/** What is said of, or by, the code of a package: it may be mended without a change of the task's file. */
const IN_PACKAGE = /\/node_modules\/|Cannot find module/;

const INSTALLING = toldOf(sentence("mistake.installing"));

const NO_TASK = toldOf(sentence("mistake.no_task"));

function byPath(a: BrokenFile, b: BrokenFile): number {
  return a.path < b.path ? -1 : 1;
}

/** A file of the folder that it imports is not there. */
function incomplete(path: string, version: string, nowhere: SourceProblem): Outcome {
  const { message, sentence: said, place } = nowhere;
  if (nowhere.path === path) return { kind: "broken", version, told: { message, sentence: said }, place };
  // The place is one in another file, which is named.
  return {
    kind: "broken",
    version,
    told: toldOf(wrongWith(`${nowhere.path}:${place?.line}`, said ?? message)),
  };
}
