/** `notify`: to whom news of a task goes. */
import { list, text } from "../locale/locale.ts";
import { textsOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface NotifyKeys {
  /** Names of `[notify:…]` sections of carillon.ini, instead of those that the routes there give; `false` for nobody. */
  readonly notify?: false | string | readonly string[];
}

export interface NotifyPlain {
  /** False for nobody; as the routes say where undefined. */
  readonly notify?: false | readonly string[] | undefined;
}

export const notify: Policy<NotifyKeys, NotifyPlain> = {
  keys: { notify: "policy.notify" },
  read: ({ notify }) => ({
    notify: notify === undefined || notify === false ? notify : textsOf("notify", notify),
  }),
  wordsOf: ({ notify }, locale) => ({
    notify: notify === undefined
      ? undefined
      : notify === false || notify.length === 0
      ? text(locale, "notify.nobody")
      : list(locale, notify),
  }),
};
