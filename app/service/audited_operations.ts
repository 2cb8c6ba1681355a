/** What the audit says of each operation. */
import { audited, type AuditRows, type Result, type Subject } from "../audit/audited.ts";
import { type EpochMs, instantOf } from "../base/time.ts";
import type { AuditLog } from "../contracts.ts";
import { problemText } from "../task/params.ts";
import type { NotifyOperations } from "./notify_operations.ts";
import type { BackfillAnswer, Operations, StartAnswer } from "./operations.ts";
import type { PeopleOperations } from "./operations/people_operations.ts";
import { Refusal } from "./refusal.ts";

const task = (id: string) => `task/${id}`;
const run = (id: string) => `run/${id}`;
const backfill = (id: string) => `backfill/${id}`;
/** One task is the target; several are named. */
function tasks(ids: readonly string[]): Subject {
  const [only = ""] = ids;
  return ids.length === 1 ? { target: task(only) } : { params: { tasks: ids } };
}

function momentText(at: EpochMs | undefined): string | undefined {
  return at === undefined ? undefined : instantOf(at).toString();
}

function started(answer: StartAnswer): Result {
  if (!answer.ok) return { outcome: "refused", message: problemText(answer.problems) };
  const { id, status } = answer.run;
  return {
    outcome: "done",
    message: status === "awaiting_approval" ? `run ${id} awaits approval` : `run ${id}`,
  };
}

function begun(answer: BackfillAnswer): Result {
  if (!answer.ok) return { outcome: "refused", message: problemText(answer.problems) };
  return { outcome: "done", message: `backfill ${answer.progress.plan.id}` };
}

const OPERATIONS: AuditRows<Operations> = {
  run: {
    action: "run.start",
    about: (id, given, _key, asked) => ({
      target: task(id),
      params: { ...asked, params: Object.fromEntries(given) },
    }),
    result: started,
  },
  start: {
    action: "run.start",
    about: (id, params, _key, asked) => ({ target: task(id), params: { ...asked, params } }),
    result: started,
  },
  rerun: {
    action: "run.rerun",
    about: (id, _key, asked) => ({ target: run(id), params: { ...asked } }),
    result: started,
  },
  cancel: { action: "run.cancel", about: (id) => ({ target: run(id) }) },
  approve: { action: "run.approve", about: (id, note) => ({ target: run(id), params: { note } }) },
  decline: { action: "run.decline", about: (id, note) => ({ target: run(id), params: { note } }) },
  backfill: {
    action: "backfill.start",
    about: (id, request, given = []) => ({
      target: task(id),
      params: { ...request, params: Object.fromEntries(given) },
    }),
    result: begun,
  },
  cancelPlanned: { action: "run.unplan", about: (id) => ({ target: `plan/${id}` }) },
  cancelBackfill: { action: "backfill.cancel", about: (id) => ({ target: backfill(id) }) },
  pause: {
    action: "task.pause",
    about: (ids, terms) => {
      const { target, params } = tasks(ids);
      return { target, params: { ...params, until: momentText(terms?.until), note: terms?.note } };
    },
  },
  resume: { action: "task.resume", about: tasks },
  acknowledge: {
    action: "task.acknowledge",
    about: (cause, ids, note) => ({ params: { tasks: ids, cause, note } }),
  },
  reload: {
    action: "tasks.reload",
    result: ({ changed, removed, newlyBroken }) => ({
      outcome: "done",
      message: `${changed.length} loaded, ${removed.length} removed, ${newlyBroken.length} newly broken`,
    }),
  },
  testDatabase: { action: "database.test", about: (name) => ({ target: `database/${name}` }) },
};

const NOTIFY: AuditRows<NotifyOperations> = {
  test: { action: "notify.test", about: (name) => ({ target: `notify/${name}` }) },
  again: { action: "notify.again", about: (id) => ({ target: `message/${id}` }) },
  mute: {
    action: "notify.mute",
    about: (name, until) => ({
      target: `notify/${name}`,
      params: { until: momentText(until) },
    }),
  },
  muteSubject: {
    action: "notify.mute",
    about: (subject, until) => ({ target: subject, params: { until: momentText(until) } }),
  },
  acknowledge: { action: "notify.acknowledge", about: (subject) => ({ target: subject }) },
};

const user = (name: string) => `user/${name}`;

/** What is answered is a secret, and stands nowhere. */
const PEOPLE: AuditRows<PeopleOperations> = {
  addUser: { action: "user.add", about: (name, roles) => ({ target: user(name), params: { roles } }) },
  setRoles: { action: "user.role", about: (name, roles) => ({ target: user(name), params: { roles } }) },
  renewPassword: { action: "user.link", about: (name) => ({ target: user(name) }) },
  signOutUser: {
    action: "user.sign_out",
    about: (name) => ({ target: user(name) }),
    result: (ended) => ({ outcome: "done", message: `${ended} sessions ended` }),
  },
  removeUser: { action: "user.remove", about: (name) => ({ target: user(name) }) },
  createToken: {
    action: "token.create",
    about: ({ name, rights, tasks, expiresAt }) => ({
      target: `token/${name}`,
      params: { rights, tasks, expires: momentText(expiresAt) },
    }),
  },
  revokeToken: { action: "token.revoke", about: (name) => ({ target: `token/${name}` }) },
};

const isRefusal = (error: unknown) => error instanceof Refusal;

/** The operations of a door, each written down: done, refused or failed. */
export function auditedOperations(door: Operations, audit: AuditLog): Operations {
  const notify = audited(door.notify, NOTIFY, audit, isRefusal);
  const people = audited(door.people, PEOPLE, audit, isRefusal);
  return audited(door, OPERATIONS, audit, isRefusal, { notify, people });
}
