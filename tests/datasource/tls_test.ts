/** Encrypted connections: what `tls` in database.ini means, tried against real servers with a certificate of their own. */
import assert from "node:assert/strict";
import { closeDatabases, query, setDatabaseFile } from "../../datasource/datasource.ts";
import { CannotConnectError } from "../../datasource/errors.ts";
import { makeFolder } from "../support/folder.ts";
import {
  mariadbProgram,
  type OwnServer,
  postgresProgram,
  sectionFor,
  type ServerOptions,
  startMariadb,
  startPostgres,
} from "../support/servers.ts";

interface Kind {
  readonly name: string;
  readonly ignore: boolean;
  readonly start: (options: ServerOptions) => Promise<OwnServer>;
  /** Tells whether the connection is encrypted. */
  readonly encrypted: string;
}

const KINDS: readonly Kind[] = [
  {
    name: "PostgreSQL",
    ignore: postgresProgram() === undefined,
    start: startPostgres,
    encrypted: "SELECT ssl AS yes FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  },
  {
    name: "MySQL",
    ignore: mariadbProgram() === undefined,
    start: startMariadb,
    encrypted:
      "SELECT variable_value <> '' AS yes FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER'",
  },
];

for (const { name, ignore, start, encrypted } of KINDS) {
  Deno.test({
    name: `${name}: connections are encrypted, and certificates checked, as database.ini says`,
    ignore,
    async fn() {
      await using server = await start({ tls: true });
      await using folder = makeFolder();
      setDatabaseFile(folder.write(
        "database.ini",
        [
          sectionFor("off", server),
          `${sectionFor("require", server)}tls = require\n`,
          `${sectionFor("verify", server)}tls = verify\ntls_ca = ${server.authority}\n`,
          `${sectionFor("stranger", server)}tls = verify\n`,
          `${
            sectionFor("misnamed", { ...server, host: "localhost" })
          }tls = verify\ntls_ca = ${server.authority}\n`,
        ].join(""),
      ));
      try {
        const yes = async (section: string) => Boolean((await query(section, encrypted))[0]?.yes);
        assert.equal(await yes("off"), false);
        assert.equal(await yes("require"), true);
        assert.equal(await yes("verify"), true);
        for (const section of ["stranger", "misnamed"]) {
          await assert.rejects(query(section, "SELECT 1"), (error) => {
            assert.ok(error instanceof CannotConnectError, `${section}: ${error}`);
            assert.match(
              error.message,
              /: cannot connect to [\w.]+:\d+ \(the server's certificate is not trusted: .+\)$/,
            );
            return true;
          });
        }
      } finally {
        await closeDatabases();
      }
    },
  });
}
