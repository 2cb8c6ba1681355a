/** What a task's process runs: it makes the sandbox, and hands messages on between it and the program that started it. */
import process from "node:process";
import { TextLineStream } from "./lines.ts";
import type { FromHost } from "./messages.ts";
import type { ProcessOrder } from "./task_process.ts";

/** Reads orders on standard input until it is closed, which ends the process. */
export async function processMain(): Promise<never> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  const reader = lines.getReader();
  const first = await reader.read();
  const { token, settings, permissions, readable } = JSON.parse(first.value ?? "") as ProcessOrder;
  const { net, read, write, env, run } = permissions;
  const sandbox = new Worker(new URL("./sandbox_main.ts", import.meta.url), {
    type: "module",
    deno: {
      permissions: {
        net: granted(net),
        read: read === true ? true : [...(read === false ? [] : read), ...readable],
        write: granted(write),
        env: granted(env),
        run: granted(run),
        sys: false,
        ffi: false,
        import: false,
      },
    },
  });
  const ready = Promise.withResolvers<void>();
  const tell = (message: FromHost) => writeLine(`${token}${JSON.stringify(message)}\n`);
  sandbox.onmessage = ({ data }: MessageEvent<FromHost | { readonly kind: "ready" }>) => {
    if (data.kind === "ready") ready.resolve();
    else tell(data);
  };
  sandbox.onerror = (event) => {
    event.preventDefault();
    tell({ kind: "failed", error: { name: "Error", message: event.message }, fatal: true });
  };
  sandbox.postMessage(settings);
  await ready.promise;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    sandbox.postMessage(JSON.parse(next.value));
  }
  process.exit(0);
}

function writeLine(line: string): void {
  let bytes = new TextEncoder().encode(line);
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

function granted(allowed: boolean | readonly string[]): boolean | string[] {
  return typeof allowed === "boolean" ? allowed : [...allowed];
}
