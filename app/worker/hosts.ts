/** Composes everything that has to do with hosts: where task code is loaded and run, and what is known of it. */
import { sentence } from "../locale/sentence.ts";
import { join } from "node:path";
import process from "node:process";
import type { ApiSettings } from "../../datasource/environment.ts";
import type { Executor } from "../contracts.ts";
import { type ParamProblem, PERMISSION_KINDS, type Permissions } from "../model/order.ts";
import type { Clock } from "../contracts.ts";
import type { ParamsDescription } from "../task/description.ts";
import type { DescribeModule } from "../task/registry.ts";
import type { Task } from "../task/task.ts";
import type { ControlGroups } from "./control_groups.ts";
import { DescriptionCache } from "./description_cache.ts";
import { endMarked } from "./end_processes.ts";
import { type Allowed, GrantBook } from "./grants.ts";
import { HostedRun } from "./hosted_run.ts";
import type { HostCommand } from "./host_command.ts";
import { hostEnvironment } from "./host_process.ts";
import { HostPool, type Profile } from "./host_pool.ts";
import { ASK_LIMIT_MS, Loader } from "./loader.ts";
import { TurnBudget } from "./pace.ts";
import { processFacts } from "./processes.ts";
import { SharedHost } from "./shared_host.ts";
import { clearFolders, makeSocketFolder, removeFolder } from "./socket_folder.ts";
import { HostWatch } from "./watch.ts";

export type DatabaseTest =
  | { readonly ok: true; readonly version: string; readonly ms: number }
  | { readonly ok: false; readonly message: string };

/** Something about hosts that an operator should know. */
export type HostEvent =
  /** A host ended that was not asked to. */
  | { readonly kind: "host.lost"; readonly pid: number; readonly message: string }
  /** Processes that a Carillon which was killed had left behind were ended. */
  | { readonly kind: "host.swept"; readonly processes: readonly string[] }
  /** A shared host said something that belongs to no run. */
  | { readonly kind: "host.stray"; readonly message: string }
  /** Descriptions of task files cannot be kept. */
  | { readonly kind: "cache.failed"; readonly message: string };

export interface HostParts {
  readonly clock: Clock;
  readonly settings: {
    /** Path of database.ini. */
    readonly databaseFile: string;
    readonly secrets: Readonly<Record<string, string>>;
    readonly api?: ApiSettings | undefined;
    /** Name of the one of `secrets` that the API needs. */
    readonly apiSecret?: string | undefined;
  };
  readonly limits: {
    /** Most runs at one time, those in the shared host left out. */
    readonly workers: number;
    /** Of one run, in megabytes. */
    readonly memoryMb: number;
    /** Of all hosts, in megabytes; no limit where undefined. */
    readonly memoryTotalMb?: number | undefined;
  };
  /** Undefined where hosts have no control groups of their own. */
  readonly groups?: ControlGroups | undefined;
  /** What tasks may reach that declare nothing of their own. */
  readonly defaults: Permissions & {
    readonly secrets?: Allowed | undefined;
    readonly databases?: Allowed | undefined;
  };
  /** Files and folders that the runtime itself reads for a task. */
  readonly readable: readonly string[];
  /** Carillon's data folder. */
  readonly data: string;
  /** False where a host is started once a run needs one, and none before; true unless it is said. */
  readonly keepsReady?: boolean | undefined;
  /** How a host is started; as this program is, unless it is said. */
  readonly hostCommand?: HostCommand | undefined;
  /** Another one for each release: descriptions of another one are not used. */
  readonly program: string;
  /** Puts the paths of task files back into the text of an error. */
  readonly original: (text: string) => string;
  readonly onEvent: (event: HostEvent) => void;
}

/** How it stands with the hosts, for pages and metrics. */
export interface HostFacts {
  readonly processes: number;
  /** Those of one run at a time that have had one and are kept for more. */
  readonly used: number;
  readonly busy: number;
  readonly waiting: number;
  /** Runs in shared hosts. */
  readonly shared: number;
  /** Memory of their own, in megabytes. */
  readonly memoryMb: number;
  /** Why no host can be started at this moment. */
  readonly fault: string | undefined;
}

export interface Hosts {
  readonly executor: Executor;
  /** Imports a file and describes its tasks. @param version of all that the file is made of; descriptions are kept by it */
  describe(module: string, version?: string): ReturnType<DescribeModule>;
  /** The parameters of a task with the defaults of this moment; those it was loaded with where it does not answer. */
  params(task: Task): Promise<ParamsDescription>;
  /** Checks parameters by the task's own schema. Nothing of the task's `run` is executed. */
  check(task: Task, params: Readonly<Record<string, unknown>>): Promise<readonly ParamProblem[]>;
  /** Whether a database answers. */
  testDatabase(name: string): Promise<DatabaseTest>;
  /** From now on hosts are kept ready; what an earlier Carillon left behind is ended. */
  start(): void;
  /** Ends all hosts. Runs that are still going on are interrupted. */
  stop(): Promise<void>;
  facts(): HostFacts;
}

export function createHosts(parts: HostParts): Hosts {
  const { clock, limits, defaults, settings } = parts;
  const grants = new GrantBook(settings, {
    secrets: defaults.secrets ?? true,
    databases: defaults.databases ?? true,
  });
  const folder = makeSocketFolder();
  const program = ownMark(parts.data);
  const common = {
    folder,
    environment: hostEnvironment(Deno.env.toObject(), grants.allSecrets, program),
    budget: new TurnBudget(),
    groups: parts.groups,
    hostCommand: parts.hostCommand,
  };
  const watch = new HostWatch(limits.memoryMb, limits.memoryTotalMb);
  const lost = (pid: number, message: string) =>
    parts.onEvent({ kind: "host.lost", pid, message: `task host ${pid} ended: ${message}` });
  const pool = new HostPool({
    ...common,
    clock,
    watch,
    limit: limits.workers,
    memoryMb: limits.memoryMb,
    processors: navigator.hardwareConcurrency,
    onLost: ({ pid }, end) => lost(pid, end.fault ?? end.how),
  });
  const profileOf = (permissions: Permissions) => profile(permissions, parts.readable);
  const loader = new Loader({
    ...common,
    clock,
    watch,
    memoryMb: limits.memoryMb,
    settings: profileOf(defaults).settings,
    grants: () => grants.of({}),
  });
  const cache = new DescriptionCache(join(parts.data, "descriptions.json"), parts.program);
  const shared = new Set<SharedHost>();

  const executor: Executor = {
    begin(order, onNews) {
      const { key, grants: given } = grants.of(order);
      const run = new HostedRun(order, given, key, onNews, { abort: () => {}, end: () => {} });
      const { key: kind, settings } = profileOf(order.permissions ?? defaults);
      if (order.executor === "shared" && settings.kind === "tasks") sharedHost(key).begin(run);
      else pool.submit(run, { key: kind, settings });
      return run;
    },
    suits: (module) => pool.suits(module),
  };

  function sharedHost(grantKey: string): SharedHost {
    for (const host of shared) if (host.open && host.grantKey === grantKey) return host;
    const host = new SharedHost(common, grantKey, watch, limits.memoryMb, {
      onStray: (message) => parts.onEvent({ kind: "host.stray", message: message.slice(0, 4_000) }),
      onReturned: (run) => sharedHost(run.grantKey).begin(run),
      onGone: (gone, end) => {
        shared.delete(gone);
        if (!end.asked) lost(gone.pid, end.fault ?? end.how);
      },
    });
    shared.add(host);
    return host;
  }

  return {
    executor,
    async describe(module, version) {
      const known = version === undefined ? undefined : cache.get(version);
      if (known) return { ok: true, descriptions: known };
      const answer = await loader.ask(
        { kind: "describe", module },
        sentence("mistake.load.late", { s: ASK_LIMIT_MS / 1_000 }),
      );
      if (answer.kind === "described") {
        if (version !== undefined && answer.descriptions.every(isLasting)) {
          cache.set(version, answer.descriptions);
        }
        return { ok: true, descriptions: answer.descriptions };
      }
      if (answer.kind !== "failed") return { ok: false, message: `its host answered "${answer.kind}"` };
      const { name, message, stack } = answer.error;
      const said = answer.sentence || ["TypeError", "TriggerError", "Error"].includes(name)
        ? message
        : `${name}: ${message}`;
      return { ok: false, message: said, sentence: answer.sentence, stack, mayPass: answer.mayPass };
    },
    async params(task) {
      const { params } = task.description;
      if (params.fields.every(({ schema }) => schema.default === undefined)) return params;
      const answer = await loader.ask(
        { kind: "params", module: task.module, taskId: task.id },
        "the file took too long",
      );
      return answer.kind === "params" ? answer.params : params;
    },
    async check(task, params) {
      if (task.description.params.fields.length === 0) return [];
      const answer = await loader.ask(
        { kind: "check", module: task.module, taskId: task.id, params },
        "the check took too long",
      );
      if (answer.kind === "checked") return answer.problems;
      const message = answer.kind === "failed" ? parts.original(answer.error.message) : "not checked";
      return [{ name: "", message }];
    },
    async testDatabase(name) {
      const late = `no answer within ${ASK_LIMIT_MS / 1_000} s`;
      const answer = await loader.ask({ kind: "test_database", name }, late);
      if (answer.kind === "database_tested") return { ok: true, version: answer.version, ms: answer.ms };
      return { ok: false, message: answer.kind === "failed" ? answer.error.message : "not tested" };
    },
    start() {
      void sweep(parts);
      void clearFolders(folder);
      if (parts.keepsReady ?? true) pool.keepReady(profileOf(defaults));
    },
    async stop() {
      const problem = cache.save();
      if (problem !== undefined) parts.onEvent({ kind: "cache.failed", message: problem });
      await Promise.all([pool.close(), loader.close(), ...[...shared].map((host) => host.close())]);
      await removeFolder(folder);
    },
    facts: () => ({
      processes: pool.size + loader.size + shared.size,
      used: pool.used,
      busy: pool.busy,
      waiting: pool.waiting,
      shared: [...shared].reduce((sum, { size }) => sum + size, 0),
      memoryMb: watch.totalMb,
      fault: pool.fault,
    }),
  };
}

/** Where a task runs: limited permissions need a sandbox, whatever the task would like. */
function profile(permissions: Permissions, readable: readonly string[]): Profile {
  const { net, read, write, env, run, sys } = permissions;
  const limited = PERMISSION_KINDS.some((kind) => permissions[kind] !== true);
  if (!limited) return { key: "tasks", settings: { kind: "tasks" } };
  const own = { net, read, write, env, run, sys };
  return { key: JSON.stringify(own), settings: { kind: "sandbox", permissions: own, readable } };
}

/** A calendar's file is read as of a day: what comes of it is not kept. */
function isLasting({ policies }: { readonly policies: { readonly calendar?: unknown } }): boolean {
  return policies.calendar === undefined;
}

/** Says in a host's environment, and so in that of all it starts, which Carillon it belongs to. */
function ownMark(data: string): string {
  return `${data} ${process.pid} ${processFacts(process.pid)?.startedAt ?? ""}`;
}

/** Ends what an earlier Carillon of the same data folder has left behind, which was killed itself. */
async function sweep({ data, onEvent }: HostParts): Promise<void> {
  const processes = await endMarked((variables) => {
    const mark = variables.find((each) => each.startsWith(`CARILLON_RUN_HOST=${data} `));
    if (mark === undefined) return false;
    const [startedAt, pid] = mark.split(" ").reverse();
    return processFacts(Number(pid))?.startedAt !== startedAt;
  });
  if (processes.length > 0) onEvent({ kind: "host.swept", processes });
}
