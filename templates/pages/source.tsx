/** A task's file, line by line; each line has an address of its own. */
import type { BrokenFile } from "../../app/task/registry.ts";
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";
import { BrokenFiles } from "../components/broken_files.tsx";
import { Pieces, type SourceLine } from "../components/code.tsx";
import { Crumbs, taskCrumbs } from "../components/crumbs.tsx";
import type { TaskView } from "../views.ts";

export function SourcePage(
  { locale, task, lines, broken }: {
    locale: Locale;
    task: TaskView;
    lines: readonly SourceLine[];
    broken: readonly BrokenFile[];
  },
) {
  const bad = broken.find(({ path }) => path === task.file)?.place?.line;
  return (
    <>
      <Crumbs
        crumbs={[...taskCrumbs(task, locale), {
          label: task.id,
          address: `/tasks/${encodeURIComponent(task.id)}`,
        }]}
        locale={locale}
      />
      <h1>
        <a href={`/tasks/${encodeURIComponent(task.id)}`}>{task.title}</a>
      </h1>
      <BrokenFiles files={broken} locale={locale} />
      <h2>
        <code>{task.file}</code>
      </h2>
      <pre class="source sheet" tabindex={0} aria-label={text(locale, "page.source", { file: task.file })}>
        {lines.map((line, i) => (
          <>
            <span id={`L${i + 1}`} class={i + 1 === bad ? "line line-bad" : "line"}>
              <a class="number" href={`#L${i + 1}`} tabindex={-1}>{String(i + 1)}</a>
              <Pieces line={line} />
            </span>
            {"\n"}
          </>
        ))}
      </pre>
    </>
  );
}
