/** Requests a second for the list of 1,000 tasks: Flask's, as PyScheduler has it, and Carillon's, over loopback, with wrk. */
import { makePageWorld } from "./page_world.ts";
import { figure, printTable, say } from "./measure.ts";

const TASKS = 1_000;
const SECONDS = 5;

/** Requests a second that are answered, by eight connections. */
async function requests(address: string): Promise<number> {
  const { stdout } = await new Deno.Command("wrk", {
    args: ["-t1", "-c8", `-d${SECONDS}s`, "-H", "accept-encoding: gzip", address],
  }).output();
  const output = new TextDecoder().decode(stdout);
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(output);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? NaN);
}

async function size(address: string): Promise<string> {
  const { stdout } = await new Deno.Command("curl", {
    args: ["-s", "-H", "accept-encoding: gzip", "-o", "/dev/null", "-w", "%{size_download}", address],
  }).output();
  return `${figure(Number(new TextDecoder().decode(stdout)) / 1_000)} kB`;
}

const flask = new Deno.Command("/usr/bin/python3", {
  args: [new URL("flask_list.py", import.meta.url).pathname],
  stdin: "piped",
  stdout: "piped",
  stderr: "null",
}).spawn();
const [line] = await Array.fromAsync(take(flask.stdout.pipeThrough(new TextDecoderStream()), 1));
const flaskAddress = `http://127.0.0.1:${Number(line)}/`;

async function* take<T>(source: ReadableStream<T>, count: number): AsyncGenerator<T> {
  const reader = source.getReader();
  for (let i = 0; i < count; i++) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

await using world = await makePageWorld(TASKS, 10);
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, world.app.fetch);
const address = `http://127.0.0.1:${server.addr.port}/tasks`;
const html = await (await fetch(address)).text();
const links = new Set([...html.matchAll(/href="\/tasks\/task_\d+"/g)].map(([link]) => link)).size;
say(`links to tasks in the body: ${links}`);

const results: [string, number, string][] = [];
results.push(["Flask", await requests(flaskAddress), await size(flaskAddress)]);
results.push(["Carillon, nothing changes", await requests(address), await size(address)]);
const changing = setInterval(
  () => void world.carillon.operations.run({ channel: "page" }, "task_7", []),
  500,
);
results.push(["Carillon, a run twice a second", await requests(address), await size(address)]);
clearInterval(changing);
await server.shutdown();
flask.kill("SIGTERM");
await flask.status;

const [[, base = NaN] = []] = results;
printTable(
  ["", "requests/s", "of Flask", "gzip"],
  results.map(([name, perSecond, bytes]) => [
    name,
    figure(perSecond),
    `${figure(perSecond / base)} ×`,
    bytes,
  ]),
);
