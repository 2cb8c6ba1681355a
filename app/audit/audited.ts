/** The wrapper of the door: whatever is done through it, or refused, leaves a line in the audit. */
import { messageOf } from "../base/errors.ts";
import type { AuditLog } from "../contracts.ts";
import type { Actor } from "../model/actor.ts";
import type { AuditEntry } from "../model/audit.ts";

/** What a call is about, as the audit says it. */
export interface Subject {
  readonly target?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** What the answer of a call means. */
export type Result = Pick<AuditEntry, "outcome" | "message">;

/** How the calls of one operation are written down. */
export interface AuditRow<A extends readonly unknown[] = readonly never[], R = never> {
  readonly action: string;
  readonly about?: (...given: A) => Subject;
  /** `done` where it is left out. */
  readonly result?: (answer: R) => Result;
}

type Rest<F> = F extends (actor: Actor, ...rest: infer A) => unknown ? A : never;
type Answer<F> = F extends (...given: never[]) => infer R ? Awaited<R> : never;

/** A row for each method that takes an actor first: a new one without a row is no valid program. */
export type AuditRows<T> = {
  readonly [M in keyof T as T[M] extends (actor: Actor, ...rest: never[]) => unknown ? M : never]: AuditRow<
    Rest<T[M]>,
    Answer<T[M]>
  >;
};

type Call = (actor: Actor, ...given: readonly unknown[]) => unknown;
type AnyRow = AuditRow<readonly unknown[], unknown>;

/**
 * @param isRefusal true for an error that says why something is not done, and is no failure of doing it
 * @param inside parts that are wrapped themselves
 */
export function audited<T extends object>(
  door: T,
  rows: AuditRows<T>,
  audit: AuditLog,
  isRefusal: (error: unknown) => boolean,
  inside: Readonly<Record<string, object>> = {},
): T {
  return new Proxy(door, {
    get(target, name) {
      const own = inside[String(name)];
      if (own) return own;
      const value: unknown = Reflect.get(target, name);
      const row = Object.hasOwn(rows, name)
        ? (rows as Readonly<Record<PropertyKey, AnyRow>>)[name]
        : undefined;
      if (!row) {
        if (typeof value === "function") {
          throw new Error(`${String(name)} has no row in the table of the audit`);
        }
        return value;
      }
      return (actor: Actor, ...given: readonly unknown[]) => {
        const write = ({ outcome, message }: Result) => {
          audit.record({ actor, action: row.action, ...subjectOf(row, given), outcome, message });
        };
        const failed = (error: unknown): never => {
          write({ outcome: isRefusal(error) ? "refused" : "failed", message: messageOf(error) });
          throw error;
        };
        const done = (answer: unknown) => {
          write(row.result?.(answer) ?? { outcome: "done" });
          return answer;
        };
        let answer: unknown;
        try {
          answer = (value as Call).call(target, actor, ...given);
        } catch (error) {
          return failed(error);
        }
        return answer instanceof Promise ? answer.then(done, failed) : done(answer);
      };
    },
  });
}

/** A call with arguments of another shape than they should have is written down all the same. */
function subjectOf(row: AnyRow, given: readonly unknown[]): Subject {
  try {
    return row.about?.(...given) ?? {};
  } catch (error) {
    return { params: { unreadable: messageOf(error) } };
  }
}
