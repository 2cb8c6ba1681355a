/** Files that are no task, with the lines around the place that is wrong. */
import { toldText } from "../locale/sentence.ts";
import type { Queries } from "../service/queries.ts";
import type { BrokenFile } from "../task/registry.ts";
import type { BrokenFileView } from "../../templates/components/broken_files.tsx";
import type { ViewerView } from "../../templates/views.ts";
import { shortMoment } from "../locale/moments.ts";
import { plainLine } from "./ansi.ts";
import { sourceLine } from "./paths.ts";
import { linesAround } from "./source_code.ts";

export function brokenViews(
  queries: Queries,
  files: readonly BrokenFile[],
  { now, zone, locale, may }: ViewerView,
): readonly BrokenFileView[] {
  return files.map((file) => {
    const { place, taskId, retryAt } = file;
    // What a program says of a file may be coloured for a terminal.
    const message = plainLine(toldText(file, locale));
    const code = place && queries.tasks.brokenSource(file);
    return {
      ...file,
      message,
      retry: retryAt === undefined ? undefined : shortMoment(retryAt, now, zone, locale),
      lines: code === undefined || !place ? undefined : linesAround(code, place.line, 1, 1),
      address: taskId !== undefined && place && may("source", taskId)
        ? sourceLine(taskId, place.line)
        : undefined,
    };
  });
}
