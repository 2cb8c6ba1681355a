/** What keeps a task's hook from working, for its page, for `check` and for the log. */
import type { Secrets } from "../config/secrets.ts";
import type { HookPolicy } from "../policy/hook.ts";
import { standardKey } from "../policy/hook_signature.ts";
import type { TaskWarning } from "../policy/policy.ts";
import type { Task } from "../task/task.ts";

/** The secret that a hook names; undefined where `[secrets]` has none of that name. */
export function secretOf({ secret }: HookPolicy, secrets: Secrets): string | undefined {
  return Object.hasOwn(secrets, secret) ? secrets[secret] : undefined;
}

/** Undefined where nothing does, and for a task without a hook. */
export function hookWarning(
  { id, description: { policies } }: Task,
  secrets: Secrets,
): TaskWarning | undefined {
  const { hook } = policies;
  if (!hook) return undefined;
  const values = { secret: hook.secret, id };
  const secret = secretOf(hook, secrets);
  if (secret === undefined) return { key: "warning.hook_secret", values };
  const isKey = hook.verify !== "standard" || standardKey(secret) !== undefined;
  return isKey ? undefined : { key: "warning.hook_base64", values };
}
