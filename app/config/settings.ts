/** The one table of settings: what each may be, its default, and what `help`, `init` and messages say of it. */
import type { z } from "zod";
import {
  addresses,
  anyText,
  baseUrl,
  duration,
  headerName,
  hostName,
  issuerUrl,
  named,
  oneOf,
  origins,
  permission,
  runtimePermission,
  systemPermission,
  timeLimit,
  timeSpan,
  wholeNumber,
  zoneName,
} from "./checks.ts";

/** A setting as the table has it. */
export interface Setting<T> {
  readonly check: z.ZodType<T>;
  /** The default, as an operator would write it. */
  readonly fallback: string;
  /** One line: what it is, with its unit. */
  readonly help: string;
  /** The value names a file or folder: what is relative is taken from the folder of the settings file. */
  readonly path?: true;
  /** A second, short flag for what is typed often. */
  readonly flag?: string;
}

export const SETTINGS = {
  server: {
    host: setting({ check: hostName, fallback: "127.0.0.1", flag: "host", help: "address to listen on" }),
    port: setting({
      check: wholeNumber(0, 65_535),
      fallback: "8398",
      flag: "port",
      help: "port to listen on",
    }),
    base_url: setting({ check: baseUrl, fallback: "", help: "address that browsers use, behind a proxy" }),
    tls_cert: setting({
      check: anyText,
      fallback: "",
      path: true,
      help: "certificate with its chain in PEM: the port speaks TLS",
    }),
    tls_key: setting({ check: anyText, fallback: "", path: true, help: "key of the certificate in PEM" }),
    hsts: setting({
      check: duration,
      fallback: "365d",
      help: "time that browsers keep to https, 0s to take it back",
    }),
    socket: setting({
      check: anyText,
      fallback: "",
      path: true,
      help: "socket in the file system for a proxy on this machine",
    }),
    trusted_proxies: setting({
      check: addresses,
      fallback: "",
      help: "addresses of proxies whose X-Forwarded-For and -Proto count",
    }),
    max_connections: setting({
      check: wholeNumber(1, 100_000),
      fallback: "500",
      help: "most connections at one time",
    }),
    header_timeout: setting({
      check: timeSpan,
      fallback: "15s",
      help: "time until the head of a request must be there",
    }),
    body_timeout: setting({
      check: timeSpan,
      fallback: "15s",
      help: "time until the body of a request must be there",
    }),
    idle_timeout: setting({
      check: timeSpan,
      fallback: "15s",
      help: "time that a connection without a request stays open",
    }),
    max_body: setting({
      check: wholeNumber(1, 1_048_576),
      fallback: "1024",
      help: "most kilobytes of a request's body",
    }),
    max_url: setting({
      check: wholeNumber(1, 1_024),
      fallback: "64",
      help: "most kilobytes of an address, its question included",
    }),
    api_origins: setting({
      check: origins,
      fallback: "",
      help: "origins of other sites whose pages may ask /api, with commas",
    }),
    api_rate: setting({
      check: wholeNumber(0, 1_000_000),
      fallback: "600",
      help: "most requests a minute to /api by a token or address, 0 for no limit",
    }),
  },
  auth: {
    mode: setting({
      check: oneOf(["", "none", "password", "proxy", "oidc"]),
      fallback: "",
      help: "who gets in: none, password, proxy, oidc; see docs/access.md",
    }),
    session_idle: setting({
      check: timeSpan,
      fallback: "12h",
      help: "time without a request after which one signs in again",
    }),
    session_max: setting({
      check: duration,
      fallback: "7d",
      help: "time after which one signs in again in any case",
    }),
    open_trigger: setting({
      check: addresses,
      fallback: "",
      help: "addresses that use /trigger and /jobs without a token",
    }),
    proxy_user: setting({
      check: headerName,
      fallback: "X-Remote-User",
      help: "header in which the proxy gives the name",
    }),
    proxy_groups: setting({
      check: headerName,
      fallback: "X-Remote-Groups",
      help: "header in which the proxy gives the groups, with commas",
    }),
    proxy_from: setting({
      check: addresses,
      fallback: "127.0.0.1, ::1",
      help: "addresses of proxies that these headers are believed from",
    }),
    oidc_issuer: setting({ check: issuerUrl, fallback: "", help: "address of the OpenID provider" }),
    oidc_client: setting({
      check: anyText,
      fallback: "",
      help: "client id that the provider knows Carillon by",
    }),
    oidc_secret: setting({
      check: anyText,
      fallback: "oidc_secret",
      help: "name of the entry of [secrets] that is the client's secret",
    }),
    oidc_scopes: setting({
      check: anyText,
      fallback: "openid profile email",
      help: "scopes that are asked for",
    }),
    oidc_name: setting({
      check: named("a claim"),
      fallback: "preferred_username",
      help: "claim that is the person's name",
    }),
    oidc_groups: setting({
      check: named("a claim"),
      fallback: "groups",
      help: "claim that has the person's groups",
    }),
  },
  scheduler: {
    tasks: setting({
      check: named("a folder"),
      fallback: "tasks",
      flag: "tasks",
      path: true,
      help: "folder of the task files",
    }),
    data: setting({
      check: named("a folder"),
      fallback: "data",
      flag: "data",
      path: true,
      help: "folder for what Carillon keeps",
    }),
    timezone: setting({
      check: zoneName,
      fallback: Temporal.Now.timeZoneId(),
      flag: "timezone",
      help: "time zone of tasks that name none (the machine's own)",
    }),
    workers: setting({
      check: wholeNumber(1, 200),
      fallback: "10",
      help: "most runs at one time",
    }),
    memory: setting({
      check: wholeNumber(16, 65_536),
      fallback: "512",
      help: "megabytes of memory that one run may use",
    }),
    memory_total: setting({
      check: wholeNumber(0, 16_777_216),
      fallback: "0",
      help: "megabytes that all runs together may use, 0 for no limit",
    }),
    cgroups: setting({
      check: oneOf(["auto", "on", "off"]),
      fallback: "auto",
      help: "a control group for each host: auto (where systemd delegates), on, off",
    }),
    timeout: setting({
      check: timeLimit,
      fallback: "",
      help: "time limit of tasks that name none, empty for none",
    }),
    grace: setting({
      check: duration,
      fallback: "30s",
      help: "time that running tasks have to end when Carillon stops",
    }),
  },
  history: {
    limit: setting({
      check: wholeNumber(1, 100_000),
      fallback: "100",
      help: "runs of a task kept in memory",
    }),
    file: setting({
      check: anyText,
      fallback: "data/carillon.db",
      path: true,
      help: "history file, empty for memory only",
    }),
    keep: setting({
      check: wholeNumber(1, 100_000_000),
      fallback: "10000",
      help: "runs of a task kept in the file",
    }),
    keep_days: setting({ check: wholeNumber(1, 36_500), fallback: "365", help: "days that runs are kept" }),
    log_days: setting({ check: wholeNumber(1, 36_500), fallback: "90", help: "days that logs are kept" }),
    log_size: setting({
      check: wholeNumber(1, 100_000),
      fallback: "50",
      help: "megabytes of a long log of one run, compressed",
    }),
    logs_total: setting({
      check: wholeNumber(1, 10_000_000),
      fallback: "2000",
      help: "megabytes of all long logs, compressed; the oldest go first",
    }),
    artifact_size: setting({
      check: wholeNumber(1, 10_000),
      fallback: "20",
      help: "megabytes of one file that a run leaves",
    }),
    artifacts_of_run: setting({
      check: wholeNumber(1, 100_000),
      fallback: "100",
      help: "megabytes of all files that one run leaves",
    }),
    artifacts_total: setting({
      check: wholeNumber(1, 10_000_000),
      fallback: "2000",
      help: "megabytes of the files of all runs; those of the oldest run go first",
    }),
  },
  audit: {
    days: setting({
      check: wholeNumber(0, 36_500),
      fallback: "365",
      help: "days that the audit is kept, 0 for ever",
    }),
  },
  /** What tasks that declare no permissions of their own may reach. */
  permissions: {
    net: setting({
      check: runtimePermission("net"),
      fallback: "all",
      help: "hosts that tasks may reach: all, none, or names with commas",
    }),
    read: setting({
      check: runtimePermission("read"),
      fallback: "all",
      help: "files and folders that tasks may read",
    }),
    write: setting({
      check: runtimePermission("write"),
      fallback: "all",
      help: "files and folders that tasks may write",
    }),
    env: setting({
      check: runtimePermission("env"),
      fallback: "all",
      help: "environment variables that tasks may see",
    }),
    run: setting({ check: runtimePermission("run"), fallback: "all", help: "programs that tasks may start" }),
    sys: setting({
      check: systemPermission,
      fallback: "all",
      help: "what tasks may ask of the system, such as hostname, osRelease",
    }),
    secrets: setting({
      check: permission,
      fallback: "all",
      help: "entries of [secrets] that tasks may ask for",
    }),
    databases: setting({ check: permission, fallback: "all", help: "databases that tasks may use" }),
  },
  api: {
    base_url: setting({
      check: baseUrl,
      fallback: "",
      help: "address of the API that apiGet and the others call",
    }),
    app_id: setting({ check: anyText, fallback: "", help: "id that the token is asked with" }),
    secret: setting({
      check: anyText,
      fallback: "api_secret",
      help: "name of the entry of [secrets] that is the app's secret",
    }),
    token_path: setting({
      check: anyText.startsWith("/", "must begin with a slash"),
      fallback: "/url/to/getToken",
      help: "path that the token is asked from",
    }),
    timeout: setting({ check: duration, fallback: "30s", help: "time limit of one request" }),
  },
  datasource: {
    file: setting({
      check: named("a file"),
      fallback: "database.ini",
      path: true,
      help: "file that describes the databases",
    }),
  },
  log: {
    level: setting({
      check: oneOf(["debug", "info", "warn", "error"]),
      fallback: "info",
      help: "least level that is logged: debug, info, warn or error",
    }),
    format: setting({
      check: oneOf(["auto", "text", "json", "journald"]),
      fallback: "auto",
      help: "form of the lines: text, json, journald, or auto to find out",
    }),
    file: setting({
      check: anyText,
      fallback: "",
      path: true,
      help: "file that lines are added to, opened again on SIGHUP",
    }),
  },
  otel: {
    endpoint: setting({
      check: baseUrl,
      fallback: "",
      help: "OTLP/HTTP address that traces are sent to, empty for none",
    }),
    service: setting({
      check: named("a service"),
      fallback: "carillon",
      help: "name of the service in traces",
    }),
  },
} as const;

export type Settings = typeof SETTINGS;

/** What the table's checks make of the texts. */
export type SettingValues = {
  readonly [S in keyof Settings]: {
    readonly [K in keyof Settings[S]]: Settings[S][K] extends Setting<infer T> ? T : never;
  };
};

/** A setting with its place in the table and the names it has elsewhere. */
export interface NamedSetting extends Setting<unknown> {
  readonly section: string;
  readonly key: string;
  /** `server-base-url`, without dashes before it. */
  readonly longFlag: string;
  /** `CARILLON_SERVER_BASE_URL` */
  readonly variable: string;
}

/** The table as a list, in its order. */
export const ALL_SETTINGS: readonly NamedSetting[] = Object.entries(SETTINGS).flatMap(([section, keys]) =>
  Object.entries<Setting<unknown>>(keys).map(([key, each]) => ({
    ...each,
    section,
    key,
    longFlag: `${section}-${key}`.replaceAll("_", "-"),
    variable: `CARILLON_${section}_${key}`.toUpperCase(),
  }))
);

/** Every flag that sets a setting, the short ones first. */
export const SETTING_FLAGS: ReadonlyMap<string, NamedSetting> = new Map([
  ...ALL_SETTINGS.flatMap((each) => each.flag === undefined ? [] : [[each.flag, each] as const]),
  ...ALL_SETTINGS.map((each) => [each.longFlag, each] as const),
]);

function setting<T>(each: Setting<T>): Setting<T> {
  return each;
}
