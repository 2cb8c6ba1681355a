/** Servers that are not started here: an address in the environment names them. */
import type { TestServer } from "./servers.ts";

/**
 * The server that `CARILLON_TEST_SQLSERVER` or `CARILLON_TEST_ORACLE` names, as `sqlserver://user:password@host:port/database`
 * or `oracle://user:password@host:port/service`; none where the variable is not set. The suite makes tables in it: it
 * should be an empty one.
 */
export function serverFromEnvironment(type: "sqlserver" | "oracle"): (() => Promise<TestServer>)[] {
  const given = Deno.env.get(`CARILLON_TEST_${type.toUpperCase()}`);
  if (given === undefined) return [];
  const { hostname, port, username, password, pathname } = new URL(given);
  return [() =>
    Promise.resolve({
      type,
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: pathname.slice(1),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })];
}
