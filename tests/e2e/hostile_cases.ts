/** What tasks do to harm others: a line a case. Each is tried in every kind of host. */

export type Kind = "worker" | "process" | "shared" | "limited";

export interface HostileCase {
  readonly name: string;
  /** Body of `run({ log, signal, progress })`; `MARK` is an argument of `sleep` that is this case's own. */
  readonly body: string;
  /** The status, and the message or error after a colon; of any kind of host that is not named. */
  readonly outcome: RegExp;
  readonly of?: Partial<Readonly<Record<Kind, RegExp>>>;
  /** What its log says, in a `worker` and a `process`. */
  readonly log?: RegExp;
  /** It does not end by itself: it is given a short time limit. */
  readonly hangs?: true | Kind;
}

const ANY = /succeeded|failed|interrupted|timed_out/;
const REFUSED =
  /NotCapable|not a function|not defined|Requires \w+ access|lacks the permission \w+|native code cannot/;
/** A sandbox that is started on a busy machine may come after a short time limit. */
const REFUSED_OR_LATE = new RegExp(`${REFUSED.source}|timed_out`);
const MEMORY = /failed: the task needed more than the 128 MB|interrupted: .*128 MB/;
/** On a slow machine a shared host is ended for the loop before it has come to that much. */
const MEMORY_OR_LOOP = new RegExp(`${MEMORY.source}|failed: its code did not let others go on`);
const TIMED_OUT = /timed_out/;
const LOOPED = /timed_out|failed: its code did not let others go on/;
const HOST_GONE = /failed: the task's host ended before|interrupted: .*host/;
const wait = `await new Promise(() => {});`;
const core = `Deno[Deno.internal].core`;

const forge = (message: string) =>
  `
const send = (m) => { try { globalThis.postMessage?.(m); } catch {} try { (await import("node:worker_threads")).parentPort?.postMessage(m); } catch {} };
await send(${message}); return "own";`.replace("(m) => {", "async (m) => {");
const frame = (text: string) => `
const { resources, ops } = ${core};
const text = new TextEncoder().encode(${text}); const bytes = new Uint8Array(4 + text.length);
new DataView(bytes.buffer).setUint32(0, text.length); bytes.set(text, 4);
const [rid] = Object.entries(resources()).find(([, name]) => name === "unixStream") ?? [];
await ${core}.write(Number(rid), bytes); ${wait}`;

export const CASES: readonly HostileCase[] = [
  // Messages
  { name: "posts null to whoever started it", body: forge("null"), outcome: /succeeded: own/ },
  {
    name: "posts a line that is a number",
    body: forge(`{ kind: "log", level: "info", text: 123 }`),
    outcome: /succeeded: own/,
  },
  {
    name: "posts a result that is an object",
    body: forge(`{ kind: "succeeded", message: {} }`),
    outcome: /succeeded: own/,
  },
  { name: "posts half a failure", body: forge(`{ kind: "failed" }`), outcome: /succeeded: own/ },
  {
    name: "posts a forged result",
    body: forge(`{ kind: "end", run: 1, answer: { kind: "succeeded", message: "FORGED" } }`),
    outcome: /succeeded: own/,
  },
  {
    name: "writes a frame that is no JSON to the socket",
    body: frame(`"{{{"`),
    outcome: /failed: its host sent|interrupted/,
    of: { limited: /failed: (?!.*FORGED)/ },
  },
  {
    name: "writes a frame of an unknown kind",
    body: frame(`JSON.stringify({ kind: "nonsense" })`),
    outcome: /failed: its host sent|interrupted/,
    of: { limited: /failed/ },
  },
  {
    name: "writes a frame with another run's number",
    body: frame(
      `JSON.stringify({ kind: "end", run: 99, answer: { kind: "succeeded" }, state: { clean: true, left: [], modules: 1 } })`,
    ),
    outcome: /failed|interrupted/,
    of: { limited: /failed/ },
  },
  {
    name: "writes a line with a number for its text",
    body: frame(`JSON.stringify({ kind: "news", run: 1, news: { kind: "log", level: "info", text: 5 } })`),
    outcome: /failed|interrupted/,
    of: { limited: /failed/ },
  },
  {
    name: "writes a frame of __proto__",
    body: frame(`'{"__proto__":{"kind":"ready"},"kind":"constructor"}'`),
    outcome: /failed|interrupted/,
    of: { limited: /failed/ },
  },
  {
    name: "closes the connection",
    body:
      `const { resources } = ${core}; const [rid] = Object.entries(resources()).find(([, name]) => name === "unixStream") ?? []; ${core}.close(Number(rid)); ${wait}`,
    outcome: /failed|interrupted/,
    of: { limited: /failed/ },
  },
  {
    name: "looks for the socket and connects to it",
    body:
      `for (const { name } of Deno.readDirSync("/tmp")) if (name.startsWith("carillon-hosts-")) for (const { name: each } of Deno.readDirSync("/tmp/" + name)) try { await Deno.connect({ transport: "unix", path: "/tmp/" + name + "/" + each }); } catch {} return "looked";`,
    outcome: /succeeded: looked/,
    of: { limited: REFUSED },
  },
  // Sizes
  {
    name: "leaves a watermark of 2 MB",
    body: `const { watermark } = await import("carillon"); watermark().set("x".repeat(2_000_000));`,
    outcome: /failed: a watermark has 64000 characters/,
  },
  {
    name: "leaves a million watermarks",
    body:
      `const { watermark } = await import("carillon"); for (let i = 0; i < 100_000; i++) watermark("m" + i).set("x".repeat(20));`,
    outcome: /failed: the watermarks of a task have/,
  },
  {
    name: "throws an error with a name of 3 MB",
    body: `const e = new Error("long"); e.name = "N".repeat(3_000_000); throw e;`,
    outcome: /failed: long/,
  },
  {
    name: "throws an error with a stack of 50 MB",
    body: `const e = new Error("long"); e.stack = "s".repeat(50_000_000); throw e;`,
    outcome: /failed: long/,
  },
  {
    name: "throws an error whose message is a getter that throws",
    body: `throw new (class extends Error { get message() { throw 1; } })();`,
    outcome: /failed: something was thrown that cannot be read/,
  },
  {
    name: "throws an error that is its own cause",
    body: `const e = new Error("round"); e.cause = e; throw e;`,
    outcome: /failed: round/,
  },
  { name: "throws null", body: `throw null;`, outcome: /failed: null/ },
  {
    name: "throws a proxy that throws",
    body:
      `throw new Proxy({}, { get() { throw new Error("trap"); }, getPrototypeOf() { throw new Error("trap"); } });`,
    outcome: /failed/,
  },
  { name: "returns 50 MB", body: `return "r".repeat(50_000_000);`, outcome: /succeeded: r{100}/ },
  {
    name: "returns an object whose toString throws",
    body:
      `return { toString() { throw new Error("no text"); }, [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("no text"); } };`,
    // It is not asked for its text: what JSON sees of it is kept.
    outcome: /succeeded: \{\}/,
  },
  {
    name: "returns a promise that never resolves",
    body: `return new Promise(() => {});`,
    outcome: TIMED_OUT,
    hangs: true,
  },
  {
    name: "reports a progress that is no number",
    body: `progress(NaN, "x".repeat(1e6)); progress("a"); progress(-1); progress(1e300); return "told";`,
    outcome: /succeeded: told/,
  },
  {
    name: "reports progress 100,000 times",
    body: `for (let i = 0; i < 100_000; i++) progress(i / 100_000, "n" + i); return "told";`,
    outcome: /succeeded: told/,
  },
  // Floods
  {
    name: "logs 100,000 lines",
    body: `for (let i = 0; i < 1e5; i++) log.info("line", i); return "done";`,
    outcome: /succeeded: done/,
    log: /line \d+/,
  },
  {
    name: "logs lines of 1 MB in a loop",
    body: `const line = "x".repeat(1e6); for (let i = 0; i < 500; i++) console.log(line); return "done";`,
    outcome: /succeeded: done/,
  },
  {
    name: "floods standard output without line ends",
    body:
      `const bytes = new Uint8Array(1e6).fill(65); for (let i = 0; i < 20; i++) Deno.stdout.writeSync(bytes); return "done";`,
    outcome: /succeeded: done/,
    log: /A{1000}/,
  },
  {
    name: "floods standard error in lines",
    body:
      `const bytes = new TextEncoder().encode("e\\n".repeat(50_000)); for (let i = 0; i < 5; i++) Deno.stderr.writeSync(bytes); return "done";`,
    outcome: /succeeded: done/,
  },
  {
    name: "writes a line without its end and returns",
    body: `Deno.stdout.writeSync(new TextEncoder().encode("done 50%...")); return "done";`,
    outcome: /succeeded: done/,
    log: /done 50%\.\.\./,
  },
  {
    name: "writes bytes that are no text",
    body: `Deno.stdout.writeSync(new Uint8Array([0xff, 0xfe, 0, 10, 0xc3, 10])); return "done";`,
    outcome: /succeeded: done/,
  },
  {
    name: "closes its standard output",
    body: `Deno.stdout.close(); return "closed";`,
    outcome: /succeeded: closed/,
    of: { shared: ANY },
  },
  // Loops
  { name: "loops without end", body: `for (;;);`, outcome: TIMED_OUT, of: { shared: LOOPED }, hangs: true },
  {
    name: "loops after a wait",
    body: `await new Promise((r) => setTimeout(r, 20)); for (;;);`,
    outcome: TIMED_OUT,
    of: { shared: LOOPED },
    hangs: true,
  },
  {
    name: "loops in microtasks",
    body: `for (;;) await null;`,
    outcome: TIMED_OUT,
    of: { shared: LOOPED },
    hangs: true,
  },
  {
    name: "sleeps in Atomics.wait",
    body: `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
    outcome: TIMED_OUT,
    of: { shared: LOOPED },
    hangs: true,
  },
  {
    name: "loops in a regular expression",
    body: `/^(a+)+$/.test("a".repeat(60) + "b");`,
    outcome: TIMED_OUT,
    of: { shared: LOOPED },
    hangs: true,
  },
  {
    name: "waits for a command in step",
    body: `new Deno.Command("sleep", { args: ["MARK"] }).outputSync();`,
    outcome: TIMED_OUT,
    of: { shared: LOOPED, limited: REFUSED_OR_LATE },
    hangs: true,
  },
  {
    name: "goes on past its aborted signal",
    body: `signal.addEventListener("abort", () => {}); ${wait}`,
    outcome: TIMED_OUT,
    hangs: true,
  },
  {
    name: "leaves a listener of abort that loops",
    body: `signal.addEventListener("abort", () => { for (;;); }); ${wait}`,
    outcome: TIMED_OUT,
    of: { shared: LOOPED },
    hangs: true,
  },
  // Memory
  {
    name: "fills the heap",
    body: `const a = []; for (let i = 0;; i++) a.push(new Array(1000).fill(i));`,
    outcome: MEMORY,
    of: { shared: MEMORY_OR_LOOP },
  },
  {
    name: "fills the heap bit by bit",
    body:
      `const a = []; for (let i = 0;; i++) { a.push(new Array(100_000).fill(i)); await new Promise((r) => setTimeout(r, 1)); }`,
    outcome: MEMORY,
  },
  {
    name: "fills buffers of 100 MB",
    body: `const a = []; for (let i = 0; i < 30; i++) a.push(new Uint8Array(100e6).fill(1)); ${wait}`,
    outcome: MEMORY,
    of: { shared: MEMORY_OR_LOOP },
  },
  {
    name: "fills buffers of 5 MB",
    body: `const a = []; for (;;) a.push(new Uint8Array(5e6).fill(1));`,
    outcome: MEMORY,
    of: { shared: MEMORY_OR_LOOP },
  },
  {
    name: "fills shared buffers",
    body:
      `const a = []; for (let i = 0; i < 40; i++) a.push(new Uint8Array(new SharedArrayBuffer(50e6)).fill(1)); ${wait}`,
    outcome: MEMORY,
    of: { shared: MEMORY_OR_LOOP },
  },
  {
    name: "fills a string",
    body:
      `let s = "x"; const a = []; for (;;) { s = s.length < 1e8 ? s + s : "y"; a.push(s + a.length); if (s.length > 1e7) a.push([...s.slice(0, 1e6)]); }`,
    outcome: MEMORY,
    of: { shared: MEMORY_OR_LOOP },
  },
  {
    name: "lets a child fill memory",
    body:
      `await new Deno.Command("python3", { args: ["-c", "a=[]\\nwhile True: a.append(bytearray(5000000))"] }).output();`,
    outcome: MEMORY,
    of: { limited: REFUSED },
  },
  {
    name: "recurses without end",
    body: `const f = () => f() + 1; f();`,
    outcome: /failed: Maximum call stack/,
  },
  // Ends
  { name: "calls Deno.exit", body: `Deno.exit(3);`, outcome: /failed: the task called exit\(3\)/ },
  {
    name: "calls process.exit in a timer",
    body: `const { default: p } = await import("node:process"); setTimeout(() => p.exit(4), 1); ${wait}`,
    outcome: /failed: the task called exit\(4\)/,
    of: { shared: ANY },
    hangs: "shared",
  },
  {
    name: "calls process.reallyExit",
    body: `(await import("node:process")).default.reallyExit(5);`,
    outcome: /failed: the task called reallyExit\(5\)/,
  },
  {
    name: "exits by the runtime's own operation",
    body: `${core}.ops.op_exit?.(); ${core}.ops.op_set_exit_code?.(7); throw new Error("still here");`,
    outcome: /failed|interrupted/,
  },
  {
    name: "kills its own process",
    body: `Deno.kill(Deno.pid, "SIGKILL"); ${wait}`,
    outcome: /failed: the task sent a signal to Carillon's own process/,
    of: { limited: REFUSED },
  },
  {
    name: "kills its own process by node",
    body: `const { default: p } = await import("node:process"); p.kill(p.pid, "SIGSEGV"); ${wait}`,
    outcome: /failed: the task sent a signal to Carillon's own process/,
    of: { limited: REFUSED },
  },
  {
    name: "kills its parent",
    body: `Deno.kill(Deno.ppid, "SIGKILL"); ${wait}`,
    outcome: /failed: the task sent a signal to Carillon's own process/,
    of: { limited: /NotCapable|Requires|undefined|failed/ },
  },
  {
    name: "lets a child kill it",
    body: `await new Deno.Command("sh", { args: ["-c", "kill -9 $PPID"] }).output(); ${wait}`,
    outcome: HOST_GONE,
    of: { limited: REFUSED },
  },
  {
    name: "lets a child stop it",
    body: `await new Deno.Command("sh", { args: ["-c", "kill -STOP $PPID"] }).output(); ${wait}`,
    outcome: /interrupted: .*stopped from outside/,
    of: { limited: REFUSED },
  },
  {
    name: "aborts",
    body: `(await import("node:process")).default.abort();`,
    outcome: /failed: the task called abort/,
  },
  {
    name: "closes its global scope",
    body: `globalThis.close?.(); ${wait}`,
    outcome: /failed: the task called close/,
  },
  // Errors
  {
    name: "throws in a timer",
    body: `setTimeout(() => { throw new Error("late"); }, 1); ${wait}`,
    outcome: /failed: late/,
    of: { shared: TIMED_OUT },
    hangs: "shared",
  },
  {
    name: "rejects and nobody handles it",
    body: `Promise.reject(new Error("nobody")); ${wait}`,
    outcome: /failed: nobody/,
  },
  {
    name: "rejects in a microtask after its end",
    body: `queueMicrotask(() => Promise.reject(new Error("after"))); return "done";`,
    outcome: /failed: after|succeeded: done/,
  },
  // What is left behind
  {
    name: "patches Promise.prototype.then",
    body: `Promise.prototype.then = () => {}; return "patched";`,
    outcome: ANY,
    of: { worker: /succeeded: patched/, process: /succeeded: patched/ },
    log: /left behind: a changed Promise\.prototype/,
  },
  {
    name: "patches JSON.stringify",
    body: `JSON.stringify = () => "{}"; return "patched";`,
    outcome: /succeeded: patched/,
  },
  {
    name: "patches Array.prototype.push to throw",
    body: `Array.prototype.push = () => { throw new Error("push"); }; return "patched";`,
    outcome: ANY,
  },
  {
    name: "gives every object a toJSON",
    body: `Object.prototype.toJSON = () => "FORGED"; return "patched";`,
    outcome: /failed|interrupted|timed_out|succeeded: patched/,
  },
  {
    name: "leaves a global",
    body: `globalThis.leftGlobal = 1; return "left";`,
    outcome: /succeeded: left/,
    log: /left behind: a changed global/,
  },
  {
    name: "leaves a timer that throws",
    body: `setTimeout(() => { throw new Error("bomb"); }, 2_000); return "left";`,
    outcome: /succeeded: left/,
    log: /left behind: work that was still going on/,
  },
  {
    name: "leaves a timer without reference that throws",
    body: `Deno.unrefTimer(setTimeout(() => { throw new Error("bomb"); }, 2_000)); return "left";`,
    outcome: /succeeded: left/,
  },
  {
    name: "leaves a server",
    body: `Deno.serve({ port: 0, onListen() {} }, () => new Response("x")); return "left";`,
    outcome: /succeeded: left/,
    of: { limited: REFUSED },
    log: /left behind/,
  },
  {
    name: "leaves a listener of signals",
    body: `Deno.addSignalListener("SIGUSR1", () => {}); return "left";`,
    outcome: /succeeded: left/,
    log: /left behind: .*signal/,
  },
  {
    name: "leaves an open file",
    body: `Deno.openSync("/etc/hostname"); return "left";`,
    outcome: /succeeded: left/,
    of: { limited: REFUSED },
    log: /left behind: open: fsFile/,
  },
  {
    name: "opens files until there are no descriptors",
    body: `const all = []; for (;;) all.push(Deno.openSync("/dev/null"));`,
    outcome: /failed: .*(?:os error 24|Too many open files|needed more)|interrupted/,
    of: { limited: REFUSED },
  },
  {
    name: "changes the working folder",
    body: `Deno.chdir("/"); return "changed";`,
    outcome: /succeeded: changed/,
    of: { shared: /failed: .*use executor: "process"/, limited: REFUSED },
  },
  {
    name: "changes the environment",
    body: `Deno.env.set("LEFT", "1"); return "changed";`,
    outcome: /succeeded: changed/,
    of: { shared: /failed: .*use executor: "process"/, limited: REFUSED },
  },
  {
    name: "changes process.env",
    body: `(await import("node:process")).default.env.LEFT = "1"; return "changed";`,
    outcome: /succeeded: changed/,
    of: { shared: /failed: .*use executor: "process"/, limited: REFUSED },
  },
  {
    name: "changes the umask",
    body: `Deno.umask(0o777); return "changed";`,
    outcome: /succeeded: changed/,
    of: { shared: /failed: .*use executor: "process"/, limited: /failed|succeeded/ },
  },
  // Children
  {
    name: "leaves a child",
    body: `new Deno.Command("sleep", { args: ["MARK"] }).spawn(); return "left";`,
    outcome: /succeeded: left/,
    of: { limited: REFUSED },
    log: /ended with its host: sleep/,
  },
  {
    name: "leaves a child without reference",
    body: `new Deno.Command("sleep", { args: ["MARK"] }).spawn().unref(); return "left";`,
    outcome: /succeeded: left/,
    of: { limited: REFUSED },
    log: /ended with its host: sleep/,
  },
  {
    name: "leaves a daemon that left group and tree",
    body:
      `await new Deno.Command("sh", { args: ["-c", "setsid sh -c 'sleep MARK & sleep MARK' >/dev/null 2>&1 </dev/null & exit 0"] }).output(); return "left";`,
    outcome: /succeeded: left/,
    of: { limited: REFUSED },
    log: /ended with its host: .*(?:sleep|setsid|sh) \(pid/,
  },
  {
    name: "leaves a daemon without any environment",
    body:
      `await new Deno.Command("sh", { args: ["-c", "env -i setsid sleep MARK >/dev/null 2>&1 </dev/null & exit 0"] }).output(); return "left";`,
    outcome: /succeeded: left/,
    of: { limited: REFUSED },
    log: /ended with its host: .*(?:sleep|setsid|env)/,
  },
  {
    name: "starts a child and loops",
    body: `new Deno.Command("sleep", { args: ["MARK"] }).spawn(); for (;;);`,
    outcome: TIMED_OUT,
    of: { shared: LOOPED, limited: REFUSED_OR_LATE },
    hangs: true,
  },
  {
    name: "starts a shell whose child goes on",
    body: `new Deno.Command("sh", { args: ["-c", "sleep MARK; echo never"], signal }).spawn(); ${wait}`,
    outcome: TIMED_OUT,
    of: { limited: REFUSED_OR_LATE },
    hangs: true,
  },
  {
    name: "starts children that ignore SIGTERM",
    body:
      `for (let i = 0; i < 12; i++) new Deno.Command("sh", { args: ["-c", "trap '' TERM HUP INT; sleep MARK; sleep MARK"] }).spawn(); ${wait}`,
    outcome: TIMED_OUT,
    of: { limited: REFUSED_OR_LATE },
    hangs: true,
  },
  {
    name: "starts children that start children",
    body:
      `await new Deno.Command("sh", { args: ["-c", "for i in 1 2 3 4 5 6 7 8 9; do (sleep MARK & sleep MARK &) & done; wait"] }).output(); ${wait}`,
    outcome: TIMED_OUT,
    of: { limited: REFUSED_OR_LATE },
    hangs: true,
  },
  {
    name: "starts a worker that loops",
    body: `new Worker("data:text/javascript,for(;;);", { type: "module" }); return "left";`,
    outcome: /succeeded: left|failed/,
  },
];
