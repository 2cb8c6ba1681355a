/** `carillon init`: a folder with everything one needs to begin: settings, a database, example tasks. */
import { dirname, join } from "node:path";
import databaseSql from "../../datasource/test_db.sql" with { type: "text" };
import flaky from "../../tasks/flaky.ts" with { type: "text" };
import getTestData from "../../tasks/get_test_data.ts" with { type: "text" };
import heartbeat from "../../tasks/heartbeat.ts" with { type: "text" };
import localTime from "../../tasks/_local_time.ts" with { type: "text" };
import nightlyReport from "../../tasks/nightly_report.ts" with { type: "text" };
import sink from "../../tasks/_sink.ts" with { type: "text" };
import { allSettings } from "../config.ts";
import { expectWords, readArguments } from "./arguments.ts";
import { type ExitCode, UsageError } from "./errors.ts";
import { print } from "./output.ts";

const DATABASE_INI = `# Databases that tasks use by name: one section a database.

[test_db]
type = sqlite
database = data/test.db
# Fills the file when it is created.
schema = test_db.sql
`;

export function init(args: readonly string[]): ExitCode {
  const given = readArguments(args);
  expectWords(given, 1, "carillon init [folder]");
  const folder = given.words[0] ?? ".";
  const files: Readonly<Record<string, string>> = {
    "carillon.ini": settingsFile(),
    "database.ini": DATABASE_INI,
    "test_db.sql": databaseSql,
    "tasks/_local_time.ts": localTime,
    "tasks/_sink.ts": sink,
    "tasks/flaky.ts": flaky,
    "tasks/get_test_data.ts": getTestData,
    "tasks/heartbeat.ts": heartbeat,
    "tasks/nightly_report.ts": nightlyReport,
  };
  const taken = Object.keys(files).filter((name) => exists(join(folder, name)));
  if (taken.length > 0) {
    throw new UsageError(
      `${taken.map((name) => join(folder, name)).join(", ")}: already there; nothing was written`,
    );
  }
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    // database.ini is where passwords come to stand.
    Deno.writeTextFileSync(path, content, { createNew: true, mode: name === "database.ini" ? 0o600 : 0o644 });
    print(`wrote ${path}`);
  }
  print(`now start it: ${folder === "." ? "" : `cd ${folder} && `}carillon`);
  return 0;
}

/** Every setting with its default, commented out. */
function settingsFile(): string {
  const lines = ["# Settings of Carillon. Every line that is commented out shows the default.", ""];
  let current = "";
  for (const [section, key, fallback] of allSettings()) {
    if (section !== current) lines.push(...(current === "" ? [] : [""]), `[${section}]`);
    current = section;
    lines.push(`# ${key} = ${fallback}`.trimEnd());
  }
  return `${lines.join("\n")}\n`;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
