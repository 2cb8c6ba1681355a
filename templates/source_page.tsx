/** A task's file, line by line; each line has an address of its own. */
import type { BrokenFile } from "../app/task/registry.ts";
import { type Locale, text } from "../app/locale/locale.ts";
import { BrokenFiles } from "./parts.tsx";
import type { TaskView } from "./views.ts";

/** A line as pieces of text, some of them of a kind that has a colour. */
export type SourceLine = readonly { readonly text: string; readonly kind?: string }[];

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
      <h1>
        <a href={`/tasks/${encodeURIComponent(task.id)}`}>{task.title}</a>
      </h1>
      <BrokenFiles files={broken} locale={locale} />
      <h2>
        <code>{task.file}</code>
      </h2>
      <pre class="source" tabindex={0} aria-label={text(locale, "page.source", { file: task.file })}>
        {lines.map((line, i) => (
          <>
            <span id={`L${i + 1}`} class={i + 1 === bad ? "line line-bad" : "line"}>
              <a class="number" href={`#L${i + 1}`} tabindex={-1}>{String(i + 1)}</a>
              {line.map(({ text: piece, kind }) => kind === undefined ? piece : <span class={`code-${kind}`}>{piece}</span>)}
            </span>
            {"\n"}
          </>
        ))}
      </pre>
    </>
  );
}
