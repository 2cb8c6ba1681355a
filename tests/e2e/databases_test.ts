/** The drivers that no native library comes with, in the executable. */
import assert from "node:assert/strict";
import { hasBinary, runBinary } from "../support/binary.ts";
import { makeFolder } from "../support/folder.ts";
import { sectionFor } from "../support/servers.ts";
import { startTdsServer } from "../support/tds_server.ts";
import { startTnsListener } from "../support/tns_listener.ts";

Deno.test({
  name: "the executable brings the drivers of SQL Server and Oracle",
  ignore: !hasBinary(),
  async fn() {
    await using server = await startTdsServer();
    await using listener = startTnsListener({ refuse: 12514 });
    const oracle = sectionFor("ora", {
      type: "oracle",
      port: listener.port,
      user: "u",
      password: "p",
      database: "x",
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
    await using folder = makeFolder({ "database.ini": sectionFor("ms", server) + oracle });
    const tested = await runBinary(["db", "test"], folder.path);
    assert.match(tested.stdout, /^ms: SQL Server 16\.0\.4135\.4, answers in [\d.]+ ms$/m);
    assert.match(tested.stderr, /Oracle ora: 127\.0\.0\.1:\d+: the listener does not know this service/);
    assert.equal(tested.code, 1);
    const asked = await runBinary(
      ["db", "query", "ms", "SELECT CAST(1.5 AS decimal(30, 5)) AS v", "--json"],
      folder.path,
    );
    assert.deepEqual([asked.code, asked.stdout], [0, '{"v":"1.50000"}\n'], asked.stderr);
  },
});
