/** Kind `files`: each new file, as a task's `watch` names them. It has no instants; whoever looks at the folders fires it. */
import { sentence, wrongWith } from "../locale/sentence.ts";
import { list, text } from "../locale/locale.ts";
import { TriggerError } from "./errors.ts";
import { NO_FIRES } from "./fires.ts";
import type { TriggerKind } from "./kind.ts";

export interface FilesSpec {
  readonly kind: "files";
  readonly files: readonly string[];
}

export const filesKind: TriggerKind<FilesSpec> = {
  read() {
    throw new TriggerError(wrongWith("files", sentence("mistake.files_trigger")));
  },
  compile: ({ files }, { timezone }) => ({
    fires: NO_FIRES,
    words: (locale) => text(locale, "trigger.files", { files: list(locale, files) }),
    rule: `files[${files.join(", ")}]`,
    timezone,
    usesDefaultZone: false,
    isRhythm: false,
    onFiles: true,
  }),
};
