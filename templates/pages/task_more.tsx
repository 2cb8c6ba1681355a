/** The rest of a task's row: what its columns have no room for, and what can be done to it. */
import { text } from "../../app/locale/locale.ts";
import type { TaskView, ViewerView } from "../views.ts";
import { NextRun, Tags, Warnings } from "../components/basics.tsx";
import { AskButton } from "../components/buttons.tsx";
import { RepauseButton } from "../components/pause.tsx";
import { DialogTitle } from "../components/dialog_parts.tsx";

export function TaskMore(
  { task, viewer, inDialog }: { task: TaskView; viewer: ViewerView; inDialog: boolean },
) {
  const { locale, may } = viewer;
  const page = `/tasks/${encodeURIComponent(task.id)}`;
  const word = task.paused ? "resume" : "pause";
  return (
    <section class="question">
      <DialogTitle inDialog={inDialog} locale={locale}>
        {task.title} <span class="id">{task.file}</span>
      </DialogTitle>
      <div class="body">
        {task.description === undefined ? null : <p>{task.description}</p>}
        <Warnings sentences={task.warnings} />
        <dl class="pairs">
          <dt>{text(locale, "task.trigger")}</dt>
          <dd>
            {task.trigger} <code class="quiet">{task.rule}</code>
          </dd>
          <dt>{text(locale, "task.next")}</dt>
          <dd>
            <NextRun task={task} viewer={viewer} />
          </dd>
          {task.policies.map(({ name, value }) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
          {task.tags.length === 0 ? null : (
            <>
              <dt>{text(locale, "filter.tag")}</dt>
              <dd>
                <Tags tags={task.tags} />
              </dd>
            </>
          )}
        </dl>
      </div>
      <footer>
        <p></p>
        {may("source", task.id)
          ? <a class="btn plain" href={`${page}/source`}>{text(locale, "task.source")}</a>
          : null}
        {task.rule === "" || !may("pause", task.id) ? null : (
          <>
            {task.paused ? <RepauseButton task={task} locale={locale} /> : null}
            <AskButton
              address={`${page}/${word}`}
              label={text(locale, `task.${word}_more`)}
              name={text(locale, `task.${word}_of`, { task: task.title })}
            />
          </>
        )}
        <a class="btn" href={page} autofocus>{text(locale, "task.look")}</a>
      </footer>
    </section>
  );
}
