/** An executor that runs nothing: an attempt takes virtual time and ends as the test says. */
import type { RunAnswer, RunNews, RunOrder } from "../../app/model/order.ts";
import type { Clock, Execution, Executor } from "../../app/contracts.ts";

export interface Behaviour {
  /** How long an attempt takes; for ever where undefined. */
  readonly ms?: number;
  readonly answer?: RunAnswer;
  /** True where it ends as soon as its signal is aborted. */
  readonly heeds?: boolean;
}

export interface VirtualExecutor extends Executor {
  /** Task ids of the attempts that are going on, in the order they began. */
  readonly going: string[];
  /** Every attempt so far, as `id#attempt`. */
  readonly begun: string[];
  /** Most attempts at one time so far. */
  most(): number;
}

export function virtualExecutor(
  clock: Clock,
  behave: (taskId: string, order: RunOrder) => Behaviour,
): VirtualExecutor {
  const going: string[] = [];
  const begun: string[] = [];
  let most = 0;
  const executor: Executor = {
    begin(order: RunOrder, _onNews: (news: RunNews) => void): Execution {
      const { taskId } = order;
      const { ms, heeds = true, answer = { kind: "succeeded" } } = behave(taskId, order);
      going.push(taskId);
      begun.push(`${taskId}#${order.attempt}`);
      most = Math.max(most, going.length);
      const done = Promise.withResolvers<RunAnswer>();
      const stop = new AbortController();
      const fail = (message: string) => done.resolve({ kind: "failed", error: { name: "Error", message } });
      if (ms !== undefined) {
        clock.sleep(ms, stop.signal)
          .then(() => done.resolve(answer), () => {});
      }
      return {
        answer: done.promise.finally(() => {
          // A reason that is given costs nothing; the default one is an error with a stack.
          stop.abort("over");
          going.splice(going.indexOf(taskId), 1);
        }),
        abort: (reason) => {
          if (heeds) fail(reason);
        },
        end: fail,
      };
    },
  };
  return { ...executor, going, begun, most: () => most };
}
