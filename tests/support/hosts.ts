/** Real hosts without the rest of Carillon: modules in a folder, orders by hand. */
import type { Execution } from "../../app/contracts.ts";
import type { RunAnswer, RunNews, RunOrder } from "../../app/model/order.ts";
import { systemClock } from "../../app/scheduler/clock.ts";
import { createHosts, type HostEvent, type HostParts, type Hosts } from "../../app/worker/hosts.ts";
import { makeFolder, type TestFolder } from "./folder.ts";
import { bundledHost } from "./program.ts";

export interface TestHosts extends AsyncDisposable {
  readonly hosts: Hosts;
  readonly folder: TestFolder;
  readonly events: readonly HostEvent[];
  /** Begins a run of a module with this body. */
  begin(body: string, order?: Partial<RunOrder>): TestRun;
  /** Runs it to its end. */
  run(body: string, order?: Partial<RunOrder>): Promise<Ended>;
}

export interface TestRun {
  readonly execution: Execution;
  readonly lines: string[];
  /** Resolves at the first line that reads so. */
  logged(text: string): Promise<void>;
}

export interface Ended {
  readonly answer: RunAnswer;
  readonly lines: readonly string[];
  /** Message of the answer, whatever its kind. */
  readonly said: string;
}

export function startHosts(
  files: Readonly<Record<string, string>> = {},
  options: Partial<
    Pick<HostParts, "clock" | "settings" | "limits" | "defaults" | "groups" | "keepsReady" | "hostCommand">
  > = {},
): TestHosts {
  const folder = makeFolder(files);
  const events: HostEvent[] = [];
  const all = true;
  const hosts = createHosts({
    clock: systemClock,
    settings: { databaseFile: `${folder.path}/database.ini`, secrets: {} },
    limits: { workers: 4, memoryMb: 256 },
    defaults: { net: all, read: all, write: all, env: all, run: all, sys: all },
    readable: [folder.path],
    data: folder.path,
    program: "test",
    hostCommand: bundledHost,
    original: (text) => text,
    onEvent: (event) => events.push(event),
    ...options,
  });
  let modules = 0;
  const begin = (body: string, order: Partial<RunOrder> = {}): TestRun => {
    const file = folder.write(
      `module_${++modules}.js`,
      `import { defineTask, log, secret, query } from "carillon";
export default defineTask({ async run({ log: own, signal, progress, params }) { ${body} } });`,
    );
    const lines: string[] = [];
    const waiting = new Map<string, () => void>();
    const onNews = (news: RunNews) => {
      if (news.kind !== "log") return;
      lines.push(`${news.level} ${news.text}`);
      waiting.get(news.text)?.();
    };
    const execution = hosts.executor.begin({
      runId: crypto.randomUUID(),
      taskId: `module_${modules}`,
      module: `file://${file}`,
      executor: "worker",
      cause: "manual",
      attempt: 1,
      scheduledAt: 0,
      params: {},
      watermarks: {},
      ...order,
    }, onNews);
    return {
      execution,
      lines,
      logged: (text) => new Promise((resolve) => waiting.set(text, resolve)),
    };
  };
  return {
    hosts,
    folder,
    events,
    begin,
    async run(body, order) {
      const { execution, lines } = begin(body, order);
      const answer = await execution.answer;
      return { answer, lines, said: saidIn(answer) };
    },
    async [Symbol.asyncDispose]() {
      await hosts.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function saidIn(answer: RunAnswer): string {
  if (answer.kind === "failed") return `failed: ${answer.error.message}`;
  if (answer.kind === "refused") return `refused: ${JSON.stringify(answer.problems)}`;
  return `${answer.kind}: ${answer.message ?? ""}`;
}
