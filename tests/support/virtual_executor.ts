/** Executors that run nothing: an attempt takes virtual time and ends as the test says. */
import type { Execution, Executor, Executors } from "../../app/run/executor.ts";
import type { RunAnswer, RunNews, RunOrder } from "../../app/run/messages.ts";
import type { Clock } from "../../app/scheduler/clock.ts";
import type { Task } from "../../app/task/registry.ts";

export interface Behaviour {
  /** How long an attempt takes; for ever where undefined. */
  readonly ms?: number;
  readonly answer?: RunAnswer;
  /** True where it ends as soon as its signal is aborted. */
  readonly heeds?: boolean;
}

export interface VirtualExecutors extends Executors {
  /** Task ids of the attempts that are going on, in the order they began. */
  readonly going: string[];
  /** Every attempt so far, as `id#attempt`. */
  readonly begun: string[];
  /** Most attempts at one time so far. */
  most(): number;
}

export function virtualExecutors(
  clock: Clock,
  behave: (taskId: string, order: RunOrder) => Behaviour,
): VirtualExecutors {
  const going: string[] = [];
  const begun: string[] = [];
  let most = 0;
  const executor: Executor = {
    begin(task: Task, order: RunOrder, _onNews: (news: RunNews) => void): Execution {
      const { ms, heeds = true, answer = { kind: "succeeded" } } = behave(task.id, order);
      going.push(task.id);
      begun.push(`${task.id}#${order.attempt}`);
      most = Math.max(most, going.length);
      const done = Promise.withResolvers<RunAnswer>();
      const stop = new AbortController();
      const fail = (message: string) => done.resolve({ kind: "failed", error: { name: "Error", message } });
      if (ms !== undefined) {
        clock.sleepUntil(clock.now() + ms, stop.signal)
          .then(() => done.resolve(answer), () => {});
      }
      return {
        answer: done.promise.finally(() => {
          stop.abort();
          going.splice(going.indexOf(task.id), 1);
        }),
        abort: (reason) => {
          if (heeds) fail(reason);
        },
        end: fail,
      };
    },
    close: () => Promise.resolve(),
  };
  return { worker: executor, process: executor, inline: executor, going, begun, most: () => most };
}
