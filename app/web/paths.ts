/** Addresses of pages; what is asked of them is added by `withQuery`. */

const task = (id: string) => `/tasks/${encodeURIComponent(id)}`;
const run = (id: string) => `/runs/${encodeURIComponent(id)}`;

type UserAction = "roles" | "link" | "sign_out" | "remove";

/** A part of an address; one that begins with a colon stands for any, in the address of a route. */
const segment = (name: string) => name.startsWith(":") ? name : encodeURIComponent(name);

export const path = {
  today: "/",
  tasks: "/tasks",
  task,
  runForm: (id: string) => `${task(id)}/run`,
  runs: "/runs",
  run,
  runFile: (id: string, name: string) => `${run(id)}/files/${encodeURIComponent(name)}`,
  backfills: "/backfills",
  backfill: (id: string) => `/backfills/${encodeURIComponent(id)}`,
  report: "/report",
  audit: "/audit",
  auditExport: "/audit.ndjson",
  users: "/system/users",
  addUser: "/system/users/add",
  userAction: (name: string, action: UserAction) =>
    `/system/users/${segment(name)}/${action.replace("_", "-")}`,
  addToken: "/system/tokens/add",
  revokeToken: (name: string) => `/system/tokens/${segment(name)}/revoke`,
  password: (link: string) => `/password/${link}`,
  runLog: (id: string) => `${run(id)}/log`,
} as const;

/** A line of a task's file, as its page has it. */
export function sourceLine(id: string, line: number): string {
  return `${task(id)}/source#L${line}`;
}

export type QueryValues = Readonly<Record<string, string | readonly string[]>>;

/** `/runs/1?q=x`: values that are empty are left out, the others stand in their order; a list stands several times. */
export function withQuery(address: string, values: QueryValues): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).filter((each) => each !== "").map((each) => [name, each])
  );
  return given.length === 0 ? address : `${address}?${new URLSearchParams(given)}`;
}

/** A path on this server; anything that could lead elsewhere becomes the start page. */
export function ownPath(path: unknown): string {
  return typeof path === "string" && /^\/(?![/\\])[^\s\\]*$/.test(path) ? path : "/";
}
