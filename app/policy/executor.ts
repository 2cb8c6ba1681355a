/** `executor`: in what kind of host a task's code runs. */
import { text } from "../locale/locale.ts";
import { EXECUTOR_KINDS, type ExecutorKind } from "../model/order.ts";
import { oneOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface ExecutorKeys {
  /**
   * Where it runs; `"worker"` when left out: a process that is used again while a run leaves it clean. `"process"`: a
   * fresh process for each run, the strongest isolation, some hundredths of a second slower to start. `"shared"`: one
   * process for many runs side by side, for tiny asynchronous work only: a loop in one of them cuts off the others.
   * `"inline"` is an old name of `"shared"`.
   */
  readonly executor?: ExecutorKind | typeof OLD_NAME_OF_SHARED;
}

const OLD_NAME_OF_SHARED = "inline";

export const executor: Policy<ExecutorKeys, { readonly executor: ExecutorKind }> = {
  keys: { executor: "policy.executor" },
  read({ executor }, { warn }) {
    if (executor === undefined) return { executor: "worker" };
    if (executor !== OLD_NAME_OF_SHARED) return { executor: oneOf("executor", executor, EXECUTOR_KINDS) };
    warn({ key: "warning.executor_inline", values: {} });
    return { executor: "shared" };
  },
  wordsOf: ({ executor }, locale) => ({
    executor: executor === "worker" ? undefined : text(locale, `executor.${executor}`),
  }),
};
