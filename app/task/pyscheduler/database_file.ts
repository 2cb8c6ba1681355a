/** database.ini of PyScheduler with the type of each section, which its tasks tell by the function they ask it with. */
import { parseIni } from "../../base/ini.ts";

export interface DatabaseFile {
  readonly text: string;
  /** Sentences on what could not be found out. */
  readonly problems: readonly string[];
}

const QUERY =
  /execute_(mysql|pgsql|oracle|sqlserver)_query\(\s*(?:db_name\s*=\s*)?[rRuU]?(["'])([^"'\n]+)\2/g;
const TYPES: Readonly<Record<string, string>> = {
  mysql: "mysql",
  pgsql: "postgresql",
  oracle: "oracle",
  sqlserver: "sqlserver",
};
const PORTS: Readonly<Record<string, string>> = {
  "3306": "mysql",
  "5432": "postgresql",
  "1521": "oracle",
  "1433": "sqlserver",
};

/** Which types the Python files use each section as. */
export function usedTypes(sources: Iterable<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const [, kind = "", , name = ""] of source.matchAll(QUERY)) {
      const types = used.get(name) ?? new Set();
      used.set(name, types.add(TYPES[kind] ?? kind));
    }
  }
  return used;
}

/**
 * The file as it is, with a line for the type in each section that has none, and one for the zone of its sessions: those of
 * PyScheduler had the server's own.
 *
 * @param file for messages
 * @param zone of the machine; nothing is written for UTC, which is Carillon's own
 * @throws IniError where it cannot be read
 */
export function withTypes(
  text: string,
  file: string,
  used: ReadonlyMap<string, ReadonlySet<string>>,
  zone: string,
): DatabaseFile {
  const problems: string[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const sections = [...parseIni(text, file, { lenient: true }).values()];
  // From the last to the first: what is put in moves only what is below.
  for (const { name, line, entries } of sections.toSorted((a, b) => b.line - a.line)) {
    const added: string[] = [];
    if (!entries.has("type")) {
      const types = [...used.get(name) ?? []];
      const type = types[0] ?? PORTS[entries.get("port")?.value ?? ""] ??
        (entries.has("service_name") ? "oracle" : undefined);
      if (type !== undefined) added.push(`type = ${type}`);
      if (types.length > 1) {
        problems.push(
          `${file}, line ${line}, section [${name}]: the tasks use it as ${
            types.join(" and ")
          }; it is written as ${type}`,
        );
      } else if (type === undefined) {
        problems.push(
          `${file}, line ${line}, section [${name}]: nothing says what type it is of; write type = mysql, or another`,
        );
      }
    }
    if (!entries.has("timezone") && zone !== "UTC") added.push(`timezone = ${zone}`);
    lines.splice(line, 0, ...added);
  }
  return { text: lines.join("\n").replace(/\n*$/, "\n"), problems: problems.toReversed() };
}
