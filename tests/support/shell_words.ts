/** Command lines as they stand in help. */

/** Parts a command line as a shell does, up to a pipe or a redirection. */
export function shellWords(line: string): string[] {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) =>
    double ?? single ?? plain ?? ""
  );
  const end = words.findIndex((word) => word === "|" || word === ">");
  return end === -1 ? words : words.slice(0, end);
}
