/** `carillon db test`: whether the databases answer. (The file is not named `db_test.ts`: that would be a test file.) */
import { closeDatabases, setDatabaseFile, testDatabase } from "../../datasource/datasource.ts";
import { DatabaseError, NotConfiguredError } from "../../datasource/errors.ts";
import { allDatabaseSettings, databaseSettings } from "../../datasource/settings.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { ExitCode } from "./errors.ts";
import { print, say } from "./output.ts";

export const dbTest: Command = {
  name: "db test",
  usage: "[name]",
  words: 1,
  summary: "whether they answer, which version they have and how fast they are",
  flags: {},
  configured: true,
  examples: [
    { line: "db test", what: "all of them; exit code 1 where one does not answer" },
    { line: "db test dwh", what: "one of them" },
  ],
  async run(given) {
    const { file } = loadConfig(given).datasource;
    setDatabaseFile(file);
    const [name] = given.words;
    const names = name === undefined
      ? allDatabaseSettings(file).map((each) => each.name)
      : [databaseSettings(file, name).name];
    try {
      return await testAll(names);
    } finally {
      await closeDatabases();
    }
  },
};

async function testAll(names: readonly string[]): Promise<ExitCode> {
  let worst: ExitCode = 0;
  for (const name of names) {
    try {
      const { version, ms } = await testDatabase(name);
      print(`${name}: ${version}, answers in ${ms.toFixed(1)} ms`);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      say(error.message);
      // What is wrong in database.ini is the operator's, as for every command; the others are tried all the same.
      if (error instanceof NotConfiguredError) worst = 2;
      else if (worst === 0) worst = 1;
    }
  }
  return worst;
}
