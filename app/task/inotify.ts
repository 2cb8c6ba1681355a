/**
 * Linux's own watch over folders, inotify(7), by four calls of the C library. The runtime's (`Deno.watchFs`) opens every
 * file that something happens to: a named pipe without a writer ends it, and the next one to be begun holds up the whole
 * process. This one opens nothing, has no thread, and what it has seen is asked for.
 */

/** A watch over some folders, each by itself. */
export interface Watcher {
  /** True where something has happened since it was asked last. @throws Error where the watch is lost */
  hasNews(): boolean;
  close(): void;
}

/** inotify(7) and errno(3), as Linux numbers them on all processors that Carillon runs on. */
const IN_NONBLOCK_CLOEXEC = 0x800 | 0x8_0000;
/** Written to, attributes, closed after writing, moved from and to, created, deleted; the folder itself too. */
const IN_CHANGES = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800;
const IN_ONLYDIR = 0x100_0000;
const EINTR = 4;
const EAGAIN = 11;
/** Reasons for which one folder cannot be watched: it is gone, no folder any more, or may not be read. */
const PASSED_OVER = [2, 13, 20];
const REASONS: Readonly<Record<number, string>> = {
  24: "there are too many watches (raise fs.inotify.max_user_instances)",
  28: "there are too many folders (raise fs.inotify.max_user_watches)",
};

const SYMBOLS = {
  inotify_init1: { parameters: ["i32"], result: "i32" },
  inotify_add_watch: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

const READ_BYTES = 65_536;

/**
 * Begins to watch.
 *
 * @returns undefined on a system that has no such watch
 * @throws Error with a sentence where the system refuses
 */
export function watchFolders(folders: readonly string[]): Watcher | undefined {
  const library = openLibrary();
  if (!library) return undefined;
  const { inotify_init1: init, inotify_add_watch: add, read, close } = library.symbols;
  const errno = () => {
    const pointer = library.symbols.__errno_location();
    return pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
  };
  const descriptor = init(IN_NONBLOCK_CLOEXEC);
  if (descriptor < 0) throw new Error(reasonOf(errno()));
  const buffer = new Uint8Array(READ_BYTES);
  const watcher: Watcher = {
    hasNews() {
      for (let found = false;;) {
        if (Number(read(descriptor, buffer, BigInt(READ_BYTES))) > 0) {
          found = true;
          continue;
        }
        const error = errno();
        if (error === EAGAIN) return found;
        if (error !== EINTR) throw new Error(reasonOf(error));
      }
    },
    close: () => void close(descriptor),
  };
  for (const folder of folders) {
    if (add(descriptor, new TextEncoder().encode(`${folder}\0`), IN_CHANGES | IN_ONLYDIR) >= 0) continue;
    const error = errno();
    if (PASSED_OVER.includes(error)) continue;
    watcher.close();
    throw new Error(reasonOf(error));
  }
  return watcher;
}

let opened: Deno.DynamicLibrary<typeof SYMBOLS> | undefined;

function openLibrary(): Deno.DynamicLibrary<typeof SYMBOLS> | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return opened ??= Deno.dlopen("libc.so.6", SYMBOLS);
  } catch {
    // Another C library: changes are noticed by looking.
    return undefined;
  }
}

function reasonOf(error: number): string {
  return REASONS[error] ?? `inotify failed with the error ${error}`;
}
