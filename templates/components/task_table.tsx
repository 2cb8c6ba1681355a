/** The table of tasks: a line a task, by folder or tag. */
import type { Child } from "hono/jsx";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import type { ViewerView } from "../views.ts";
import { counted, Live } from "./basics.tsx";
import { AskButton } from "./buttons.tsx";
import { Axis, type AxisLabel } from "./lane.tsx";
import { Icon, Sign } from "./sign.tsx";
import { mayBeChosen } from "./task_selection.tsx";

export interface TaskGroupView {
  /** Folder or tag; empty for neither. */
  readonly name: string;
  /** Identifies it within the page. */
  readonly key: string;
  readonly count: number;
  readonly failed: number;
  readonly running: number;
  /** Address of the question whether to pause its tasks. */
  readonly pause: string;
  /** Address of the list with the group opened or closed, where a long list has its groups folded. */
  readonly toggle?: string | undefined;
  /** The rows as they are; undefined where the group is folded, and its tasks are but named. */
  readonly rows?: Child | undefined;
  readonly names?: readonly { readonly address: string; readonly title: string }[] | undefined;
}

export interface SortView {
  readonly column: "name" | "next" | "last" | "took" | "failed";
  readonly address: string;
  readonly state?: "ascending" | "descending" | undefined;
}

export interface TaskTableProps {
  readonly viewer: ViewerView;
  readonly total: number;
  readonly shown: number;
  readonly groups: readonly TaskGroupView[];
  readonly byTag: boolean;
  readonly chips: readonly ChipView[];
  readonly sorts: readonly SortView[];
  readonly axis: readonly AxisLabel[];
  /** Addresses of the questions whether to pause and resume what is shown; undefined where there is nothing to. */
  readonly pause?: string | undefined;
  readonly resume?: string | undefined;
  readonly folder: string;
}

/** One choice of several, as a link that keeps the rest of the filter. */
export interface ChipView {
  readonly label: string;
  readonly address: string;
  readonly n?: number | undefined;
  readonly current: boolean;
  readonly sign?: "s-bad" | "s-run" | "s-pause" | "s-ok" | "s-skip" | "s-miss" | "s-int" | undefined;
  readonly tone?: string | undefined;
}

export function Chips({ chips, label }: { chips: readonly ChipView[]; label: string }) {
  return (
    <nav class="chips" aria-label={label}>
      {chips.map((chip) => (
        <a class="chip" href={chip.address} aria-current={chip.current ? "true" : undefined}>
          {chip.sign === undefined ? null : <Sign name={chip.sign} tone={chip.tone ?? ""} />}
          {chip.label}
          {chip.n === undefined ? null : <span class="n">{chip.n}</span>}
        </a>
      ))}
    </nav>
  );
}

export function TaskTable(props: TaskTableProps) {
  const { viewer: { locale }, groups, shown } = props;
  return (
    <div id="list">
      <ListHead {...props} />
      {shown === 0 ? <p class="quiet pad">{text(locale, "tasks.no_match")}</p> : (
        <div class="sheet">
          <table class="table rows">
            <caption class="sr">{text(locale, "page.tasks")}</caption>
            <Head {...props} />
            {groups.map((group, i) => (
              <Group
                group={group}
                single={groups.length === 1}
                isFar={linesOf(groups.slice(0, i)) >= NEAR_LINES}
                {...props}
              />
            ))}
          </table>
        </div>
      )}
    </div>
  );
}

/** How many there are, and what can be done to all that are shown. */
export function ListHead({ viewer: { locale }, total, shown, chips, pause, resume }: TaskTableProps) {
  return (
    <div id="list-head" class="bar">
      <h2>
        <span role="status">
          {shown === total
            ? counted(locale, "tasks.count", total)
            : text(locale, "tasks.some", { n: shown, total })}
        </span>
      </h2>
      <Chips chips={chips} label={text(locale, "filter.status")} />
      <span class="grow"></span>
      {pause === undefined
        ? null
        : <AskButton address={pause} label={text(locale, "tasks.pause_all")} look="btn s plain" />}
      {resume === undefined
        ? null
        : <AskButton address={resume} label={text(locale, "tasks.resume_all")} look="btn s plain" />}
    </div>
  );
}

function Head({ viewer, sorts, axis }: TaskTableProps) {
  const { locale } = viewer;
  const sorting = (column: SortView["column"], look: string, label: string) => {
    const sort = sorts.find((each) => each.column === column);
    return (
      <th scope="col" class={look} aria-sort={sort?.state}>
        <a href={sort?.address}>
          {label}
          {sort?.state === undefined ? null : <Icon name={sort.state === "ascending" ? "i-down" : "i-up"} />}
        </a>
      </th>
    );
  };
  return (
    <thead>
      <tr>
        <td class="c-sel">
          {mayBeChosen(viewer)
            ? (
              <label class="pick" hidden data-script-only>
                <input type="checkbox" data-all aria-label={text(locale, "select.all")} />
              </label>
            )
            : null}
        </td>
        <th scope="col" class="c-state">{text(locale, "task.outcome")}</th>
        {sorting("name", "c-name", text(locale, "task.name"))}
        <th scope="col" class="c-tag">
          <span class="sr">{text(locale, "task.now")}</span>
        </th>
        {sorting("next", "c-next num", text(locale, "task.next_short"))}
        {sorting("last", "c-last num", text(locale, "task.last_short"))}
        {sorting("took", "c-took num", text(locale, "task.took"))}
        {sorting("failed", "c-failed num", text(locale, "task.failed"))}
        <th scope="col" class="c-lane">
          <span class="sr">{text(locale, "task.lane")}</span>
          <Axis labels={axis} />
        </th>
        <th scope="col" class="c-said">{text(locale, "task.said")}</th>
        <th scope="col" class="c-rule">{text(locale, "task.trigger")}</th>
        <th scope="col" class="c-act">
          <span class="sr">{text(locale, "task.actions")}</span>
        </th>
      </tr>
    </thead>
  );
}

/** Cells of a line that says one thing: a `colspan` over columns that are hidden would take their width. */
const REST = ["c-next", "c-last", "c-took", "c-failed", "c-lane", "c-said", "c-rule"] as const;

/** What comes after so many lines is below any first screen; the style sheet has the same number for a long group. */
const NEAR_LINES = 32;

function linesOf(groups: readonly TaskGroupView[]): number {
  return groups.reduce((sum, { rows, count }) => sum + 1 + (rows === undefined ? 0 : count), 0);
}

function Group(
  { group, single, isFar, ...props }: TaskTableProps & {
    group: TaskGroupView;
    single: boolean;
    isFar: boolean;
  },
) {
  const plain = single && group.name === "" && group.toggle === undefined;
  return (
    <tbody id={`group-${group.key}`} data-far={isFar ? "" : undefined}>
      {plain ? null : <GroupHead group={group} {...props} />}
      {group.rows ?? null}
      {group.rows !== undefined || group.names === undefined ? null : (
        <tr class="names">
          <td class="c-sel"></td>
          <td class="c-names" colspan={3}>
            {group.names.map(({ address, title }) => <a href={address}>{title}</a>)}
          </td>
        </tr>
      )}
    </tbody>
  );
}

export function GroupHead(
  { group, byTag, viewer: { locale, mayAny } }: { group: TaskGroupView; byTag: boolean; viewer: ViewerView },
) {
  return (
    <tr class="folder" id={`head-${group.key}`}>
      <td class="c-sel"></td>
      <th scope="rowgroup" class="c-group" colspan={3}>
        <GroupName group={group} label={nameOf(group.name, byTag, locale)} />
        <span class="facts">
          {group.failed === 0 ? null : (
            <span class="bad">
              <Sign name="s-bad" />
              {counted(locale, "count.failed", group.failed)}
            </span>
          )}
          {group.running === 0 ? null : (
            <span class="busy">
              <Sign name="s-run" />
              {`${group.running} ${text(locale, "count.running")}`}
            </span>
          )}
        </span>
      </th>
      {REST.map((look) => <td class={look}></td>)}
      <td class="c-act">
        <span class="act">
          {!mayAny("pause") ? null : (
            <AskButton
              address={group.pause}
              look="btn s plain late"
              label={text(locale, "task.pause_more")}
              name={text(locale, "tasks.pause_group", { group: nameOf(group.name, byTag, locale) })}
            />
          )}
        </span>
      </td>
    </tr>
  );
}

function GroupName({ group, label }: { group: TaskGroupView; label: string }) {
  const words = (
    <>
      <Icon name="i-down" />
      <b>{label}</b> <span class="quiet">{group.count}</span>
    </>
  );
  if (group.toggle === undefined) {
    return (
      <button type="button" class="fold" data-folder={group.name} aria-expanded="true" title={label}>
        {words}
      </button>
    );
  }
  return (
    <a
      class="fold"
      href={group.toggle}
      hx-get={group.toggle}
      hx-target="#live"
      hx-swap="outerMorph"
      data-closed={group.rows === undefined}
    >
      {words}
    </a>
  );
}

export function nameOf(group: string, byTag: boolean, locale: Locale): string {
  if (group === "") return text(locale, byTag ? "tasks.no_tag" : "tasks.top_folder");
  return byTag ? group : `${group}/`;
}

/** Asks for what has changed; it shows nothing itself. */
export function Poll({ address, busy }: { address: string; busy: boolean }) {
  return <Live address={address} seconds={busy ? 1 : 3} look="poll" />;
}
