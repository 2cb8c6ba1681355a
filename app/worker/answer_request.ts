/** In a host: answers questions about task files, parameters and databases. */
import { testDatabase } from "../../datasource/datasource.ts";
import { codeOf } from "../base/errors.ts";
import type { Sentence } from "../base/sentence.ts";
import { changed, saidBy, sentence, sentenceOf, wrongWith } from "../locale/sentence.ts";
import { DefinitionError } from "../policy/option.ts";
import type { Mask } from "../base/mask.ts";
import { readUtf8 } from "../base/utf8.ts";
import type { CalendarDays } from "../policy/calendar_file.ts";
import { describeTasks, paramsOf } from "../task/description.ts";
import type { ModuleExports } from "../task/exported.ts";
import { errorFacts } from "./error_facts.ts";
import type { HostAnswer, HostRequest } from "./messages.ts";
import { readTask } from "./task_code.ts";

/** Never rejects: whatever goes wrong is an answer. */
export async function answerRequest(request: HostRequest, mask: Mask): Promise<HostAnswer> {
  try {
    switch (request.kind) {
      case "describe": {
        const loaded = await import(request.module) as ModuleExports;
        const readCalendar = (file: string) => readCalendarFile(file, request.module);
        return { kind: "described", descriptions: await describeTasks(loaded, readCalendar) };
      }
      case "params":
        return { kind: "params", params: paramsOf((await readTask(request, {})).task.params) };
      case "test_database":
        return { kind: "database_tested", ...await testDatabase(request.name) };
      case "check":
        return { kind: "checked", problems: (await readTask(request, request.params)).problems };
    }
  } catch (error) {
    return { kind: "failed", error: errorFacts(error, mask), sentence: safeSentence(error, mask) };
  }
}

/** A getter of an error may throw. */
function safeSentence(error: unknown, mask: Mask): Sentence | undefined {
  try {
    const said = sentenceOf(error);
    return said && changed(said, mask);
  } catch {
    return undefined;
  }
}

async function readCalendarFile(file: string, module: string): Promise<CalendarDays> {
  const { readCalendarDays } = await import("../policy/calendar_file.ts");
  try {
    return readCalendarDays(readUtf8(new URL(file, module)), Temporal.Now.plainDateISO());
  } catch (cause) {
    const why = codeOf(cause) === "ENOENT" ? sentence("mistake.calendar.no_file") : saidBy(cause);
    const said = wrongWith("calendar.file", wrongWith(`"${file}"`, why));
    throw new DefinitionError(wrongWith("defineTask", said), { cause });
  }
}
