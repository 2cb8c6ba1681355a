/** The signals that a running Carillon knows: some end it, some are for others, none ends it by surprise. */
import type { Journal } from "../base/journal.ts";
import { endChildren } from "../worker/end_processes.ts";
import type { SignalCode } from "./errors.ts";

const ENDING = ["SIGTERM", "SIGINT"] as const satisfies readonly Deno.Signal[];
/**
 * Those that would end the program though nobody meant that. SIGHUP is here as well: until the tasks have been read
 * there is nothing to read again, and `supervise` acts on it from then on.
 */
const HARMLESS = [
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGPIPE",
  // A file has reached the limit of ulimit -f: its write fails, which is reported as that of a full disk is.
  "SIGXFSZ",
  // Of a timer that whoever started the program had set.
  "SIGALRM",
] as const satisfies readonly Deno.Signal[];

/** What ends a command at a terminal: Ctrl+C, the terminal that is closed, and whoever else ends it. */
export const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const satisfies Partial<
  Record<Deno.Signal, SignalCode>
>;
export type EndingSignal = keyof typeof SIGNAL_CODES;

/**
 * Resolves with the first signal that ends the program; the second ends it at once, with all that it has begun.
 *
 * @param flush what is waited for even then: it takes a moment
 */
export function listenForSignals(
  journal: Journal,
  flush: () => Promise<void> = () => Promise.resolve(),
): Promise<Deno.Signal> {
  for (const signal of HARMLESS) Deno.addSignalListener(signal, () => journal.debug(`${signal} came`));
  return new Promise((resolve) => {
    let heard = false;
    for (const signal of ENDING) {
      Deno.addSignalListener(signal, () => {
        if (heard) {
          journal.warn(`${signal} again: ended at once`);
          void flush().finally(() => {
            endChildren();
            Deno.exit(1);
          });
          return;
        }
        heard = true;
        resolve(signal);
      });
    }
  });
}

/** Signals of a command that ends by itself as well, from now until it is disposed of. */
export interface CommandSignals extends Disposable {
  /** The first that has come. */
  readonly first: Promise<EndingSignal>;
}

/** The first signal is for the command, which has something to end in order; the second ends it at once, with all that it has begun. */
export function commandSignals(): CommandSignals {
  const { promise, resolve } = Promise.withResolvers<EndingSignal>();
  let heard = false;
  const listening = listen((signal) => {
    if (heard) endAtOnce(signal);
    heard = true;
    resolve(signal);
  });
  return { first: promise, [Symbol.dispose]: () => listening[Symbol.dispose]() };
}

/** A command that only looks has nothing to end in order but what task files have begun as they were read. */
export function endAtOnceOnSignal(): Disposable {
  return listen(endAtOnce);
}

function endAtOnce(signal: EndingSignal): never {
  endChildren();
  Deno.exit(SIGNAL_CODES[signal]);
}

function listen(take: (signal: EndingSignal) => void): Disposable {
  const listeners = (Object.keys(SIGNAL_CODES) as EndingSignal[]).map((signal) => ({
    signal,
    hear: () => take(signal),
  }));
  for (const { signal, hear } of listeners) Deno.addSignalListener(signal, hear);
  return {
    [Symbol.dispose]() {
      for (const { signal, hear } of listeners) Deno.removeSignalListener(signal, hear);
    },
  };
}
