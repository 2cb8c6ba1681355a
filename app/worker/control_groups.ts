/**
 * In the clock: a control group (cgroup version 2) of its own for each host, where the system has given Carillon a part of
 * the tree (systemd: `Delegate=yes`). The kernel then holds a host and whatever comes of it to its memory, and ends all of
 * it at once, also what has left its process group, its tree and its environment.
 */
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { messageOf } from "../base/errors.ts";
import { processFacts } from "./processes.ts";

/** `auto`: where Carillon is not root and its group is its own to change; `on`: also as root. */
export type GroupMode = "auto" | "on" | "off";

const HOST_PREFIX = "carillon-host-";
/** Carillon's own process: the kernel gives controllers only to groups below one without processes. */
const CLOCK_NAME = "carillon-clock";
const ROOT_UID = 0;
/** The kernel counts more than the memory of processes, in megabytes. */
const SLACK_MB = 32;
const MB = 1_048_576;

/** Where the kernel says what there is. */
export interface GroupFiles {
  /** `/proc/self/cgroup` */
  readonly own: string;
  /** `/proc/self/mountinfo` */
  readonly mounts: string;
}

const KERNEL: GroupFiles = { own: "/proc/self/cgroup", mounts: "/proc/self/mountinfo" };

export class ControlGroups {
  /** @param limitsMemory false where the kernel has given no memory controller */
  private constructor(readonly folder: string, readonly limitsMemory: boolean) {}

  /**
   * @param onProblem called with a sentence where the mode is `on` and there are none to be had
   * @returns undefined where hosts have none
   */
  static open(
    mode: GroupMode,
    onProblem: (sentence: string) => void,
    files: GroupFiles = KERNEL,
  ): ControlGroups | undefined {
    if (mode === "off" || (mode === "auto" && process.getuid?.() === ROOT_UID)) return undefined;
    try {
      const folder = ownFolder(files);
      accessSync(folder, constants.W_OK);
      endLeft(folder);
      return new ControlGroups(folder, takeMemory(folder));
    } catch (error) {
      if (mode === "on") {
        onProblem(`[scheduler] cgroups: hosts have no control groups of their own: ${messageOf(error)}`);
      }
      return undefined;
    }
  }

  /** Puts a process that was just started into a group of its own. Undefined where that does not work. */
  add(pid: number): ControlGroup | undefined {
    const folder = join(this.folder, `${HOST_PREFIX}${pid}`);
    try {
      mkdirSync(folder);
      writeFileSync(join(folder, "cgroup.procs"), String(pid));
      return new ControlGroup(folder, this.limitsMemory);
    } catch {
      // The process is gone, or the group was taken back: the host is ended as without groups.
      removeGroup(folder);
      return undefined;
    }
  }
}

/** The group of one host. Nothing of it throws: a host is also watched and ended without it. */
export class ControlGroup {
  constructor(readonly folder: string, readonly limitsMemory: boolean) {}

  /** From now on it may need so much more than it has. */
  limit(memoryMb: number): void {
    if (!this.limitsMemory) return;
    const now = Number(readFile(join(this.folder, "memory.current")));
    if (!Number.isFinite(now)) return;
    write(join(this.folder, "memory.oom.group"), "1");
    write(join(this.folder, "memory.max"), String(now + (memoryMb + SLACK_MB) * MB));
  }

  /** The processes in it that have not ended. */
  pids(): number[] {
    const lines = readFile(join(this.folder, "cgroup.procs")).split("\n");
    return lines.filter((line) => line !== "").map(Number).filter((pid) =>
      (processFacts(pid)?.state ?? "Z") !== "Z"
    );
  }

  /** True where the kernel has ended something of it for want of memory. */
  get ranOut(): boolean {
    return Number(/^oom_kill (\d+)/m.exec(readFile(join(this.folder, "memory.events")))?.[1] ?? 0) > 0;
  }

  /** What is in it beside one process, such as `sleep (pid 4711)`. */
  beside(pid: number): string[] {
    return this.pids().filter((each) => each !== pid)
      .map((each) => `${processFacts(each)?.name ?? "a process"} (pid ${each})`);
  }

  /** Ends all that is in it. @returns what it was beside one process */
  end(beside: number): string[] {
    const ended = this.beside(beside);
    write(join(this.folder, "cgroup.kill"), "1");
    return ended;
  }

  remove(): void {
    removeGroup(this.folder);
  }
}

/** The folder of Carillon's own group. @throws Error where there is no version 2, or the group is the root of all */
function ownFolder({ own, mounts }: GroupFiles): string {
  const mount = readFileSync(mounts, "utf8").split("\n")
    .map((line) => line.split(" - "))
    .find(([, type]) => type?.startsWith("cgroup2 "))?.[0]?.split(" ")[4];
  if (mount === undefined) throw new Error("the system has no cgroup version 2");
  const path = /^0::(\/.*)$/m.exec(readFileSync(own, "utf8"))?.[1];
  if (path === undefined || path === "/") throw new Error("Carillon is in no group of its own");
  // After a restart within the same service it is in the place that it had made for itself.
  const [, above = path] = new RegExp(`^(.*)/${CLOCK_NAME}$`).exec(path) ?? [];
  return join(mount, above);
}

/** Gives the groups below a memory controller. False where there is none. */
function takeMemory(folder: string): boolean {
  if (!readFile(join(folder, "cgroup.controllers")).split(/\s/).includes("memory")) return false;
  const clock = join(folder, CLOCK_NAME);
  mkdirSync(clock, { recursive: true });
  writeFileSync(join(clock, "cgroup.procs"), String(process.pid));
  writeFileSync(join(folder, "cgroup.subtree_control"), "+memory");
  return true;
}

/** Ends what a Carillon that was killed has left in its groups. */
function endLeft(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(HOST_PREFIX)) continue;
    write(join(folder, name, "cgroup.kill"), "1");
    removeGroup(join(folder, name));
  }
}

function removeGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something in it has not quite ended, or it is gone: the next start removes it.
  }
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch {
    // The group is gone, or was taken back.
  }
}
