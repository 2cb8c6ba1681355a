/** Runs tasks in the scheduler's own thread: at no cost, and without protection from what they do to it. */
import type { Mask } from "../mask.ts";
import type { Task } from "../task/registry.ts";
import { currentRun } from "./current_run.ts";
import { errorFacts } from "./error_facts.ts";
import type { Execution, Executor } from "./executor.ts";
import { captureConsole } from "./host_side.ts";
import type { RunAnswer, RunNews, RunOrder } from "./messages.ts";
import { runOrder } from "./task_code.ts";

export class InlineExecutor implements Executor {
  #used = false;
  readonly #listening = new AbortController();

  constructor(readonly mask: Mask, readonly onStray: (thrown: unknown) => void) {}

  begin(_task: Task, order: RunOrder, onNews: (news: RunNews) => void): Execution {
    if (!this.#used) this.#prepare();
    return new InlineExecution(order, this.mask, onNews);
  }

  close(): Promise<void> {
    this.#listening.abort();
    return Promise.resolve();
  }

  /** An error outside of any promise would end the program: from now on it ends the run, where it is known whose it is. */
  #prepare(): void {
    this.#used = true;
    captureConsole();
    const { signal } = this.#listening;
    addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      const environment = currentRun.getStore();
      if (environment) environment.onStray(event.reason);
      else this.onStray(event.reason);
    }, { signal });
    addEventListener("error", (event) => {
      event.preventDefault();
      this.onStray(event.error);
    }, { signal });
  }
}

class InlineExecution implements Execution {
  readonly answer: Promise<RunAnswer>;
  #settle: ((answer: RunAnswer) => void) | undefined;
  /** Made when somebody asks for it: most tiny tasks do not. */
  #aborter: AbortController | undefined;

  constructor(order: RunOrder, readonly mask: Mask, readonly onNews: (news: RunNews) => void) {
    this.answer = new Promise((resolve) => this.#settle = resolve);
    void runOrder(order, this).then((answer) => this.#end(answer));
  }

  get signal(): AbortSignal {
    return (this.#aborter ??= new AbortController()).signal;
  }

  tell(news: RunNews): void {
    if (this.#settle) this.onNews(news);
  }

  onStray(thrown: unknown): void {
    this.#end({ kind: "failed", error: errorFacts(thrown, this.mask) });
  }

  abort(reason: string): void {
    (this.#aborter ??= new AbortController()).abort(new DOMException(reason, "AbortError"));
  }

  /** What goes on running cannot be stopped from outside; nobody listens to it any more. */
  end(reason: string): void {
    this.onStray(new Error(reason));
  }

  #end(answer: RunAnswer): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(answer);
  }
}
