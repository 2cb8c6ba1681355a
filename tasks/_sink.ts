/** Where `get_test_data` hands its rows: a table here; an API or a message queue elsewhere. */
import { type Row, transaction } from "carillon";

/** Writes the rows that are not there yet and returns how many those were. */
export async function store(rows: readonly Row[], signal: AbortSignal): Promise<number> {
  return await transaction("test_db", async (tx) => {
    let added = 0;
    for (const { id, name, value, create_time } of rows) {
      const known = await tx.query("SELECT id FROM tbl_synced WHERE id = :id", { id });
      if (known.length > 0) continue;
      added += await tx.execute(
        "INSERT INTO tbl_synced (id, name, value, create_time) VALUES (:id, :name, :value, :create_time)",
        { id, name, value, create_time },
      );
    }
    return added;
  }, { signal });
}
