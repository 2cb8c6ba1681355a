/** `GET /tasks/:id/source`: the task's file as it is now, line by line. */
import type { Hono } from "hono";
import { join } from "node:path";
import { parse, type TokenType } from "sugar-high/core";
import * as typescript from "sugar-high/lang/typescript";
import { type SourceLine, SourcePage } from "../../templates/source_page.tsx";
import { text } from "../locale/locale.ts";
import type { WebParts } from "./app.ts";
import { answerPage, frameOf, revalidated } from "./document.tsx";
import { RequestProblem } from "./problem.ts";
import { taskOf, taskView } from "./views.ts";

/** Longer files are shown without colours: they are made in the scheduler's thread. */
const MAX_COLOURED = 100_000;
/** What is told apart by colour. */
const COLOURED: readonly TokenType[] = ["keyword", "string", "comment", "class"];

export function serveSourcePage(app: Hono, parts: WebParts): void {
  const { carillon } = parts;
  app.get("/tasks/:id/source", revalidated, async (context) => {
    const task = taskOf(carillon, context.req.param("id"));
    const frame = frameOf(context, parts);
    const { locale } = frame.viewer;
    let code: string;
    try {
      code = await Deno.readTextFile(join(carillon.config.scheduler.tasks, task.path));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new RequestProblem(404, "problem.no_file", { file: task.path });
    }
    const view = taskView(carillon, task, locale);
    const content = (
      <SourcePage
        locale={locale}
        task={view}
        lines={linesOf(code)}
        broken={carillon.registry.broken.filter(({ taskId }) => taskId === task.id)}
      />
    );
    return await answerPage(context, frame, {
      title: text(locale, "page.source", { file: task.path }),
      content,
    });
  });
}

function linesOf(code: string): SourceLine[] {
  if (code.length > MAX_COLOURED) return code.split("\n").map((line) => [{ text: line }]);
  return parse(code, typescript).lines.map(({ tokens }) =>
    tokens.map(({ type, value }) => COLOURED.includes(type) ? { text: value, kind: type } : { text: value })
  );
}
