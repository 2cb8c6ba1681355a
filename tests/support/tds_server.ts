/**
 * A small SQL Server for tests: it speaks TDS 7.4 and keeps its tables in SQLite, which understands the statements of the
 * suite once a few words of Transact-SQL are put into its own.
 */
import { DatabaseSync } from "node:sqlite";
import type { TestServer } from "./servers.ts";
import {
  decimalType,
  type Message,
  messages,
  PACKET,
  packets,
  Reader,
  readerFor,
  readTyped,
  token,
  WIRE,
  type WireType,
  Writer,
} from "./tds_wire.ts";

const PASSWORD = "p:ss=w#rd;%1";
const ENDLESS = /^\s*WAITFOR DELAY/;
const EXECUTESQL = 10;
const BEGIN = 5;
const COMMIT = 7;
const SAVE = 9;
/** In the status of a DONE token: an error came before; the client's attention is answered. */
const FAILED = 0x02;
const ATTENTION = 0x20;

type SqlValue = string | number | bigint | Uint8Array | null;

interface Column {
  readonly name: string;
  readonly type: WireType;
}

interface Result {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly changed: number;
}

export interface TdsServer extends TestServer {
  /** What the clients have sent, by kind, in order. */
  readonly requests: readonly string[];
  /** The calls of `sp_executesql`, as the bytes that came. */
  readonly calls: readonly Uint8Array[];
  readonly crash: () => Promise<void>;
}

/** @param tokens answers to statements, as the bytes before the token that ends them */
export function startTdsServer(tokens: ReadonlyMap<string, Uint8Array> = new Map()): Promise<TdsServer> {
  const database = new DatabaseSync(":memory:");
  const requests: string[] = [];
  const calls: Uint8Array[] = [];
  const identities = new Map<string, string>();
  const connections = new Set<Deno.TcpConn>();
  let waits = 0;
  let listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const served = new Set<Promise<void>>();
  let accepting = accept();

  async function accept(): Promise<void> {
    for await (const connection of listener) {
      connections.add(connection);
      const serving = serve(connection).finally(() => served.delete(serving));
      served.add(serving);
    }
  }

  async function serve(connection: Deno.TcpConn): Promise<void> {
    const session = new TdsSession(
      database,
      requests,
      {
        count: () => waits,
        change: (by) => waits += by,
      },
      identities,
      { tokens, calls },
    );
    try {
      for await (const message of messages(connection.readable)) {
        const answer = session.answer(message);
        if (answer === undefined) continue;
        for (const each of [answer.first, answer.bytes]) {
          if (each) await writeAll(connection, packets(PACKET.answer, each));
        }
        if (answer.last) break;
      }
    } catch (error) {
      // The client has gone, or this server has ended the connection.
      if (!(error instanceof Deno.errors.BadResource || isLost(error))) throw error;
    } finally {
      session.end();
      connections.delete(connection);
      closeQuietly(connection);
    }
  }

  async function end(): Promise<void> {
    listener.close();
    for (const each of connections) closeQuietly(each);
    await accepting;
    await Promise.all(served);
  }

  return Promise.resolve({
    type: "sqlserver",
    port,
    user: "carillon",
    password: PASSWORD,
    database: "carillon",
    requests,
    calls,
    async crash() {
      await end();
      listener = Deno.listen({ hostname: "127.0.0.1", port });
      accepting = accept();
    },
    async [Symbol.asyncDispose]() {
      await end();
      database.close();
    },
  });
}

function isLost(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.Interrupted;
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

interface Waits {
  count(): number;
  change(by: number): void;
}

interface Answer {
  /** What the statement that was broken off is answered with. */
  readonly first?: Uint8Array;
  readonly bytes: Uint8Array;
  /** The connection is closed after it. */
  readonly last?: boolean;
}

/** One connection: its login, its transaction, the statement it waits for. */
class TdsSession {
  #waiting = false;
  #transaction = 0n;
  #bulk: { readonly table: string; readonly columns: readonly string[] } | undefined;

  constructor(
    readonly database: DatabaseSync,
    readonly requests: string[],
    readonly waits: Waits,
    /** The columns of tables whose values the server makes by itself. */
    readonly identities: Map<string, string>,
    readonly raw: { readonly tokens: ReadonlyMap<string, Uint8Array>; readonly calls: Uint8Array[] },
  ) {}

  answer({ type, body }: Message): Answer | undefined {
    const reader = new Reader(body);
    switch (type) {
      case PACKET.prelogin:
        return { bytes: prelogin() };
      case PACKET.login:
        return this.#login(reader);
      case PACKET.attention:
        return this.#attend();
      case PACKET.batch:
        skipHeaders(reader);
        return this.#statement("batch", reader.text((body.length - reader.at) / 2), {});
      case PACKET.rpc:
        return this.#call(reader);
      case PACKET.transaction:
        return this.#transact(reader);
      case PACKET.bulk:
        return this.#load(reader);
      default:
        throw new Error(`the test server does not know packets of type ${type}`);
    }
  }

  /** The connection is over, or its statement is: what was not committed is undone. */
  end(connection = true): void {
    if (this.#waiting) this.waits.change(-1);
    this.#waiting = false;
    if (!connection || this.#transaction === 0n) return;
    this.#transaction = 0n;
    if (this.database.isTransaction) this.database.exec("ROLLBACK");
  }

  /** The statement ends, and then the attention has an answer of its own (3.2.5.7). */
  #attend(): Answer {
    this.requests.push("attention");
    const broken = this.#waiting ? { first: token.done("plain", { status: FAILED }) } : {};
    this.end(false);
    return { ...broken, bytes: token.done("plain", { status: ATTENTION }) };
  }

  #login(reader: Reader): Answer {
    const field = (at: number) => {
      reader.at = at;
      const start = reader.uint(2);
      const length = reader.uint(2);
      reader.at = start;
      return reader.raw(length * 2);
    };
    const text = (at: number) => new TextDecoder("utf-16le").decode(field(at));
    // Each byte was turned round by half and mixed with 0xA5 (2.2.6.4).
    const hidden = field(44).map((each) => {
      const plain = each ^ 0xa5;
      return ((plain << 4) | (plain >> 4)) & 255;
    });
    const user = text(40);
    const refuse = (number: number, message: string) => ({
      bytes: joinTokens(token.error(number, message), token.done("plain", { status: FAILED })),
      last: true,
    });
    if (user !== "carillon" || new TextDecoder("utf-16le").decode(hidden) !== PASSWORD) {
      return refuse(18456, `Login failed for user '${user}'.`);
    }
    const database = text(68);
    if (database !== "carillon") {
      return refuse(4060, `Cannot open database "${database}" requested by the login. The login failed.`);
    }
    return { bytes: joinTokens(token.loginAck(), token.done("plain")) };
  }

  /** `sp_executesql`: the statement, the declaration of its parameters, their values. */
  #call(reader: Reader) {
    this.raw.calls.push(reader.bytes);
    skipHeaders(reader);
    const named = reader.uint(2);
    if (named !== 0xffff || reader.uint(2) !== EXECUTESQL) throw new Error("only sp_executesql is known");
    reader.uint(2);
    const given: { readonly name: string; readonly value: unknown }[] = [];
    while (reader.more) {
      const name = reader.text(reader.uint(1));
      reader.uint(1);
      given.push({ name, value: readTyped(reader) });
    }
    const [statement, , ...values] = given;
    const parameters = Object.fromEntries(values.map(({ name, value }) => [name, value as SqlValue]));
    return this.#statement("sp_executesql", String(statement?.value), parameters);
  }

  #statement(kind: "batch" | "sp_executesql", sql: string, parameters: Record<string, SqlValue>) {
    this.requests.push(`${kind}: ${sql}`);
    const tokens = this.raw.tokens.get(sql);
    if (tokens) return { bytes: joinTokens(tokens, token.done("plain", { rows: 1 })) };
    const last = kind === "batch" ? "plain" : "procedure";
    if (ENDLESS.test(sql)) {
      this.#waiting = true;
      this.waits.change(1);
      return undefined;
    }
    try {
      const { columns, rows, changed } = this.#run(sql, parameters);
      const parts = columns.length === 0 ? [] : [
        token.columns(columns),
        ...rows.map((row) =>
          row.reduce<Writer>(
            (writer, value, i) => writer.raw(columns[i]?.type.write(value) ?? new Uint8Array()),
            new Writer().u8(0xd1),
          ).bytes
        ),
      ];
      const count = columns.length === 0 ? changed : rows.length;
      return {
        bytes: kind === "batch" ? joinTokens(...parts, token.done("plain", { rows: count })) : joinTokens(
          ...parts,
          token.done("inProcedure", { rows: count }),
          token.returnStatus(),
          token.done("procedure"),
        ),
      };
    } catch (error) {
      const { number, message } = refusal(error);
      return { bytes: joinTokens(token.error(number, message), token.done(last, { status: FAILED })) };
    }
  }

  #run(sql: string, parameters: Record<string, SqlValue>): Result {
    if (/^\s*(?:set|use) /.test(sql)) return { columns: [], rows: [], changed: 0 };
    const load = sql.match(/^insert bulk (\S+)\s*\((.*)\)/is);
    if (load) {
      const columns = [...String(load[2]).matchAll(/\[([^\]]+)\]/g)].map(([, name]) => String(name));
      this.#bulk = { table: String(load[1]).replace(/[[\]]/g, ""), columns };
      return { columns: [], rows: [], changed: 0 };
    }
    const constant = constantOf(sql);
    if (constant) return constant;
    if (sql.includes("sys.dm_exec_requests")) {
      return { columns: [{ name: "n", type: WIRE.int }], rows: [[this.waits.count()]], changed: 0 };
    }
    const withIdentity = sql.match(/^SET IDENTITY_INSERT \S+ ON; (.*); SET IDENTITY_INSERT \S+ OFF$/s);
    if (withIdentity) return this.#run(String(withIdentity[1]), parameters);
    const made = sql.match(/^CREATE TABLE (\w+) \((\w+) INT IDENTITY/);
    if (made) this.identities.set(String(made[1]), String(made[2]));
    const catalog = sql.match(/FROM sys\.columns WHERE object_id = OBJECT_ID\(N'\[?([^\]']+)\]?'\)/);
    if (catalog) return this.#columnsOf(String(catalog[1]));
    const statement = this.database.prepare(inSqlite(sql));
    statement.setReadBigInts(true);
    const names = statement.columns().map(({ name }) => name);
    if (names.length === 0) {
      return { columns: [], rows: [], changed: Number(statement.run(parameters).changes) };
    }
    const rows = statement.all(parameters).map((row) => names.map((name) => row[name] as SqlValue));
    const columns = names.map((name, i) => ({ name, type: typeOf(rows.map((row) => row[i] ?? null)) }));
    return { columns, rows, changed: 0 };
  }

  #columnsOf(table: string): Result {
    const columns = this.database.prepare("SELECT name, type, pk FROM pragma_table_info(?)").all(table);
    const names = { name: WIRE.nvarchar, type: WIRE.nvarchar, own: WIRE.int };
    return {
      columns: Object.entries(names).map(([name, type]) => ({ name, type })),
      rows: columns.map((
        { name, type },
      ) => [
        name,
        String(type).replace(/\(.*/, "").toLowerCase(),
        this.identities.get(table) === name ? 1 : 0,
      ]),
      changed: 0,
    };
  }

  #transact(reader: Reader) {
    skipHeaders(reader);
    const kind = reader.uint(2);
    const name = kind === BEGIN ? "" : savepointName(reader);
    if (kind === SAVE || name !== "") {
      this.requests.push(kind === SAVE ? "save" : "rollback to");
      this.database.exec(kind === SAVE ? `SAVEPOINT ${name}` : `ROLLBACK TO ${name}`);
      return { bytes: token.done("plain") };
    }
    this.requests.push(kind === BEGIN ? "begin" : kind === COMMIT ? "commit" : "rollback");
    if (kind === BEGIN) {
      this.database.exec("BEGIN");
      this.#transaction = 1n;
      return { bytes: joinTokens(token.transaction(8, 1n), token.done("plain")) };
    }
    if (this.database.isTransaction) this.database.exec(kind === COMMIT ? "COMMIT" : "ROLLBACK");
    const answer = token.transaction(kind === COMMIT ? 9 : 10, this.#transaction);
    this.#transaction = 0n;
    return { bytes: joinTokens(answer, token.done("plain")) };
  }

  /** The rows of a bulk load: their columns, and a token for each row. */
  #load(reader: Reader) {
    const { table, columns } = this.#bulk ?? { table: "", columns: [] };
    if (reader.uint(1) !== 0x81) throw new Error("a bulk load begins with its columns");
    const count = reader.uint(2);
    const readers = Array.from({ length: count }, () => {
      reader.raw(6);
      const read = readerFor(reader);
      reader.text(reader.uint(1));
      return read;
    });
    const insert = this.database.prepare(
      `INSERT INTO [${table}] (${columns.map((each) => `[${each}]`).join(", ")}) VALUES (${
        columns.map(() => "?").join(", ")
      })`,
    );
    let rows = 0;
    while (reader.uint(1) === 0xd1) {
      insert.run(...readers.map((read) => read(reader) as SqlValue));
      rows++;
    }
    this.requests.push(`bulk load: ${rows} rows`);
    return { bytes: token.done("plain", { rows }) };
  }
}

/** The name of a savepoint; none where the whole transaction is meant (2.2.6.9). */
function savepointName(reader: Reader): string {
  return reader.more ? reader.text(reader.uint(1) / 2) : "";
}

/** A version, no encryption, one connection at a time (2.2.6.5). */
function prelogin(): Uint8Array {
  const options: [number, number[]][] = [[0, [16, 0, 0x10, 0x27, 0, 0]], [1, [2]], [2, [0]], [3, []], [4, [
    0,
  ]]];
  const head = new Writer();
  const body = new Writer();
  let at = options.length * 5 + 1;
  for (const [kind, bytes] of options) {
    head.u8(kind, at >> 8, at, 0, bytes.length);
    body.u8(...bytes);
    at += bytes.length;
  }
  return head.u8(255).raw(body.bytes).bytes;
}

function skipHeaders(reader: Reader): void {
  reader.at = reader.uint(4);
}

function joinTokens(...tokens: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(tokens.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of tokens) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}

function typeOf(values: readonly SqlValue[]): WireType {
  const given = values.filter((each) => each !== null);
  if (given.some((each) => typeof each === "string") || given.length === 0) return WIRE.nvarchar;
  if (given.some((each) => each instanceof Uint8Array)) return WIRE.varbinary;
  if (given.some((each) => typeof each === "number")) return WIRE.float;
  return given.every((each) => typeof each === "bigint" && BigInt.asIntN(32, each) === each)
    ? WIRE.int
    : WIRE.bigint;
}

/** `SELECT CAST(… AS type) AS v`: one value of a type that SQLite has not. */
function constantOf(sql: string): Result | undefined {
  if (sql.includes("SERVERPROPERTY")) {
    return { columns: [{ name: "version", type: WIRE.nvarchar }], rows: [["16.0.4135.4"]], changed: 0 };
  }
  const found = sql.match(/^SELECT CAST\((.*?) AS (\w+)(?:\((\w+)(?:, (\w+))?\))?\) AS (\w+)/);
  if (!found) return undefined;
  const [, literal = "", type = "", first, second, name = ""] = found;
  const text = literal.replace(/^N?'(.*)'$/, "$1");
  const wire = type === "decimal"
    ? decimalType(Number(first), Number(second))
    : Object.entries(WIRE).find(([each]) => each === type)?.[1];
  if (!wire) throw new Error(`the test server does not write values of type ${type}`);
  const value = text === "NULL" ? null : type === "varbinary" ? Uint8Array.fromHex(text.slice(2)) : text;
  return { columns: [{ name, type: wire }], rows: [[value]], changed: 0 };
}

/** The words of Transact-SQL that the suite uses, in SQLite's. */
function inSqlite(sql: string): string {
  return sql
    .replace(/CONVERT\((?:small)?datetime, CONVERT\(datetime2\(7\), (s\.\[\w+\])\)\)/g, "$1")
    .replace(/ WITH \(UPDLOCK, SERIALIZABLE\)/g, "")
    .replace(/ COLLATE DATABASE_DEFAULT/g, "")
    .replace(/ OPTION \(MAXRECURSION 0\)/g, "")
    .replace(/INT IDENTITY PRIMARY KEY/g, "INTEGER PRIMARY KEY")
    .replace(/\bN'/g, "'")
    .replace(/n?varchar\(\w+\)/gi, "TEXT")
    .replace(/varbinary\(max\)/gi, "BLOB")
    .replace(/SELECT TOP \((@p\d+)\) (.*)/, "SELECT $2 LIMIT $1");
}

/** An error of SQLite as SQL Server would have told it. */
function refusal(error: unknown): { readonly number: number; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const table = message.match(/no such table: (.*)/)?.[1];
  if (table !== undefined) return { number: 208, message: `Invalid object name '${table}'.` };
  return message.startsWith("UNIQUE constraint failed")
    ? { number: 2627, message: "Violation of PRIMARY KEY constraint." }
    : { number: 102, message: `Incorrect syntax: ${message}` };
}
