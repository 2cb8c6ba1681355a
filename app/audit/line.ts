/**
 * A line of the audit: one JSON object, sealed by a hash (SHA-256, hexadecimal) over itself and, through `prev`, over the
 * line before. `hash` stands last: it is over the bytes of the line as they are without it, so that
 * `sed -E 's/,"hash":"[0-9a-f]+"\}$/}/' | tr -d '\n' | sha256sum` gives it too.
 */
import { createHash } from "node:crypto";
import { AUDIT_OUTCOMES, type AuditOutcome } from "../model/audit.ts";
import type { Channel } from "../model/actor.ts";

/** What is written of an entry. */
export interface AuditRecord {
  /** ISO 8601, in UTC, with milliseconds. */
  readonly at: string;
  /** Who: the name they signed in with, of their token, or of their account on this machine. */
  readonly who?: string | undefined;
  readonly by: Channel;
  readonly token?: string | undefined;
  /** Address of the client. */
  readonly from?: string | undefined;
  readonly action: string;
  readonly target?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly outcome: AuditOutcome;
  readonly message?: string | undefined;
}

/** A record in its place. */
export interface AuditLine extends AuditRecord {
  /** 1 for the first line there ever was; without gaps. */
  readonly n: number;
  readonly prev: string;
  readonly hash: string;
}

/** A place in the chain: what the next line is sealed on. */
export type Link = Pick<AuditLine, "n" | "hash">;

/** Before the first line. */
export const BEGINNING: Link = { n: 0, hash: "0".repeat(64) };

const SEAL = /,"hash":"([\da-f]{64})"\}$/;

/** The line that follows another one, without its line feed. */
export function sealedAfter(
  before: Link,
  record: AuditRecord,
): { readonly text: string; readonly link: Link } {
  const n = before.n + 1;
  const bare = JSON.stringify({ n, ...record, prev: before.hash });
  const hash = hashOf(bare);
  return { text: `${bare.slice(0, -1)},"hash":"${hash}"}`, link: { n, hash } };
}

/** A line, whatever its seal says; undefined where it is none. */
export function readLine(text: string): AuditLine | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isLine(read) ? read : undefined;
  } catch {
    // Cut off, or written by somebody else: whoever verifies says so.
    return undefined;
  }
}

/** True where the hash of a line is that of its bytes. */
export function isSealed(text: string): boolean {
  const [seal, hash] = SEAL.exec(text) ?? [];
  return seal !== undefined && hashOf(`${text.slice(0, -seal.length)}}`) === hash;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function isLine(value: unknown): value is AuditLine {
  if (typeof value !== "object" || value === null) return false;
  const { n, at, by, action, outcome, prev, hash, ...rest } = value as Readonly<Record<string, unknown>>;
  const { who, token, from, target, message, params } = rest;
  const optional = [who, token, from, target, message];
  return Number.isSafeInteger(n) && [at, by, action, prev, hash].every((each) => typeof each === "string") &&
    AUDIT_OUTCOMES.some((each) => each === outcome) &&
    optional.every((each) => each === undefined || typeof each === "string") &&
    (params === undefined || (typeof params === "object" && params !== null && !Array.isArray(params)));
}
