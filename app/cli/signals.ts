/** The signals that a running Carillon knows: some end it, some are for others, none ends it by surprise. */
import type { Journal } from "../base/journal.ts";

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

/**
 * Resolves with the first signal that ends the program; the second ends it at once.
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
          void flush().finally(() => Deno.exit(1));
          return;
        }
        heard = true;
        resolve(signal);
      });
    }
  });
}
