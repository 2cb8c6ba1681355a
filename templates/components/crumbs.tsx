/** Where a page stands. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { Icon } from "./sign.tsx";

export interface Crumb {
  readonly label: string;
  readonly address?: string | undefined;
}

export function Crumbs({ crumbs, locale }: { crumbs: readonly Crumb[]; locale: Locale }) {
  return (
    <nav class="crumbs" aria-label={text(locale, "page.place")}>
      {crumbs.map(({ label, address }, i) => (
        <>
          {i === 0 ? null : <Icon name="i-right" />}
          {address === undefined ? <span>{label}</span> : <a href={address}>{label}</a>}
        </>
      ))}
    </nav>
  );
}

/** Tasks, its folder, the task: what stands above a page of a task. */
export function taskCrumbs(task: { readonly folder: string }, locale: Locale): readonly Crumb[] {
  const tasks = { label: text(locale, "page.tasks"), address: "/tasks" };
  if (task.folder === "") return [tasks];
  return [tasks, { label: task.folder, address: `/tasks?${new URLSearchParams({ folder: task.folder })}` }];
}
