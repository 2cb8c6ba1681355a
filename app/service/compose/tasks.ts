/** The task files and their hosts: where they are loaded and run, what they declare, when they are due. */
import type { Journal } from "../../base/journal.ts";
import type { Config } from "../../config/config.ts";
import { onlyApprovable } from "../../task/approvable.ts";
import { TaskRegistry } from "../../task/registry.ts";
import type { Task } from "../../task/task.ts";
import { TriggerTable } from "../../task/trigger_table.ts";
import { ControlGroups } from "../../worker/control_groups.ts";
import { createHosts, type HostEvent, type Hosts } from "../../worker/hosts.ts";
import type { ApiSettings } from "../../../datasource/environment.ts";
import manifest from "../../../deno.json" with { type: "json" };
import { guardedHosts, maskedDescribe } from "../guarded_hosts.ts";
import type { Files } from "./files.ts";
import type { Ground, OwnParts } from "./ground.ts";

export interface Tasks {
  /** As they are; for their life and what they say of themselves. */
  readonly hosts: Hosts;
  /** The hosts, as they are asked about tasks. */
  readonly checker: Hosts;
  readonly registry: TaskRegistry;
  readonly triggers: TriggerTable;
  readonly taskOf: (id: string) => Task | undefined;
}

export function composeTasks(parts: Ground & Files, own: OwnParts): Tasks {
  const { config, clock, auth, mirror, mask } = parts;
  const hosts = composeHosts(parts, own);
  const described = maskedDescribe(hosts.describe, mask);
  const describe = onlyApprovable(described, auth.mode !== "none");
  const registry = new TaskRegistry({
    folder: config.scheduler.tasks,
    mirror,
    describe,
    now: () => clock.now(),
  });
  const checker = guardedHosts(hosts, registry, mask);
  const triggers = new TriggerTable(config.scheduler.timezone);
  return { hosts, checker, registry, triggers, taskOf: (id) => registry.tasks.get(id) };
}

function composeHosts(
  { config, clock, events, journal, mirror }: Ground & Files,
  { keepsHostReady: keepsReady, hostCommand }: OwnParts,
): Hosts {
  const { scheduler } = config;
  return createHosts({
    clock,
    settings: {
      databaseFile: config.datasource.file,
      secrets: config.secrets,
      api: apiSettings(config),
      apiSecret: config.api.secret,
    },
    limits: {
      workers: scheduler.workers,
      memoryMb: scheduler.memory,
      memoryTotalMb: scheduler.memory_total || undefined,
    },
    groups: ControlGroups.open(scheduler.cgroups, (sentence) => journal.warn(sentence)),
    defaults: config.permissions,
    readable: mirror.readable,
    data: scheduler.data,
    keepsReady,
    hostCommand,
    program: `${manifest.version} ${Deno.version.deno}`,
    original: (text) => mirror.original(text),
    onEvent: (event) => {
      writeHostEvent(event, journal);
      if (event.kind === "host.lost") events.emit("host.lost", { pid: event.pid, message: event.message });
    },
  });
}

/** The default API client of tasks; its secret is the one of `[secrets]` that `[api]` names. */
function apiSettings({ api, secrets }: Config): ApiSettings | undefined {
  if (api.base_url === "") return undefined;
  return {
    baseUrl: api.base_url,
    appId: api.app_id,
    appSecret: secrets[api.secret] ?? "",
    tokenPath: api.token_path,
    timeoutMs: api.timeout,
  };
}

function writeHostEvent(event: HostEvent, journal: Journal): void {
  if (event.kind === "host.swept") {
    journal.warn(`ended what an earlier Carillon had left behind: ${event.processes.join(", ")}`);
  } else if (event.kind === "host.stray") journal.error(event.message);
  else journal.warn(event.message);
}
