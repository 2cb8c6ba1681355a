/** What the clock and a host say to each other. Plain data only; what a host says is checked in `check_message.ts`. */
import { text } from "../locale/locale.ts";
import type { Sentence } from "../base/sentence.ts";
import type { DatabaseSettings } from "../../datasource/settings.ts";
import type { ApiSettings } from "../../datasource/environment.ts";
import type { ParamProblem, Permissions, RunAnswer, RunNews, RunOrder } from "../model/order.ts";
import type { RunError } from "../model/run.ts";
import type { ParamsDescription, TaskDescription } from "../task/description.ts";

/** `tasks`: one run at a time. `shared`: many side by side. `sandbox`: one at a time, in a web Worker with permissions. */
export type HostKind = "tasks" | "shared" | "sandbox";

/** What a host is told first; nothing in it is secret. */
export interface HostSettings {
  readonly kind: HostKind;
  /** What the code in a sandbox may reach; what the runtime itself reads for it comes on top. */
  readonly permissions?: Permissions | undefined;
  readonly readable?: readonly string[] | undefined;
  /** A file in which the host writes which run it has begun, and which one it executes. */
  readonly markFile?: string | undefined;
}

/** A section of database.ini, or the sentence that says what is wrong with it. */
export type GrantedDatabase = DatabaseSettings | { readonly problem: string };

/** What a host may know of secrets and databases. A host gets it once, before its first run. */
export interface Grants {
  /** Path of database.ini, for messages. */
  readonly databaseFile: string;
  /** What is wrong with the file as a whole. */
  readonly databaseProblem?: string | undefined;
  readonly databases: Readonly<Record<string, GrantedDatabase>>;
  /** Sections that are there and are not granted. */
  readonly refusedDatabases: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly refusedSecrets: readonly string[];
  /** `[api]`, where it names an address and its secret is granted. */
  readonly api?: ApiSettings | undefined;
  /** Values that are taken out of whatever a task writes. */
  readonly masked: readonly string[];
}

/** What is answered by one {@link HostAnswer} with the same number. */
export type HostRequest =
  | { readonly kind: "describe"; readonly module: string }
  /** The parameters with the defaults of this moment. */
  | { readonly kind: "params"; readonly module: string; readonly taskId: string }
  | {
    readonly kind: "check";
    readonly module: string;
    readonly taskId: string;
    readonly params: Readonly<Record<string, unknown>>;
  }
  /** Connects to a database of database.ini and asks it the smallest question. */
  | { readonly kind: "test_database"; readonly name: string };

export type ToHost =
  | { readonly kind: "hello"; readonly settings: HostSettings }
  | { readonly kind: "grants"; readonly grants: Grants }
  /** `run` is the clock's number for the run on this connection. */
  | { readonly kind: "run"; readonly run: number; readonly order: RunOrder }
  | { readonly kind: "abort"; readonly run: number; readonly reason: string }
  | { readonly kind: "ask"; readonly n: number; readonly request: HostRequest }
  | { readonly kind: "ping"; readonly n: number };

export type HostAnswer =
  | { readonly kind: "described"; readonly descriptions: readonly TaskDescription[] }
  | { readonly kind: "params"; readonly params: ParamsDescription }
  | { readonly kind: "checked"; readonly problems: readonly ParamProblem[] }
  | { readonly kind: "database_tested"; readonly version: string; readonly ms: number }
  | {
    readonly kind: "failed";
    readonly error: RunError;
    /** What the error says, where Carillon's own code has said it. */
    readonly sentence?: Sentence | undefined;
  };

/** What a host has in it, and whether it may be used again. */
export interface HostState {
  /** True where nothing of what it did is left in it. */
  readonly clean: boolean;
  /** What was left behind, in a few words each. */
  readonly left: readonly string[];
  /** How many task modules it holds. */
  readonly modules: number;
}

export type FromHost =
  /** The first frame of a connection: only a child that was started for it knows the token. */
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "ready" }
  /** The run is in the task's hands: from now on it is not given to another host. */
  | { readonly kind: "began"; readonly run: number }
  | { readonly kind: "news"; readonly run: number; readonly news: RunNews }
  | {
    readonly kind: "end";
    readonly run: number;
    readonly answer: RunAnswer;
    readonly state: HostState;
    /** True where it has waited for anything: other work could have been done meanwhile. */
    readonly waited: boolean;
  }
  | { readonly kind: "answer"; readonly n: number; readonly answer: HostAnswer; readonly state: HostState }
  /** An error that nobody can say whose it is. The host is not used again. */
  | { readonly kind: "stray"; readonly error: RunError }
  | { readonly kind: "pong"; readonly n: number };

/** The error of a run that needed more memory than it may have. */
export function outOfMemory(limitMb: number): string {
  return text("en", "mistake.load.memory", { mb: limitMb });
}
