/** How a file that a run has left is handed out: whatever is in it, it is only ever saved and never shown. */
import type { Artifact } from "../model/history.ts";

export const BYTES = "application/octet-stream" as const;

/** Header fields beside the type. */
export function downloadHeaders({ path, bytes }: Artifact): Readonly<Record<string, string>> {
  return {
    "content-length": String(bytes),
    "content-disposition": `attachment; filename*=UTF-8''${encoded(path)}`,
    "x-content-type-options": "nosniff",
  };
}

/** RFC 8187: letters, digits and a few signs stand as they are. */
function encoded(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
