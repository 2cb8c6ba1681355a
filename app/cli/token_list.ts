/** `carillon token list`: the API tokens, what each is good for, and when it was last used. */
import { instantOf } from "../base/time.ts";
import type { Token } from "../auth/tokens.ts";
import { systemClock } from "../scheduler/clock.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import { print, table } from "./output.ts";
import { openPeople } from "./people.ts";

export const tokenList: Command = {
  name: "token list",
  usage: "",
  words: 0,
  summary: "the API tokens, their rights, when they end and were last used",
  flags: { json: { help: "as JSON" } },
  configured: true,
  examples: [{ line: "token list", what: "a line each" }],
  run(given) {
    using people = openPeople(loadConfig(given));
    const all = people.tokens.all();
    if (given.own.has("json")) print(JSON.stringify(all.map(jsonOf)));
    else if (all.length === 0) print("no tokens");
    else for (const line of table(all.map(rowOf))) print(line);
    return 0;
  },
};

function time(at: number | undefined): string | null {
  return at === undefined ? null : instantOf(at).toString({ smallestUnit: "second" });
}

function jsonOf({ name, rights, tasks, createdAt, expiresAt, usedAt, usedFrom }: Token) {
  return {
    name,
    rights,
    tasks: tasks === "" ? null : tasks,
    created_at: time(createdAt),
    expires_at: time(expiresAt),
    used_at: time(usedAt),
    used_from: usedFrom ?? null,
  };
}

function rowOf({ name, rights, tasks, expiresAt, usedAt, usedFrom }: Token): readonly string[] {
  const isOver = expiresAt !== undefined && expiresAt <= systemClock.now();
  return [
    name,
    rights.join(", "),
    tasks === "" ? "all tasks" : tasks,
    expiresAt === undefined ? "does not expire" : `${isOver ? "expired" : "expires"} ${time(expiresAt)}`,
    usedAt === undefined ? "never used" : `last used ${time(usedAt)}${usedFrom ? ` from ${usedFrom}` : ""}`,
  ];
}
