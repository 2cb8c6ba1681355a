/** Writes what was salvaged of another file where this one has not got it, or has less of it. */
import type { Found } from "./salvage/shapes.ts";
import { SAVE_RUN, toRow } from "./rows.ts";
import type { Statements } from "./statements.ts";
import { writeState } from "./states.ts";

export function take(sql: Statements, found: Found): void {
  switch (found.kind) {
    case "run":
      return sql.run(SAVE_RUN, ...toRow(found.run));
    case "line": {
      const { at, level, text } = found.line;
      return sql.run(INSERT_LINE, found.runId, found.number, at, level, text);
    }
    case "state": {
      // Two versions of one state may be found; the later one is further.
      const known = sql.one("SELECT settled_to FROM task_states WHERE task_id = ?", found.taskId);
      if (known && Number(known.settled_to) >= found.state.settledTo) return;
      return writeState(sql, found.taskId, found.state);
    }
    case "mark":
      return sql.run(
        "INSERT INTO watermarks VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        found.taskId,
        found.name,
        JSON.stringify(found.value),
      );
    case "alive":
      return sql.run(
        "INSERT INTO meta VALUES ('alive', ?) ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)",
        found.at,
      );
    case "artifact":
      return sql.run("INSERT INTO artifacts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", ...found.row);
    case "code":
      return sql.run("INSERT INTO code VALUES (?, ?, ?) ON CONFLICT DO NOTHING", ...found.row);
  }
}

/** A line that is there already stays as it is. */
export const INSERT_LINE =
  "INSERT INTO lines (run_id, number, at, level, text) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
