/** `carillon cancel`: asks the Carillon that is at work here to end a run. */
import type { Config } from "../config.ts";
import { CLI_AGENT } from "../web/api.ts";
import { expectWords, loadConfig, readArguments } from "./arguments.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print } from "./output.ts";

const USAGE = "carillon cancel <run id>";

export async function cancel(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args);
  expectWords(given, 1, USAGE);
  const [id] = given.words;
  if (id === undefined) throw new UsageError(`name a run; usage: ${USAGE}`);
  const answer = await post(loadConfig(given), `/api/v1/runs/${encodeURIComponent(id)}/cancel`);
  if (!answer.ok) throw new UsageError((await answer.json() as { message: string }).message);
  await answer.body?.cancel();
  print(`run ${id} is being ended`);
  return 0;
}

/** Sends a request to the server that this configuration describes. */
async function post({ server: { host, port } }: Config, path: string): Promise<Response> {
  // A server that listens on every address is reached on this machine's own.
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const base = `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
  try {
    return await fetch(`${base}${path}`, { method: "POST", headers: { "user-agent": CLI_AGENT } });
  } catch (cause) {
    throw new UsageError(`no Carillon answers on ${base}: ${(cause as Error).message}`, { cause });
  }
}
