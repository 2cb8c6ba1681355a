/** The table of tasks as it is asked for: whole, or only the rows that have changed since. */
import { raw } from "hono/html";
import type { Context } from "hono";
import { Part } from "../../templates/components/basics.tsx";
import {
  GroupHead,
  ListHead,
  Poll,
  type TaskGroupView,
  TaskTable,
} from "../../templates/components/task_table.tsx";
import type { TaskListProps } from "../../templates/pages/tasks.tsx";
import type { ViewerView } from "../../templates/views.ts";
import type { Queries } from "../service/queries.ts";
import { hourLabels } from "./axis.ts";
import type { WebContext } from "./context.ts";
import { path, withQuery } from "./paths.ts";
import { RowKeeper } from "./row_keeper.tsx";
import {
  folderOf,
  hasState,
  type ListedTask,
  NAMES,
  NONE,
  passesFilter,
  sorted,
  type TaskFilter,
  taskStateChoices,
  titleOf,
} from "./task_filter.ts";
import { chipViews, sortViews } from "./task_list_head.ts";
import { epochOf, laneWindow, taskRowView } from "./task_rows.ts";
import { durationOf } from "../model/run.ts";

/** Above so many rows groups are folded, and their rows are made when they are opened. */
const MAX_ROWS = 200;
const AXIS_LABELS = 8;
/** Kinds of viewers whose order of names is kept. */
const MAX_NAMES = 16;

/** What a page of the list is asked by, beside its filter. */
export interface ListRequest {
  readonly viewer: ViewerView;
  readonly filter: TaskFilter;
  /** Address of the page. */
  readonly page: string;
  /** What else the page's address holds, such as the window of Today. */
  readonly extra: Readonly<Record<string, string>>;
}

export class TaskLists {
  readonly #rows = new RowKeeper();
  /** Ids in the order of their names, by language and rights: it changes only where tasks come or go. */
  readonly #names = new Map<
    string,
    { readonly structure: number; readonly places: ReadonlyMap<string, number> }
  >();
  readonly #queries: Queries;

  constructor({ queries }: WebContext) {
    this.#queries = queries;
  }

  /** What a page hands back to ask for what has changed since. */
  revision({ now }: ViewerView): string {
    return `${this.#queries.activity.revision}.${epochOf(now)}`;
  }

  /** @param mark what the page knows beside its rows; it is handed back with the revision */
  async list(request: ListRequest, mark = ""): Promise<TaskListProps> {
    const { viewer, filter } = request;
    await this.#queries.activity.ready();
    const all = this.#all();
    const shown = this.#shown(all, filter, viewer);
    return this.#props(request, all, shown, this.#groups(shown, request), mark);
  }

  #props(
    { viewer, filter, page, extra }: ListRequest,
    all: readonly ListedTask[],
    shown: readonly ListedTask[],
    groups: readonly TaskGroupView[],
    mark: string,
  ): TaskListProps {
    const { locale } = viewer;
    const { runs, system } = this.#queries;
    this.#rows.keepOnly(new Set(all.map(({ task }) => task.id)), viewer);
    const address = (change: Partial<TaskFilter>) => withQuery(page, { ...extra, ...filter, ...change });
    const acting = actingOn(filter);
    const triggered = shown.filter(({ hasTrigger, task }) => hasTrigger && viewer.may("pause", task.id));
    return {
      viewer,
      total: all.length,
      shown: shown.length,
      groups,
      byTag: filter.group === "tag",
      chips: chipViews(all, filter, address, locale),
      sorts: sortViews(filter, (sort) => address({ sort })),
      axis: hourLabels(laneWindow(epochOf(viewer.now)), viewer.zone, AXIS_LABELS),
      pause: triggered.some(({ paused }) => !paused) ? withQuery("/pause", acting) : undefined,
      resume: triggered.some(({ paused }) => paused) ? withQuery("/resume", acting) : undefined,
      folder: system.settings.folder,
      poll: withQuery(page, {
        ...extra,
        ...filter,
        since: this.revision(viewer) + (mark === "" ? "" : `_${mark}`),
      }),
      busy: runs.unfinished().length > 0,
      form: {
        locale,
        action: page,
        ...filter,
        states: taskStateChoices(locale),
        tags: [...new Set(all.flatMap(({ task }) => task.description.tags))].toSorted(),
      },
    };
  }

  /** The whole list, for a page that has it already: the poll first, the list in its place. */
  static whole(props: TaskListProps) {
    return (
      <>
        <Poll address={props.poll} busy={props.busy} />
        <Part target="#list">
          <TaskTable {...props} />
        </Part>
      </>
    );
  }

  /**
   * Only the rows that have changed since a revision; undefined where the list has to be shown as a whole: tasks came or
   * went, time has moved its lanes on, or its choice and order depend on what has changed.
   */
  async changes(request: ListRequest, since: string, mark = "") {
    const { viewer, filter } = request;
    const { activity } = this.#queries;
    await activity.ready();
    const [boot = "", number = "", epoch] = since.split(".");
    const known = activity.numberOf(`${boot}.${number}`);
    if (known === undefined || Number(epoch) !== epochOf(viewer.now)) return undefined;
    if (known < activity.structure || filter.status !== "" || !/^-?(?:name)?$/.test(filter.sort)) {
      return undefined;
    }
    const all = this.#all();
    const shown = this.#shown(all, filter, viewer);
    const changed = shown.filter(({ task }) => activity.changedAt(task.id) > known);
    const names = new Set(changed.map((each) => groupOf(each, filter)));
    const isPlain = shown.every((each) => groupOf(each, filter) === "");
    const touched = isPlain ? [] : this.#groups(shown, request, names);
    const props = this.#props(request, all, shown, touched, mark);
    const folds = shown.length > MAX_ROWS;
    return (
      <>
        <Poll address={props.poll} busy={props.busy} />
        {changed.length === 0 ? null : (
          <Part target="#list-head">
            <ListHead {...props} />
          </Part>
        )}
        {touched.map((group) => (
          <Part target={`#head-${group.key}`}>
            <GroupHead group={group} byTag={props.byTag} viewer={viewer} />
          </Part>
        ))}
        {changed.filter((each) => !folds || filter.open.includes(groupOf(each, filter))).map((each) => (
          <Part target={`[id="task-${each.task.id}"]`}>{raw(this.#row(each, viewer))}</Part>
        ))}
      </>
    );
  }

  #all(): ListedTask[] {
    return [...this.#queries.tasks.briefs()].map((brief) => ({
      ...brief,
      activity: this.#queries.activity.of(brief.task.id),
    }));
  }

  #shown(all: readonly ListedTask[], filter: TaskFilter, viewer: ViewerView): readonly ListedTask[] {
    const { from } = laneWindow(epochOf(viewer.now));
    const places = this.#placesByName(viewer);
    return sorted(
      all.filter((each) => passesFilter(each, filter)),
      filter.sort,
      ({ task, activity }, column) => {
        switch (column) {
          case "name":
            return places.get(task.id);
          case "next":
            return this.#queries.tasks.nextOf(task.id) ?? undefined;
          case "last":
            return activity.outcome?.startedAt ?? activity.outcome?.queuedAt;
          case "took":
            return activity.outcome && durationOf(activity.outcome, viewer.now);
          case "failed":
            return activity.failures.since(from);
        }
      },
    );
  }

  #placesByName({ locale, access }: ViewerView): ReadonlyMap<string, number> {
    const { activity, tasks } = this.#queries;
    const key = `${locale} ${access}`;
    const kept = this.#names.get(key);
    if (kept?.structure === activity.structure) return kept.places;
    const names = [...tasks.briefs()].map(({ task }) => ({
      id: task.id,
      name: titleOf(task, locale).toLowerCase(),
    }));
    names.sort((a, b) => NAMES.compare(a.name, b.name));
    const places = new Map(names.map(({ id }, i) => [id, i]));
    const [oldest] = this.#names.keys();
    if (this.#names.size >= MAX_NAMES && oldest !== undefined) this.#names.delete(oldest);
    this.#names.set(key, { structure: activity.structure, places });
    return places;
  }

  /** @param wanted only these, and without their rows */
  #groups(
    shown: readonly ListedTask[],
    { viewer, filter, page, extra }: ListRequest,
    wanted?: ReadonlySet<string>,
  ): TaskGroupView[] {
    const folds = shown.length > MAX_ROWS;
    const byName = Map.groupBy(shown, (each) => groupOf(each, filter));
    // Those that are in no folder, or have no tag, come first.
    const asked = [...byName].filter(([name]) => wanted?.has(name) ?? true);
    return asked.toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([name, members]) => {
      const isOpen = !folds || filter.open.includes(name);
      const open = isOpen ? filter.open.filter((each) => each !== name) : [...filter.open, name];
      const group = name === "" ? NONE : name;
      const acting: Record<string, string> = filter.group === "tag" ? { first: group } : { folder: group };
      return {
        name,
        key: keyOf(name),
        count: members.length,
        failed: members.filter((each) => hasState(each, "failed")).length,
        running: members.filter((each) => hasState(each, "running")).length,
        pause: withQuery("/pause", { ...actingOn(filter), ...acting }),
        toggle: folds ? withQuery(page, { ...extra, ...filter, open }) : undefined,
        rows: isOpen ? raw(wanted ? "" : members.map((each) => this.#row(each, viewer)).join("")) : undefined,
        names: isOpen || wanted
          ? undefined
          : members.map(({ task }) => ({ address: path.task(task.id), title: titleOf(task, viewer.locale) })),
      };
    });
  }

  #row({ task: { id }, activity }: ListedTask, viewer: ViewerView): string {
    const epoch = epochOf(viewer.now);
    return this.#rows.row(
      id,
      activity.changed,
      epoch,
      viewer,
      () => taskRowView(this.#queries, id, epoch, viewer),
    );
  }
}

/** What chooses tasks, and not how they are shown: an action is about all that the filter lets through, and no more. */
function actingOn({ group: _, sort: __, open: ___, ...rest }: TaskFilter) {
  return rest;
}

/** Part of an answer's headers: the address as it would be typed, without what only the page asks by. */
export function showAddress(context: Context, request: ListRequest): void {
  context.header("hx-replace-url", withQuery(request.page, { ...request.extra, ...request.filter }));
}

function groupOf({ task }: ListedTask, { group }: TaskFilter): string {
  return group === "tag" ? task.description.tags[0] ?? "" : folderOf(task);
}

/** A group's name as an id: what cannot stand in one is written by its code. */
function keyOf(name: string): string {
  return `g${name.replace(/[^a-z\d]/gi, (sign) => `_${sign.codePointAt(0)?.toString(16)}`)}`;
}
