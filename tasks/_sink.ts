/** Where `get_test_data` hands its rows: a table here; an API or a message queue elsewhere. */
import { execute, type Row } from "carillon";

/** Writes the rows that are not there yet and returns how many those were. */
export async function store(rows: readonly Row[], signal: AbortSignal): Promise<number> {
  let added = 0;
  for (const { id, name, value, create_time } of rows) {
    added += await execute(
      "test_db",
      `INSERT INTO tbl_synced (id, name, value, create_time)
       SELECT :id, :name, :value, :create_time WHERE NOT EXISTS (SELECT 1 FROM tbl_synced WHERE id = :id)`,
      { id, name, value, create_time },
      { signal },
    );
  }
  return added;
}
