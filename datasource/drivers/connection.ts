/** What the connections of all drivers share: turns, limits, the words of errors, and what became of a transaction. */
import { cancellable, cancelledError, FOREVER_MS, limited } from "../cancel.ts";
import type { CallOptions } from "../database.ts";
import { CannotConnectError, DatabaseError, QueryTimeoutError, SqlError } from "../errors.ts";
import type { Statement } from "../sql.ts";
import { databaseError, type Fault, type Place } from "./fault.ts";
import { changesSession } from "./session_state.ts";

/** Limit of what the server does at once when it is well: a ping, a rollback, a reset, a goodbye. */
export const CONTROL_LIMIT_MS = 5_000;
/** A commit may have much to write. */
export const COMMIT_LIMIT_MS = 300_000;
export abstract class DriverConnection {
  #end: DatabaseError | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** The rows that are being read on this connection, where nothing else can be asked meanwhile. */
  #reading: string | undefined;
  #changed = false;
  protected inTransaction = false;
  /** Why the transaction cannot be committed. */
  protected failure: DatabaseError | undefined;

  constructor(readonly place: Place) {}

  /** Asks the server to end the statement in progress. */
  protected abstract cancel(): void;
  /** Cuts the connection to the server. */
  protected abstract cut(): void;
  /** What is known of an error of the driver. */
  protected abstract faultOf(error: unknown): Fault;

  get alive(): boolean {
    return this.#end === undefined;
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** The session is not a fresh one any more. */
  protected touched(): void {
    this.#changed = true;
  }

  protected unchanged(): void {
    this.#changed = false;
  }

  destroy(): void {
    this.ended(new Error("the connection was closed"));
    this.cut();
  }

  /** The connection is gone; whoever asks later is told why. */
  protected ended(cause: unknown): void {
    this.#end ??= cause instanceof CannotConnectError ? cause : this.lostError(cause);
  }

  protected explain(error: unknown): DatabaseError {
    if (error instanceof DatabaseError) return error;
    const fault = this.faultOf(error);
    // Not every driver says apart from this that its connection is gone.
    if (fault.kind === "unreachable") this.ended(error);
    return databaseError(this.place, fault, error);
  }

  private lostError(cause: unknown): DatabaseError {
    const fault = this.faultOf(cause);
    return databaseError(
      this.place,
      fault.kind === "unreachable" ? fault : { kind: "unreachable", reason: lostReason(fault) },
      cause,
    );
  }

  /** Does something on the server when its turn has come, within the limits of the call. */
  protected run<T>(call: CallOptions, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const done = (async () => {
      if (this.#reading !== undefined) throw this.#busy(this.#reading);
      await this.#turn(before, call);
      if (this.#end) throw this.#end;
      return await this.next(call, work);
    })();
    // Whoever comes next waits also for those before one that gave up.
    this.#last = before.then(() => done).catch(() => {});
    return done;
  }

  /** The next rows of a stream that this connection is reading. */
  protected next<T>(call: CallOptions, work: () => Promise<T>): Promise<T> {
    const stop = { cancel: () => this.cancel(), destroy: () => this.destroy() };
    return cancellable(this.place.label, call, stop, async () => {
      try {
        return await work();
      } catch (error) {
        throw this.explain(error);
      }
    });
  }

  async #turn(before: Promise<unknown>, { signal, timeoutMs = FOREVER_MS }: CallOptions): Promise<void> {
    const { label } = this.place;
    await limited(
      before,
      { ms: timeoutMs, signal },
      () =>
        new QueryTimeoutError(
          `${label}: waited ${timeoutMs} ms for another statement of the same transaction`,
        ),
      () => cancelledError(label, signal),
    );
  }

  /** What the transaction's own statements do to a server that is well takes a moment. */
  protected control<T>(what: string, work: () => Promise<T>, ms = CONTROL_LIMIT_MS): Promise<T> {
    return this.run({}, () => {
      const late = () => {
        this.destroy();
        return databaseError(this.place, {
          kind: "unreachable",
          reason: `no answer to ${what} within ${ms / 1_000} s`,
        }, undefined);
      };
      return limited(work(), { ms }, late);
    });
  }

  /** Marks a statement: whether it changes the session beyond its end. */
  protected note({ text }: Statement): void {
    if (!this.#changed) this.#changed = changesSession(text);
  }

  /** While rows are read nothing else can be asked on this connection. */
  protected reading(text: string | undefined): void {
    this.#reading = text;
  }

  #busy(text: string): DatabaseError {
    return new SqlError(
      `${this.place.label}: the rows of ${text} are still being read on this connection; read them to their end ` +
        `first, get them by query(), or read them outside of the transaction`,
    );
  }

  /** What is told of a commit that cannot be done any more. */
  protected notCommitted(): DatabaseError {
    const { failure } = this;
    return new SqlError(
      `${this.place.label}: the transaction was rolled back: a statement in it failed (${
        failure?.message.replace(`${this.place.label}: `, "") ?? "the server did not say why"
      }); what may fail goes into a nested transaction`,
      { sqlState: failure?.sqlState, code: failure?.code },
      { cause: failure },
    );
  }
}

function lostReason(fault: Fault): string {
  return fault.kind === "unreachable" ? fault.reason : `the connection was lost: ${fault.text}`;
}
