/** `carillon db list`: the databases of database.ini, without their passwords. */
import { allDatabaseSettings, type DatabaseSettings } from "../../datasource/settings.ts";
import { loadConfig } from "./arguments.ts";
import type { Command } from "./command.ts";
import { print, table } from "./output.ts";

export const dbList: Command = {
  name: "db list",
  usage: "",
  words: 0,
  summary: "the databases of database.ini",
  flags: { json: { help: "as JSON" } },
  configured: true,
  examples: [{ line: "db list", what: "their names, types and addresses" }],
  run(given) {
    const { file } = loadConfig(given).datasource;
    const all = allDatabaseSettings(file);
    if (given.own.has("json")) {
      print(
        JSON.stringify(all.map((each) => ({ name: each.name, type: each.type, address: addressOf(each) }))),
      );
    } else if (all.length === 0) {
      print(`no databases in ${file}`);
    } else {
      for (const line of table(all.map((each) => [each.name, each.type, addressOf(each)]))) print(line);
    }
    return 0;
  },
};

/** Where it is; never the password. */
function addressOf(settings: DatabaseSettings): string {
  if (settings.type === "sqlite") return settings.file;
  const { user, host, port, database } = settings;
  return `${user}@${host}:${port}/${database}`;
}
