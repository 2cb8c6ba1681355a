/** The two undocumented functions of the runtime that say what goes on in it; a runtime without them gets no used hosts. */

export interface RuntimeCore {
  /** True while a timer, an operation or a pending import would keep the process alive. */
  eventLoopHasMoreWork(): boolean;
  /** What is open, by number: files, sockets, child processes. */
  resources(): Readonly<Record<string, string>>;
  /** Calls `before` each time a promise's continuation is about to run. */
  setPromiseHooks?(init: undefined, before: () => void, after: undefined, resolve: undefined): void;
}

export function runtimeCore(): RuntimeCore | undefined {
  const { internal } = Deno as unknown as { readonly internal?: symbol };
  const inside = internal &&
    (Deno as unknown as Readonly<Record<symbol, { core?: unknown } | undefined>>)[internal];
  const core = inside?.core as Partial<RuntimeCore> | undefined;
  return typeof core?.eventLoopHasMoreWork === "function" && typeof core.resources === "function"
    ? core as RuntimeCore
    : undefined;
}
