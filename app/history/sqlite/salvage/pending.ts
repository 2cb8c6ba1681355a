/** Which files are being brought over, and how far they are, so that the next start goes on with them. */
import { text, whole } from "../rows.ts";
import type { Statements } from "../statements.ts";

export class PendingSalvages {
  constructor(readonly sql: Statements) {}

  all(): readonly (readonly [file: string, page: number])[] {
    return this.sql.all("SELECT file, page FROM salvages").map(({ file, page }) => [text(file), whole(page)]);
  }

  save(file: string, page: number): void {
    this.sql.run(
      "INSERT INTO salvages VALUES (?, ?) ON CONFLICT (file) DO UPDATE SET page = excluded.page",
      file,
      page,
    );
  }

  /** The file is read to its end. */
  remove(file: string): void {
    this.sql.run("DELETE FROM salvages WHERE file = ?", file);
  }
}
