/** Questions to the audit, as its page, the API and the CLI ask them. */
import type { Audit } from "../../audit/log.ts";
import { type AuditPage, type AuditQuery, exportLines, find } from "../../audit/read.ts";

export class AuditQueries {
  constructor(readonly parts: Pick<Audit, "folder" | "trouble">) {}

  /** Lines that match, the newest first. */
  find(query: AuditQuery, limit: number): Promise<AuditPage> {
    return find(this.parts.folder, query, limit);
  }

  /** Lines that match, in their order, each as it is written. */
  export(query: AuditQuery): AsyncIterable<string> {
    return exportLines(this.parts.folder, query);
  }

  /** Why nothing can be written; undefined while it can be. */
  trouble(): string | undefined {
    return this.parts.trouble;
  }
}
