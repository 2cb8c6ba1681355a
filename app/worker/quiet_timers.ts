/** In a host: timers that were told not to keep the process alive. The runtime does not name them; they are cleared after a run. */
import { clearTimeout as clearNodeTimeout, setTimeout as setNodeTimeout } from "node:timers";

type Clear = () => void;
const quiet = new Set<Clear>();

/** From now on such timers are known. */
export function watchQuietTimers(): void {
  const { unrefTimer } = Deno;
  const { clearTimeout: clear } = globalThis;
  Deno.unrefTimer = (id) => {
    quiet.add(() => clear(id));
    unrefTimer(id);
  };
  const timer = setNodeTimeout(() => {}, 1);
  clearNodeTimeout(timer);
  const prototype = Object.getPrototypeOf(timer) as { unref(): unknown };
  const { unref } = prototype;
  prototype.unref = function (this: NodeJS.Timeout) {
    quiet.add(() => clearNodeTimeout(this));
    return unref.call(this);
  };
}

/** Clears those of the run that has ended. */
export function clearUnawaitedTimers(): void {
  for (const clear of quiet) clear();
  quiet.clear();
}
