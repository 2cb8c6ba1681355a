/** What belongs to runs besides their logs: files that they have left, and the code they were run with. */
import type { EpochMs } from "../../base/time.ts";
import type { Artifact } from "../../model/history.ts";
import { text, whole } from "./rows.ts";
import type { Statements } from "./statements.ts";

export function writeArtifact(sql: Statements, runId: string, number: number, artifact: Artifact): void {
  const { title, path, bytes, at } = artifact;
  sql.run(
    "INSERT INTO artifacts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    runId,
    number,
    title,
    path,
    bytes,
    at,
  );
}

export function readArtifacts(sql: Statements, runId: string): readonly Artifact[] {
  return sql.all("SELECT title, path, bytes, at FROM artifacts WHERE run_id = ? ORDER BY number", runId)
    .map((row) => ({
      title: text(row.title),
      path: text(row.path),
      bytes: whole(row.bytes),
      at: whole(row.at),
    }));
}

/** Its age counts from when it was last loaded. */
export function writeCode(sql: Statements, version: string, code: string, now: EpochMs): void {
  sql.run(
    `INSERT INTO code VALUES (?, ?, ?)
     ON CONFLICT (version) DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)`,
    version,
    code,
    now,
  );
}

export function readCode(sql: Statements, version: string): string | undefined {
  const row = sql.one("SELECT text FROM code WHERE version = ?", version);
  return row && text(row.text);
}
