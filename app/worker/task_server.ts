/** In a host: takes what the clock says, runs tasks and answers questions. The same in a process and in a sandbox. */
import { clearImmediate, setImmediate as nextTurn } from "node:timers";
import { setImmediate } from "node:timers/promises";
import type { Mask } from "../base/mask.ts";
import { NumberedList } from "../base/numbered_list.ts";
import type { RunAnswer } from "../model/order.ts";
import { answerRequest } from "./answer_request.ts";
import type { CleanCheck } from "./clean.ts";
import { errorFacts } from "./error_facts.ts";
import { closeOpened, useGrants } from "./granted.ts";
import { captureConsole, refuseExit, reportStrayErrors } from "./host_scope.ts";
import { cut, MAX_LEFT, MAX_MESSAGE_LENGTH } from "./limits.ts";
import type { FromHost, HostState, ToHost } from "./messages.ts";
import { loadedModules, runOrder } from "./task_code.ts";

export interface TaskServerParts {
  readonly send: (message: FromHost) => void;
  /** True where many runs go on side by side; then nothing is said of what each one leaves behind. */
  readonly shared: boolean;
  /** Undefined where the host is used once, or shared. */
  readonly clean: CleanCheck | undefined;
  /** Of a shared host: what makes it unfit for further runs. */
  readonly unfit?: ((idle: boolean) => readonly string[]) | undefined;
  /** True where the clock does not see otherwise that a run has begun. */
  readonly tellsBegin: boolean;
  /** Called before a run's code is. */
  readonly onBegin?: ((run: number, runId: string) => void) | undefined;
}

type RunMessage = Extract<ToHost, { kind: "run" }>;

interface GoingOn {
  readonly end: (answer: RunAnswer, left?: readonly string[]) => void;
  readonly abort: (reason: string) => void;
}

/** Prepares the globals, and answers with what takes the clock's messages. */
export function serveTasks(parts: TaskServerParts): (message: ToHost) => void {
  const { send, shared, clean } = parts;
  // A mistake in a task file shows where it was made: the file's own frame lies below a dozen of ours.
  Error.stackTraceLimit = 50;
  let mask: Mask = (text) => text;
  const going = new NumberedList<GoingOn>();
  captureConsole();
  refuseExit();
  reportStrayErrors((thrown) => {
    const [only] = going.values;
    if (only && !shared) only.end(failure(thrown), ["an error outside of any promise of the run"]);
    else send({ kind: "stray", error: errorFacts(thrown, mask) });
  });

  return (message) => {
    switch (message.kind) {
      case "grants":
        mask = useGrants(message.grants);
        return;
      case "run":
        void run(message);
        return;
      case "abort":
        going.get(message.run)?.abort(message.reason);
        return;
      case "ask":
        void answerRequest(message.request, mask).then(async (answer) => {
          send({ kind: "answer", n: message.n, answer, state: await state() });
        });
        return;
      case "ping":
        send({ kind: "pong", n: message.n });
        return;
      case "hello":
        return;
    }
  };

  async function run({ run, order }: RunMessage): Promise<void> {
    /** Made when somebody asks for it: most tiny tasks do not. */
    let aborter: AbortController | undefined;
    let ended = false;
    let waited = shared;
    // Cleared with the answer: what a run leaves behind is looked for afterwards.
    const turn = shared ? undefined : nextTurn(() => waited = true);
    const end = (answer: RunAnswer, left: readonly string[] = []) => {
      if (ended) return;
      ended = true;
      going.remove(run);
      send({ kind: "end", run, answer, state: stateOf(left), waited });
    };
    going.add(run, {
      end,
      abort: (reason) => (aborter ??= new AbortController()).abort(new DOMException(reason, "AbortError")),
    });
    if (parts.tellsBegin || order.traceparent !== undefined) send({ kind: "began", run });
    parts.onBegin?.(run, order.runId);
    const answer = await runOrder(order, {
      number: run,
      report: (news) => {
        if (!ended) send({ kind: "news", run, news });
      },
      get signal() {
        return (aborter ??= new AbortController()).signal;
      },
      mask,
      onStray: (thrown) => end(failure(thrown), shared ? [] : ["an error that nobody handled"]),
    });
    if (turn) clearImmediate(turn);
    if (shared) end(answer, parts.unfit?.(going.size === 1));
    else if (!ended) end(answer, await leftBehind());
  }

  function failure(thrown: unknown): RunAnswer {
    return { kind: "failed", error: errorFacts(thrown, mask) };
  }

  async function leftBehind(): Promise<readonly string[]> {
    const changed = clean?.changed() ?? [];
    if (changed.length > 0) return changed;
    await closeOpened();
    // A rejection that nobody handles is known in the next turn: it still belongs to the run.
    await setImmediate();
    return await clean?.left() ?? [];
  }

  async function state(): Promise<HostState> {
    return stateOf(shared ? [] : await leftBehind());
  }

  function stateOf(left: readonly string[]): HostState {
    return {
      clean: left.length === 0 && (shared || clean !== undefined),
      left: left.slice(0, MAX_LEFT).map((each) => cut(each, MAX_MESSAGE_LENGTH)),
      modules: loadedModules(),
    };
  }
}
