/** `[watch]`: the secret that a watcher and what it watches share, and an address that wants to hear regularly. */
import { z } from "zod";
import { suggestion } from "../base/suggestion.ts";
import { ConfigError } from "../config/config_error.ts";
import type { NamedSection } from "../config/named_sections.ts";
import { address } from "./checks.ts";
import { check } from "./target.ts";

const SCHEMA = z.object({
  secret: z.string().min(16, "must have 16 characters or more").optional(),
  /** Is asked each minute while all is well, such as an address of Healthchecks. */
  ping: address.optional(),
});

export interface WatchSection {
  readonly secret?: string | undefined;
  readonly ping?: string | undefined;
}

/** Throws a {@link ConfigError} for a key or value that is invalid. */
export function readWatchSection(sections: readonly NamedSection[]): WatchSection {
  const section = sections.find(({ kind }) => kind === "watch");
  if (!section) return {};
  const known = Object.keys(SCHEMA.shape);
  for (const [key, { place }] of section.entries) {
    if (!known.includes(key)) throw new ConfigError(`${place}: unknown key; ${suggestion(key, known)}`);
  }
  return check(section, SCHEMA);
}
