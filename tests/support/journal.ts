/** A journal that keeps its lines for the test to look at. */
import { createJournal, type Journal } from "../../app/base/journal.ts";

export interface KeptJournal {
  readonly journal: Journal;
  readonly lines: string[];
}

export function keptJournal(): KeptJournal {
  const lines: string[] = [];
  return { lines, journal: createJournal({ level: "debug", write: (line) => lines.push(line.trimEnd()) }) };
}
