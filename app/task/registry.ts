/** The tasks there are. A reload swaps each file's task atomically: a file with an error keeps its last good version (I5). */
import { join } from "node:path";
import type { TaskDescription } from "./description.ts";
import type { Mirror } from "./mirror.ts";
import {
  isTaskFile,
  readSources,
  type SourceFile,
  type SourcePlace,
  type Sources,
  taskIdOf,
  versionOf,
} from "./source.ts";

/** A task that is ready to run. Never changed; a reload makes a new one. */
export interface Task {
  readonly id: string;
  /** Path below the tasks folder. */
  readonly path: string;
  /** Address of the module to import. */
  readonly module: string;
  /** Changes when the file or anything it imports changes. */
  readonly version: string;
  readonly description: TaskDescription;
}

/** A file that is no task, and why. */
export interface BrokenFile {
  readonly path: string;
  /** The file itself, for a person to open. */
  readonly file: string;
  readonly message: string;
  readonly place?: SourcePlace;
  /** The task whose last good version goes on running, where there is one. */
  readonly taskId?: string;
}

/** Imports a module in a worker and describes its task; a problem comes back as a sentence and, where known, a place. */
export type DescribeModule = (
  module: string,
) => Promise<
  { readonly ok: true; readonly description: TaskDescription } | {
    readonly ok: false;
    readonly message: string;
    readonly stack?: string;
  }
>;

export interface Reloaded {
  /** Tasks that are new or have a new version. */
  readonly changed: readonly Task[];
  /** Ids whose file is gone. */
  readonly removed: readonly string[];
  /** Files that were not broken before, or not in this way. */
  readonly newlyBroken: readonly BrokenFile[];
}

const TASK_ID = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,99}$/u;

export class TaskRegistry {
  #tasks: ReadonlyMap<string, Task> = new Map();
  #broken: readonly BrokenFile[] = [];
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(readonly folder: string, readonly mirror: Mirror, readonly describe: DescribeModule) {}

  /** All tasks, by id. */
  get tasks(): ReadonlyMap<string, Task> {
    return this.#tasks;
  }

  get broken(): readonly BrokenFile[] {
    return this.#broken;
  }

  /** Reads the folder anew. Reloads that overlap wait for each other. */
  reload(): Promise<Reloaded> {
    const done = this.#reloading.then(() => this.#reload());
    this.#reloading = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<Reloaded> {
    const sources = await readSources(this.folder);
    const broken: BrokenFile[] = sources.problems.map((problem) =>
      this.#brokenFile(problem.path, problem.message, problem.place)
    );
    const files = this.#taskFiles(sources, broken);
    const tasks = new Map<string, Task>();
    const changed: Task[] = [];
    const toTry: { readonly id: string; readonly file: SourceFile; readonly version: string }[] = [];
    for (const [id, file] of files) {
      const before = this.#tasks.get(id);
      const version = versionOf(file.path, sources.files);
      const earlier = this.#broken.find((each) =>
        each.path === file.path && this.#triedVersions.get(file.path) === version
      );
      if (before && before.version === version && before.path === file.path) tasks.set(id, before);
      else if (!earlier) toTry.push({ id, file, version });
      else {
        broken.push(earlier);
        if (before) tasks.set(id, before);
      }
    }
    // Side by side: a file that never finishes loading does not hold up the others.
    const urlOf = toTry.length > 0 ? await this.mirror.write(sources.files.values()) : String;
    await Promise.all(toTry.map(async ({ id, file, version }) => {
      const module = urlOf(file.path);
      const answer = await this.describe(module);
      this.#triedVersions.set(file.path, version);
      const { path } = file;
      const before = this.#tasks.get(id);
      if (answer.ok) {
        const task: Task = Object.freeze({ id, path, module, version, description: answer.description });
        tasks.set(id, task);
        changed.push(task);
        return;
      }
      const place = answer.stack === undefined ? undefined : this.#placeIn(answer.stack, path);
      broken.push(this.#brokenFile(path, this.mirror.original(answer.message), place));
      if (before) tasks.set(id, before);
    }));
    changed.sort((a, b) => a.id < b.id ? -1 : 1);
    broken.sort((a, b) => a.path < b.path ? -1 : 1);
    for (const { taskId } of broken) {
      const before = taskId === undefined ? undefined : this.#tasks.get(taskId);
      if (before && !tasks.has(before.id)) tasks.set(before.id, before);
    }

    const removed = [...this.#tasks.keys()].filter((id) => !tasks.has(id));
    const newlyBroken = broken.filter((each) =>
      !this.#broken.some((before) => before.path === each.path && before.message === each.message)
    );
    this.#tasks = new Map([...tasks].sort(([a], [b]) => a < b ? -1 : 1));
    this.#broken = broken;
    await this.mirror.prune([...this.#tasks.values()].map((task) => task.module));
    return { changed, removed, newlyBroken };
  }

  /** The version of each file that was last imported, so that a broken file is tried once a change and not on every look. */
  readonly #triedVersions = new Map<string, string>();

  /** The file of each task id; what cannot be a task is put among the broken. */
  #taskFiles(sources: Sources, broken: BrokenFile[]): Map<string, SourceFile> {
    const imported = new Set([...sources.files.values()].flatMap((file) => file.imports));
    const files = new Map<string, SourceFile>();
    // The file that already has the id comes first, so that a newcomer of the same name cannot take it over.
    const order = [...sources.files.values()].sort((a, b) => this.#seniority(a) - this.#seniority(b));
    for (const file of order) {
      if (!isTaskFile(file.path)) continue;
      const id = taskIdOf(file.path);
      const holder = files.get(id);
      if (!file.hasDefaultExport) {
        if (imported.has(file.path)) continue;
        broken.push(this.#brokenFile(
          file.path,
          `it has no default export; write "export default defineTask({ … })", or give a file that is only imported a name that begins with "_"`,
        ));
      } else if (!TASK_ID.test(id)) {
        broken.push(this.#brokenFile(
          file.path,
          `"${id}" cannot be a task's id; a file name has letters, digits, "_", "-" and ".", 100 at the most`,
        ));
      } else if (holder) {
        broken.push(
          this.#brokenFile(
            file.path,
            `the id "${id}" is taken by ${holder.path}; rename one of the two files`,
          ),
        );
      } else {
        files.set(id, file);
      }
    }
    return files;
  }

  #seniority(file: SourceFile): number {
    return this.#tasks.get(taskIdOf(file.path))?.path === file.path ? 0 : 1;
  }

  #brokenFile(path: string, message: string, place?: SourcePlace): BrokenFile {
    const task = this.#tasks.get(taskIdOf(path));
    return {
      path,
      file: join(this.folder, path),
      message,
      ...(place ? { place } : {}),
      ...(task?.path === path ? { taskId: task.id } : {}),
    };
  }

  /** The first place in the file that a stack speaks of. */
  #placeIn(stack: string, path: string): SourcePlace | undefined {
    for (const line of this.mirror.original(stack).split("\n")) {
      const found = line.includes(path) ? /:(\d+):(\d+)\)?$/.exec(line.trim()) : null;
      if (found) return { line: Number(found[1]), column: Number(found[2]) };
    }
    return undefined;
  }
}
