/** Drivers in a process with limited permissions: what they look for in an environment that they may not read is not there. */
import assert from "node:assert/strict";
import { makeFolder } from "../support/folder.ts";
import { hasServers, startDatabases } from "../support/databases.ts";

const DATASOURCE = new URL("../../datasource/datasource.ts", import.meta.url).href;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

Deno.test({
  name: "databases: PostgreSQL and MariaDB answer a process that may use the network alone",
  ignore: !hasServers,
  async fn() {
    await using databases = await startDatabases();
    await using folder = makeFolder();
    const program = folder.write(
      "ask.ts",
      `import { closeDatabases, query, setDatabaseFile } from "${DATASOURCE}";
      setDatabaseFile(Deno.args[0] ?? "");
      for (const section of ["pg", "my"]) console.log(section, JSON.stringify(await query(section, "SELECT :n + 1 AS n", { n: 1 })));
      await closeDatabases();`,
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--no-check",
        `--config=${CONFIG}`,
        "--allow-net",
        "--allow-read",
        program,
        `${databases.folder.path}/database.ini`,
      ],
    }).output();
    const said = new TextDecoder().decode(stdout);
    assert.equal(code, 0, said + new TextDecoder().decode(stderr));
    assert.equal(said, 'pg [{"n":2}]\nmy [{"n":2}]\n');
  },
});
