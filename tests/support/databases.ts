/** PostgreSQL, MariaDB and SQLite side by side, as sections `pg`, `my` and `lite` of a database.ini, for tests of what all promise. */
import { closeDatabases, setDatabaseFile } from "../../datasource/datasource.ts";
import { makeFolder, type TestFolder } from "./folder.ts";
import {
  mariadbProgram,
  type OwnServer,
  postgresProgram,
  sectionFor,
  startMariadb,
  startPostgres,
} from "./servers.ts";

/** Both servers are here. */
export const hasServers = postgresProgram() !== undefined && mariadbProgram() !== undefined;

export interface TestDatabases extends AsyncDisposable {
  readonly pg: OwnServer;
  readonly my: OwnServer;
  readonly folder: TestFolder;
  /** Uses database.ini anew, with more keys in the sections and more sections. */
  configure(more?: Readonly<Partial<Record<"pg" | "my" | "lite", string>>>, sections?: string): Promise<void>;
}

export async function startDatabases(): Promise<TestDatabases> {
  const [pg, my] = await Promise.all([startPostgres(), startMariadb()]);
  const folder = makeFolder();
  const configure = async (
    more: Readonly<Partial<Record<"pg" | "my" | "lite", string>>> = {},
    sections = "",
  ) => {
    await closeDatabases();
    const text = [
      sectionFor("pg", pg) + (more.pg ?? ""),
      sectionFor("my", my) + (more.my ?? ""),
      `[lite]\ntype = sqlite\ndatabase = lite.db\n${more.lite ?? ""}`,
      sections,
    ].join("\n");
    setDatabaseFile(folder.write("database.ini", text));
  };
  await configure();
  return {
    pg,
    my,
    folder,
    configure,
    async [Symbol.asyncDispose]() {
      await closeDatabases();
      await Promise.all([pg[Symbol.asyncDispose](), my[Symbol.asyncDispose]()]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** What would otherwise hang the whole test run fails by itself. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: still waiting after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
