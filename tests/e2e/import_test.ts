/** The executable takes a PyScheduler folder over and runs its Python code, with nothing else than python3 on the machine. */
import assert from "node:assert/strict";
import { hasBinary, runBinary, startBinaryIn } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";
import { pythonProgram } from "../support/servers.ts";
import { DOCUMENTED, PYSCHEDULER_FOLDER } from "../support/pyscheduler_folder.ts";

Deno.test({
  name: "a PyScheduler folder is imported by the executable, and its jobs answer at its addresses",
  ignore: !hasBinary() || pythonProgram() === undefined,
  async fn() {
    const folder = makeFolder(PYSCHEDULER_FOLDER);
    const imported = await runBinary(["import-pyscheduler", "PyScheduler", "--timezone=UTC"], folder.path);
    assert.match(imported.stdout, new RegExp(`^${DOCUMENTED.length} jobs were read`, "m"));
    folder.write("database.ini", "[test_db]\ntype = sqlite\ndatabase = test.db\nschema = schema.sql\n");
    folder.write("schema.sql", "CREATE TABLE tbl_test (name TEXT, create_time TEXT);");
    await using app = await startBinaryIn(folder);
    await app.logged("task get_test_data: loaded from get_test_data.ts");
    const jobs: { id: string; trigger: string }[] = await (await fetch(`${app.address}/jobs`)).json();
    assert.equal(jobs.length, DOCUMENTED.length);
    assert.equal(jobs.find(({ id }) => id === "get_test_data")?.trigger, "cron[hour='*/2']");
    const answer = await fetch(`${app.address}/trigger/get_test_data?begin_date=2026-01-01`, {
      method: "POST",
    });
    const { status }: { status: string } = await answer.json();
    assert.equal(status, "success");
    await app.logged(/task get_test_data: run \S+ succeeded: 已完成/);
  },
});
