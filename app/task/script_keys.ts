/** Keys of a script's comment: those of `defineTask` that can be written as a word, and how the word is read. */

type Reading = (word: string) => unknown;

const text: Reading = (word) => word;

/** What is no number stays a text, which the definition refuses by quoting it. */
const number: Reading = (word) => /^-?\d+(?:\.\d+)?$/.test(word) ? Number(word) : word;

/** Commas that stand in braces belong to a pattern: `in/*.{csv,txt}`. */
const list: Reading = (word) => word.split(/,(?![^{]*\})/).map((each) => each.trim());

const nobodyOrList: Reading = (word) => word === "no" ? false : list(word);

/** `yes` is all, `no` is nothing; else what is listed. */
const access: Reading = (word) => word === "yes" || nobodyOrList(word);

/** By the path in the definition. */
const READINGS: Readonly<Record<string, Reading>> = {
  id: text,
  title: text,
  description: text,
  tags: list,
  timeout: text,
  priority: number,
  locks: list,
  "retry.attempts": number,
  "retry.delay": text,
  "retry.backoff": number,
  "retry.maxDelay": text,
  "retry.only": list,
  interrupted: text,
  overlap: text,
  concurrency: number,
  "misfire.grace": text,
  "misfire.catchUp": text,
  "misfire.limit": number,
  "window.span": text,
  "window.from": text,
  "window.to": text,
  jitter: text,
  "blackout.from": text,
  "blackout.to": text,
  "blackout.weekdays": text,
  "calendar.country": text,
  "calendar.weekdays": text,
  "calendar.holidays": list,
  "calendar.workingDays": list,
  "calendar.file": text,
  "calendar.onHoliday": text,
  "after.task": list,
  "after.on": text,
  "after.all": list,
  "watch.files": list,
  "watch.param": text,
  "watch.still": text,
  "hook.secret": text,
  "hook.verify": text,
  "hook.param": text,
  pauseAfter: number,
  expect: text,
  budget: text,
  doneBy: text,
  confirm: text,
  "approval.by": text,
  "approval.expires": text,
  notify: nobodyOrList,
  ping: text,
  "ping.secret": text,
  executor: text,
  "permissions.net": access,
  "permissions.read": access,
  "permissions.write": access,
  "permissions.env": access,
  "permissions.run": access,
  "permissions.sys": access,
  secrets: list,
  databases: list,
  keep: number,
  keepDays: number,
};

/** What the word alone means, where the definition has an object. */
const SHORT: Readonly<Record<string, string>> = {
  retry: "retry.attempts",
  window: "window.span",
  calendar: "calendar.country",
  after: "after.task",
  watch: "watch.files",
};

/** All that a comment may have of them. */
export const DEFINITION_KEYS: readonly string[] = [...Object.keys(SHORT), ...Object.keys(READINGS)];

/** The keys of the definition, as plain data: `retry=3 retry.delay=5s` is `{ retry: { attempts: 3, delay: "5s" } }`. */
export function definitionOf(given: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  const definition: Record<string, unknown> = {};
  for (const [key, word] of given) {
    const path = SHORT[key] ?? key;
    const read = READINGS[path];
    if (!read) continue;
    const [name = "", inner] = path.split(".");
    definition[name] = joined(definition[name], inner, read(word));
  }
  return "after" in definition ? { ...definition, after: followed(definition.after) } : definition;
}

/**
 * A word more for a key: by itself, or as a part of an object. `ping=https://hc.example/x ping.secret=hc` is both, which
 * the definition refuses by the part that has no name.
 */
function joined(before: unknown, inner: string | undefined, value: unknown): unknown {
  if (before === undefined && inner === undefined) return value;
  const parts = before === undefined || typeof before === "object" ? before : { "": before };
  return { ...parts, [inner ?? ""]: value };
}

/** `after=a,b after.on=end` is a rule for each; `after.all` goes by itself, which the definition holds. */
function followed(after: unknown): unknown {
  const { task, on, all } = after as { task?: readonly string[]; on?: string; all?: readonly string[] };
  if (all !== undefined) return { all, task, on };
  return task === undefined ? { on } : task.map((each) => ({ task: each, on }));
}
