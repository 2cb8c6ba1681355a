/** How a task is run, in words: only what is not the usual. */
import { duration } from "../locale/format.ts";
import { list, type Locale, text, type TextKey } from "../locale/locale.ts";
import type { Permissions, TaskPolicies } from "../task/policies.ts";

export function policyFacts(
  policies: TaskPolicies,
  locale: Locale,
): { readonly name: string; readonly value: string }[] {
  const { timeoutMs, retry, overlap, concurrency, misfire, jitterMs, priority, locks } = policies;
  const { blackout, calendar, after, executor, permissions } = policies;
  const facts: [TextKey, string | undefined][] = [
    ["policy.timeout", timeoutMs === undefined ? undefined : duration(timeoutMs, locale)],
    [
      "policy.retry",
      retry && text(locale, "policy.retry_value", {
        n: retry.attempts,
        delay: duration(retry.delayMs, locale),
        backoff: retry.backoff,
      }),
    ],
    ["policy.overlap", overlap === "skip" ? undefined : text(locale, `overlap.${overlap}`)],
    [
      "policy.concurrency",
      concurrency === 1 || concurrency === Infinity ? undefined : String(concurrency),
    ],
    [
      "policy.misfire",
      misfire.catchUp === "none"
        ? undefined
        : text(locale, `misfire.${misfire.catchUp}`, { n: misfire.limit }),
    ],
    ["policy.jitter", jitterMs === 0 ? undefined : duration(jitterMs, locale)],
    ["policy.priority", priority === 0 ? undefined : String(priority)],
    ["policy.locks", locks.length === 0 ? undefined : list(locale, locks)],
    ["policy.blackout", blackout.length === 0 ? undefined : list(locale, blackout.map((each) => each.text))],
    ["policy.calendar", calendar && text(locale, "policy.calendar_value")],
    [
      "policy.after",
      after.length === 0
        ? undefined
        : list(locale, after.map(({ task, on }) => text(locale, `after.${on}`, { task }))),
    ],
    ["policy.executor", executor === "worker" ? undefined : text(locale, `executor.${executor}`)],
    ["policy.permissions", permissions && permissionText(permissions, locale)],
  ];
  return facts.flatMap(([key, value]) => value === undefined ? [] : [{ name: text(locale, key), value }]);
}

function permissionText(permissions: Permissions, locale: Locale): string {
  const granted = Object.entries(permissions).flatMap(([kind, allowed]) => {
    if (allowed === true) return [kind];
    return allowed === false || allowed.length === 0 ? [] : [`${kind}: ${allowed.join(" ")}`];
  });
  return granted.length === 0 ? text(locale, "permissions.none") : granted.join("; ");
}
