/** Every command there is, in the order of `carillon help`. Each is loaded when it is asked for: a host of tasks needs none. */
import type { Command } from "./command.ts";

const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  "serve": async () => (await import("./serve.ts")).serve,
  "run": async () => (await import("./run.ts")).run,
  "status": async () => (await import("./status.ts")).status,
  "ps": async () => (await import("./ps.ts")).ps,
  "trigger": async () => (await import("./trigger.ts")).trigger,
  "logs": async () => (await import("./logs.ts")).logs,
  "history": async () => (await import("./history.ts")).history,
  "dev": async () => (await import("./dev.ts")).dev,
  "cancel": async () => (await import("./cancel.ts")).cancel,
  "pause": async () => (await import("./pause.ts")).pause,
  "resume": async () => (await import("./pause.ts")).resume,
  "reload": async () => (await import("./reload.ts")).reload,
  "backfill": async () => (await import("./backfill.ts")).backfill,
  "backfills": async () => (await import("./backfills.ts")).backfills,
  "report": async () => (await import("./report.ts")).report,
  "list": async () => (await import("./list.ts")).list,
  "next": async () => (await import("./next.ts")).next,
  "diff": async () => (await import("./diff.ts")).diff,
  "calendar show": async () => (await import("./calendar_show.ts")).calendarShow,
  "check": async () => (await import("./check.ts")).check,
  "history export": async () => (await import("./history_export.ts")).historyExport,
  "history import": async () => (await import("./history_import.ts")).historyImport,
  "audit list": async () => (await import("./audit_list.ts")).auditList,
  "audit export": async () => (await import("./audit_export.ts")).auditExport,
  "audit verify": async () => (await import("./audit_verify.ts")).auditVerify,
  "import-pyscheduler": async () => (await import("./import_pyscheduler.ts")).importPyScheduler,
  "import-crontab": async () => (await import("./import_crontab.ts")).importCrontab,
  "db list": async () => (await import("./db_list.ts")).dbList,
  "db test": async () => (await import("./db_ping.ts")).dbTest,
  "db query": async () => (await import("./db_query.ts")).dbQuery,
  "user add": async () => (await import("./user_add.ts")).userAdd,
  "user passwd": async () => (await import("./user_passwd.ts")).userPasswd,
  "user role": async () => (await import("./user_role.ts")).userRole,
  "user remove": async () => (await import("./user_remove.ts")).userRemove,
  "user list": async () => (await import("./user_list.ts")).userList,
  "token create": async () => (await import("./token_create.ts")).tokenCreate,
  "token list": async () => (await import("./token_list.ts")).tokenList,
  "token revoke": async () => (await import("./token_revoke.ts")).tokenRevoke,
  "notify test": async () => (await import("./notify_test.ts")).notifyTest,
  "notify preview": async () => (await import("./notify_preview.ts")).notifyPreview,
  "api types": async () => (await import("./api_types.ts")).apiTypes,
  "watch": async () => (await import("./watch.ts")).watch,
  "init": async () => (await import("./init.ts")).init,
  "completion": async () => (await import("./completion.ts")).completionCommand(allCommands),
  "help": async () => (await import("./help.ts")).helpCommand(allCommands),
  "version": async () => (await import("./version.ts")).version,
};

export const COMMAND_NAMES: readonly string[] = Object.keys(LOADERS);

/** The command of that name; undefined where there is none. */
export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(LOADERS, name) ? await LOADERS[name]?.() : undefined;
}

export async function allCommands(): Promise<readonly Command[]> {
  return await Promise.all(Object.values(LOADERS).map((load) => load()));
}
