/** The file of an embedded database: made once, complete with its tables, or not at all. */
import { existsSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { codeOf, messageOf } from "../../../app/base/errors.ts";
import { systemReason } from "../../../app/base/system_error.ts";
import { readUtf8 } from "../../../app/base/utf8.ts";
import { CannotConnectError, DatabaseError } from "../../errors.ts";
import type { SqliteSettings } from "../../settings.ts";

/**
 * Makes the file, with its schema, if it is not there yet. It appears under its name complete or not at all, also when
 * several threads do this at once.
 */
export function createSqliteFile(
  { file, schema, name }: Pick<SqliteSettings, "file" | "schema" | "name">,
): void {
  if (file === ":memory:" || existsSync(file)) return;
  const draft = `${file}.${crypto.randomUUID()}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (schema === undefined) return;
    const db = new DatabaseSync(draft);
    try {
      db.exec(readUtf8(schema));
    } finally {
      db.close();
    }
    linkSync(draft, file);
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return;
    if (schema === undefined || codeOf(cause) !== undefined) {
      throw new CannotConnectError(`SQLite ${name}: ${file} cannot be opened: ${systemReason(cause)}`, {}, {
        cause,
      });
    }
    throw new DatabaseError(
      `SQLite ${name}: ${file} could not be created from ${schema}: ${messageOf(cause)}`,
      {},
      {
        cause,
      },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}
