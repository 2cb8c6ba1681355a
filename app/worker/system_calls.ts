/**
 * The few calls of the system's C library that the runtime does not offer; hosts use them, on Linux. Where they cannot be
 * had, a host does without: its log is not held back in a loop that never awaits, and orphans of its children are
 * found by their environment alone.
 */

export interface SystemCalls {
  /** Sends all bytes, and waits, with the whole thread, while the other side takes none. False once that is gone. */
  send(descriptor: number, bytes: Uint8Array<ArrayBuffer>): boolean;
  /** The path that a descriptor is connected to; undefined for one that is no such socket. */
  peerPath(descriptor: number): string | undefined;
  /** Memory that was freed goes back to the system; it takes some milliseconds. */
  giveBackFreed(): void;
  /** Makes this process lead a group of its own, by which all that it starts can be ended. */
  leadGroup(): void;
  /** Lets the system end this process when the one that started it ends. */
  endWithParent(): void;
  /** Children whose own parent ends become children of this process: none of them gets out of sight. */
  adoptOrphans(): void;
  /** True where this process has no child, not even one that has ended and was not waited for. */
  hasNoChild(): boolean;
  /** Answers with whether all variables are still as they are now. Undefined where the C library does not say. */
  environmentMark(): (() => boolean) | undefined;
  /** A variable, `NAME=value` and a zero: its text is used where it lies, and has to stay there. */
  placeVariable(text: Uint8Array<ArrayBuffer>): void;
  /** A file's first bytes as memory, shared with whoever reads the file. */
  sharedFile(descriptor: number, bytes: number): ArrayBuffer | undefined;
}

/** Linux's own numbers: prctl(2), send(2), poll(2), waitid(2), mmap(2), errno(3). */
const PR_SET_PDEATHSIG = 1;
const PR_SET_CHILD_SUBREAPER = 36;
const SIGKILL = 9n;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
const POLLOUT = 4;
const POLL_MS = 1_000;
const AF_UNIX = 1;
const EINTR = 4;
const EAGAIN = 11;
/** Any child; one that has ended stays to be waited for. */
const P_ALL = 0;
const WNOHANG_WEXITED_WNOWAIT = 1 | 4 | 0x0100_0000;
const ADDRESS_BYTES = 8;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

const SYMBOLS = {
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  malloc_trim: { parameters: ["usize"], result: "i32" },
  waitid: { parameters: ["i32", "u32", "pointer", "i32"], result: "i32" },
  // In a library of its own before glibc 2.34.
  dlsym: { parameters: ["pointer", "buffer"], result: "pointer", optional: true },
  putenv: { parameters: ["buffer"], result: "i32" },
  setsid: { parameters: [], result: "i32" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** The calls, or undefined where this system has them not. */
export function systemCalls(): SystemCalls | undefined {
  if (Deno.build.os !== "linux") return undefined;
  let library: Deno.DynamicLibrary<typeof SYMBOLS>;
  try {
    library = Deno.dlopen("libc.so.6", SYMBOLS);
  } catch {
    // Another C library: the host does without, as the head of this file says.
    return undefined;
  }
  const { send, poll, prctl, getpeername, setsid, mmap, __errno_location: errnoAt } = library.symbols;
  const { malloc_trim, waitid, dlsym, putenv } = library.symbols;
  const errno = () => {
    const pointer = errnoAt();
    return pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
  };
  const waited = new Uint8Array(8);
  const waitUntilWritable = (descriptor: number) => {
    const view = new DataView(waited.buffer);
    view.setInt32(0, descriptor, true);
    view.setInt16(4, POLLOUT, true);
    poll(waited, 1n, POLL_MS);
  };
  return {
    send(descriptor, bytes) {
      for (let at = 0; at < bytes.length;) {
        const rest = at === 0 ? bytes : bytes.subarray(at);
        const sent = Number(send(descriptor, rest, BigInt(rest.length), MSG_DONTWAIT_NOSIGNAL));
        if (sent >= 0) {
          at += sent;
          continue;
        }
        const error = errno();
        if (error === EAGAIN) waitUntilWritable(descriptor);
        else if (error !== EINTR) return false;
      }
      return true;
    },
    peerPath(descriptor) {
      // A sockaddr_un, unix(7): a family of two bytes, then the path up to a zero.
      const address = new Uint8Array(112);
      const length = new Uint8Array(new Uint32Array([address.length]).buffer);
      if (getpeername(descriptor, address, length) !== 0 || address[0] !== AF_UNIX) return undefined;
      const path = address.subarray(2);
      return new TextDecoder().decode(path.subarray(0, Math.max(0, path.indexOf(0))));
    },
    giveBackFreed: () => void malloc_trim(0n),
    leadGroup: () => void setsid(),
    endWithParent: () => void prctl(PR_SET_PDEATHSIG, SIGKILL, 0n, 0n, 0n),
    adoptOrphans: () => void prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n),
    hasNoChild: () => waitid(P_ALL, 0, null, WNOHANG_WEXITED_WNOWAIT) < 0,
    environmentMark() {
      // environ(7), a list of addresses up to a zero: each change puts another address there, or another list.
      const place = dlsym?.(null, new TextEncoder().encode("environ\0")) ?? null;
      if (place === null) return undefined;
      const memory = Deno.UnsafePointerView.getArrayBuffer;
      const list = new BigUint64Array(memory(place, ADDRESS_BYTES));
      const listThen = list[0];
      const first = Deno.UnsafePointer.create(listThen ?? 0n);
      if (first === null) return undefined;
      const view = new Deno.UnsafePointerView(first);
      let bytes = ADDRESS_BYTES;
      while (view.getBigUint64(bytes - ADDRESS_BYTES) !== 0n) bytes += ADDRESS_BYTES;
      const addresses = new Uint32Array(memory(first, bytes));
      const addressesThen = addresses.slice();
      return () => list[0] === listThen && addressesThen.every((each, i) => each === addresses[i]);
    },
    placeVariable: (text) => void putenv(text),
    sharedFile(descriptor, bytes) {
      const pointer = mmap(null, BigInt(bytes), PROT_READ_WRITE, MAP_SHARED, descriptor, 0n);
      // MAP_FAILED is the greatest address there is.
      if (pointer === null || Deno.UnsafePointer.value(pointer) === 0xffff_ffff_ffff_ffffn) return undefined;
      return Deno.UnsafePointerView.getArrayBuffer(pointer, bytes);
    },
  };
}
