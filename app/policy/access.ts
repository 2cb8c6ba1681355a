/** `secrets` and `databases`: which values of the operator's files a task's runs are given. */
import { list, text } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import { textsOf } from "./option.ts";
import type { Policy } from "./policy.ts";

export interface AccessKeys {
  /** Names of `[secrets]` that it may ask for, `[]` for none. Left out, those that `[permissions]` of carillon.ini allows. */
  readonly secrets?: string | readonly string[];
  /** Sections of database.ini that it may use, `[]` for none. Left out, those that `[permissions]` of carillon.ini allows. */
  readonly databases?: string | readonly string[];
}

export interface AccessPlain {
  readonly secrets?: readonly string[] | undefined;
  readonly databases?: readonly string[] | undefined;
}

export const access: Policy<AccessKeys, AccessPlain> = {
  keys: { secrets: "policy.secrets", databases: "policy.databases" },
  read: ({ secrets, databases }) => ({
    secrets: secrets === undefined ? undefined : textsOf("secrets", secrets),
    databases: databases === undefined ? undefined : textsOf("databases", databases),
  }),
  wordsOf: ({ secrets, databases }, locale) => ({
    secrets: secrets && namesText(secrets, locale),
    databases: databases && namesText(databases, locale),
  }),
};

function namesText(names: readonly string[], locale: Locale): string {
  return names.length === 0 ? text(locale, "permissions.none") : list(locale, names);
}
