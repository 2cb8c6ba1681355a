/** `carillon dev`: one task while it is being written: tried now and at each save. Nothing is recorded. */
import { relative } from "node:path";
import { createEmbeddedDatabases } from "../../datasource/datasource.ts";
import { messageOf } from "../base/errors.ts";
import { nearest } from "../base/suggestion.ts";
import type { Config } from "../config/config.ts";
import type { Actor } from "../model/actor.ts";
import { systemClock } from "../scheduler/clock.ts";
import type { Application } from "../service/compose.ts";
import { problemText } from "../task/params.ts";
import { FolderWatch } from "../task/watch.ts";
import { loadConfig, requiredWord } from "./arguments.ts";
import { brokenText } from "./broken.ts";
import { checkNames, taskCode } from "./check_code/task_code.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { follow } from "./follow.ts";
import { openOffline } from "./offline.ts";
import { OutputClosedError, print, say } from "./output.ts";
import { CONFIRM_FLAG, paramWords } from "./run.ts";
import { commandSignals } from "./signals.ts";
import { styled } from "./style.ts";

const ACTOR: Actor = { channel: "cli" };

export const dev: Command = {
  name: "dev",
  usage: "<task> [name=value …]",
  words: Infinity,
  summary: "try a task now and each time its file, or one that it imports, is saved; nothing is recorded",
  flags: CONFIRM_FLAG,
  configured: true,
  examples: [
    { line: "dev get_test_data", what: "beside the editor, until Ctrl+C" },
    { line: "dev get_test_data begin_date=2026-03-01T00:00:00", what: "with other parameters" },
  ],
  async run(given): Promise<ExitCode> {
    const id = requiredWord(given, 0, "a task");
    const params = paramWords(given.words.slice(1), given.usage);
    const config = loadConfig(given);
    createEmbeddedDatabases(config.datasource.file);
    using signals = commandSignals();
    await using carillon = await openOffline(config);
    const tries = new Tries(carillon, config, id, params, given.own.get("confirm"));
    const watch = new FolderWatch({
      folder: config.scheduler.tasks,
      clock: systemClock,
      reload: () => tries.look(),
      beside: () => carillon.packages.news(),
      onTrouble: say,
    });
    await watch.start();
    try {
      await Promise.race([signals.first, tries.unread]);
      return 0;
    } finally {
      await watch.stop();
      await tries.stop();
    }
  },
};

/** The runs of one task, of which a later one ends the one before. */
class Tries {
  /** What was tried last: a version of the task, or why there is none. */
  #last: string | undefined;
  #run: { readonly id: string; readonly ended: Promise<unknown> } | undefined;
  #looking: Promise<unknown> = Promise.resolve();
  readonly #unread = Promise.withResolvers<never>();

  constructor(
    readonly carillon: Application,
    readonly config: Config,
    readonly id: string,
    readonly params: readonly [string, string][],
    readonly confirm: string | undefined,
  ) {
    // Whoever waits for it hears of it then.
    this.unread.catch(() => {});
  }

  /** Rejects where nobody reads what is said any more. */
  get unread(): Promise<never> {
    return this.#unread.promise;
  }

  /** Looks what has changed, one time after another. */
  look(): Promise<{ readonly mayReadMore: boolean }> {
    const looked = this.#looking.then(() => this.#look());
    this.#looking = looked.catch((error) => this.#tell(error));
    return looked;
  }

  async stop(): Promise<void> {
    await this.#looking;
    await this.#endRun();
  }

  async #look(): Promise<{ readonly mayReadMore: boolean }> {
    const { operations, queries: { tasks } } = this.carillon;
    const { mayReadMore } = await operations.reload(ACTOR, { again: false });
    const task = tasks.find(this.id)?.task;
    const problem = this.#problem(task?.path);
    const state = problem ?? task?.version;
    if (state === this.#last) return { mayReadMore };
    this.#last = state;
    await this.#endRun();
    print(
      styled(
        Deno.stdout,
        "bold",
        `── ${this.id} ${Temporal.Now.plainTimeISO().toString({ smallestUnit: "second" })}`,
      ),
    );
    if (problem !== undefined) say(problem);
    else {
      await this.#warn();
      await this.#start();
    }
    return { mayReadMore };
  }

  /** Why the task cannot be tried as it is now. */
  #problem(path: string | undefined): string | undefined {
    const { tasks } = this.carillon.queries;
    const broken = tasks.broken().filter((each) => path === undefined || each.path === path);
    if (broken.length > 0) return broken.map(brokenText).join("\n");
    if (path !== undefined) return undefined;
    const near = nearest(this.id, tasks.ids());
    const hint = near === undefined ? "" : `, only "${near}"`;
    return `there is no task "${this.id}" in ${this.config.scheduler.tasks}${hint}; it is tried once its file is saved`;
  }

  async #warn(): Promise<void> {
    const mistakes = checkNames(await taskCode(this.config.scheduler.tasks), this.config);
    for (const each of mistakes) say(brokenText({ ...each, file: relative(".", each.file) }));
  }

  async #start(): Promise<void> {
    const { operations, queries: { runs } } = this.carillon;
    const answer = await operations.run(ACTOR, this.id, this.params, undefined, { confirm: this.confirm });
    if (!answer.ok) return say(`task ${this.id}: ${problemText(answer.problems)}`);
    const { id } = answer.run;
    const ended = follow(runs, id).catch((error) => this.#tell(error));
    this.#run = { id, ended };
  }

  #tell(error: unknown): void {
    try {
      if (error instanceof OutputClosedError) throw error;
      say(messageOf(error));
    } catch (closed) {
      this.#unread.reject(closed);
    }
  }

  async #endRun(): Promise<void> {
    const { operations } = this.carillon;
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    // One that is over is not cancelled, and nothing is to be said of it.
    await operations.cancel(ACTOR, run.id).catch(() => {});
    await run.ended;
  }
}
