/** Users and tokens as the commands change them: in the file itself, which a Carillon that is active reads with each request. */
import { mkdirSync } from "node:fs";
import { userFilePath } from "../auth/auth.ts";
import { Roles } from "../auth/roles.ts";
import { Tokens } from "../auth/tokens.ts";
import { UserFile } from "../auth/user_file.ts";
import { Users } from "../auth/users.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Config } from "../config/config.ts";
import { systemClock } from "../scheduler/clock.ts";
import { UsageError } from "./errors.ts";

export interface People extends Disposable {
  readonly users: Users;
  readonly tokens: Tokens;
  readonly roles: Roles;
}

/** @throws UserFileError where the file cannot be used, ConfigError for a role that means nothing */
export function openPeople({ scheduler, named }: Config): People {
  mkdirSync(scheduler.data, { recursive: true, mode: 0o700 });
  const file = new UserFile(userFilePath(scheduler.data));
  file.open();
  return {
    users: new Users(file),
    tokens: new Tokens(file, systemClock),
    roles: new Roles(named),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** Names of roles with commas between. @throws UsageError for one that there is not */
export function readRoles(text: string, { names }: Roles): readonly string[] {
  const wanted = text.split(",").map((each) => each.trim()).filter((each) => each !== "");
  if (wanted.length === 0) throw new UsageError(`name a role; there are ${names.join(", ")}`);
  for (const each of wanted) {
    if (!names.includes(each)) throw new UsageError(`there is no role "${each}"; ${suggestion(each, names)}`);
  }
  return wanted;
}
