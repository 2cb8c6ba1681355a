/** The columns of a table of PostgreSQL, as its catalog has them. */
import type { Row } from "../../database.ts";

export interface TargetColumn {
  readonly name: string;
  /** `json` for json and jsonb, `list` for arrays. */
  readonly kind: "json" | "list" | "other";
  /** Of a floating point number. */
  readonly floatBytes?: 4 | 8 | undefined;
  /** `GENERATED ALWAYS AS IDENTITY`. */
  readonly alwaysIdentity: boolean;
}

export const COLUMNS_SQL = `SELECT a.attname AS name, t.typcategory AS category, t.typname AS type,
  a.attidentity AS identity FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`;

export function targetColumns(rows: readonly Row[]): TargetColumn[] {
  return rows.map(({ name, category, type, identity }) => ({
    name: String(name),
    kind: type === "json" || type === "jsonb" ? "json" : category === "A" ? "list" : "other",
    floatBytes: type === "float8" ? 8 : type === "float4" ? 4 : undefined,
    alwaysIdentity: identity === "a",
  }));
}
