/** A task file that cannot be read, as the commands name it. */

/** `sync.ts:3:7: …`: the file, where in it, and what is wrong. */
export function brokenText(
  { file, place, message }: {
    readonly file: string;
    readonly place?: { readonly line: number; readonly column: number } | undefined;
    readonly message: string;
  },
): string {
  return `${file}${place ? `:${place.line}:${place.column}` : ""}: ${message}`;
}
