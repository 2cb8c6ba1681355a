/** An entry as it is written: without secrets, and no longer than a line should be. */
import type { Mask } from "../base/mask.ts";
import { maskData } from "../base/mask_data.ts";
import { type EpochMs, instantOf } from "../base/time.ts";
import type { AuditEntry } from "../model/audit.ts";
import type { AuditRecord } from "./line.ts";

/** Characters of a name, an address or a target, and of a sentence. */
const MAX_NAME = 200;
const MAX_SENTENCE = 1_000;
/** Characters of one text among the parameters, and of all of them as JSON. */
const MAX_TEXT = 500;
const MAX_PARAMS = 8_000;
/** Members of a list or an object, and levels, that are kept. */
const MAX_MEMBERS = 100;
const MAX_DEPTH = 6;

export function recordOf(entry: AuditEntry, now: EpochMs, mask: Mask): AuditRecord {
  const { actor, action, target, params, outcome, message } = entry;
  const name = (text: string | undefined) => text === undefined ? undefined : cut(mask(text), MAX_NAME);
  return {
    at: instantOf(now).toString({ smallestUnit: "millisecond" }),
    who: name(actor.name),
    by: actor.channel,
    token: name(actor.token),
    from: name(actor.address),
    action: cut(action, MAX_NAME),
    target: name(target),
    params: params && paramsOf(params, mask),
    outcome,
    message: message === undefined ? undefined : cut(mask(message), MAX_SENTENCE),
  };
}

function paramsOf(params: Readonly<Record<string, unknown>>, mask: Mask): AuditRecord["params"] {
  const kept = cleaned(params, mask, 0) as Record<string, unknown>;
  const length = JSON.stringify(kept).length;
  return length <= MAX_PARAMS ? kept : { "…": `${length} characters; the first names are ${names(kept)}` };
}

function names(params: Readonly<Record<string, unknown>>): string {
  return cut(Object.keys(params).slice(0, 20).join(", "), MAX_TEXT);
}

/** Plain data with secrets taken out of its texts and names, whatever it was. */
function cleaned(value: unknown, mask: Mask, depth: number): unknown {
  if (typeof value === "string") return cut(mask(value), MAX_TEXT);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) {
    return typeof value === "function" || typeof value === "symbol" ? undefined : maskData(value, mask);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= MAX_DEPTH) return "…";
  if (Array.isArray(value)) {
    const kept = value.slice(0, MAX_MEMBERS).map((each) => cleaned(each, mask, depth + 1));
    return value.length > MAX_MEMBERS ? [...kept, `… ${value.length} in all`] : kept;
  }
  const members = Object.entries(value).slice(0, MAX_MEMBERS).map(([key, each]) => [
    cut(mask(key), MAX_NAME),
    cleaned(each, mask, depth + 1),
  ]);
  return Object.fromEntries(members);
}

/** No half of a surrogate pair is left: its bytes would not be those that were hashed. */
function cut(text: string, most: number): string {
  const kept = text.length > most ? `${text.slice(0, most)}…` : text;
  return kept.toWellFormed();
}
