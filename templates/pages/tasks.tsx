/** The table of all tasks, alone. */
import type { Child } from "hono/jsx";
import { text } from "../../app/locale/locale.ts";
import { Poll, TaskTable, type TaskTableProps } from "../components/task_table.tsx";
import { TaskFilterForm } from "../components/task_filter_form.tsx";
import { TaskSelection } from "../components/task_selection.tsx";
import { FirstStart } from "../components/first_start.tsx";

export interface TaskListProps extends TaskTableProps {
  /** Address that asks for what has changed. */
  readonly poll: string;
  readonly busy: boolean;
  readonly form: Parameters<typeof TaskFilterForm>[0];
}

/** The list with all that belongs to it; `/` has it below what needs a person. */
export function TaskListSection({ children, ...props }: TaskListProps & { children?: Child }) {
  const { viewer: { locale }, total, folder } = props;
  if (total === 0) {
    return (
      <>
        <Poll address={props.poll} busy={props.busy} />
        <div id="list">
          <FirstStart folder={folder} locale={locale} />
        </div>
      </>
    );
  }
  return (
    <section id="tasks" class="tasks" aria-label={text(locale, "page.tasks")}>
      <Poll address={props.poll} busy={props.busy} />
      {children}
      <TaskFilterForm {...props.form} />
      <TaskTable {...props} />
      <TaskSelection viewer={props.viewer} />
    </section>
  );
}
