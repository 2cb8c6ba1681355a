/**
 * A small server that speaks as Oracle Database 19c does to clients that need no library of Oracle's: it takes a login, and
 * answers the statements that a test has answers for. Everything else is `ORA-00942`.
 */
import { O5Logon, type Verifier } from "./o5logon.ts";
import type { TestServer } from "./servers.ts";
import { refusal } from "./tns_listener.ts";
import {
  data,
  HEADER,
  numberText,
  oracleNumber,
  oracleTime,
  PACKET,
  packet,
  timeText,
  TtcReader,
  TtcWriter,
} from "./ttc_wire.ts";

/** Types of values, by the number that stands for them on the wire. */
const TYPE = {
  text: 1,
  number: 2,
  date: 12,
  bytes: 23,
  double: 101,
  timestamp: 180,
  moment: 181,
  local: 231,
} as const;

export interface OracleColumn {
  readonly name: string;
  readonly type: keyof typeof TYPE;
}

export type OracleAnswer =
  | {
    readonly columns: readonly OracleColumn[];
    readonly rows: readonly (readonly (string | Uint8Array | null)[])[];
  }
  | { readonly changed: number }
  | { readonly error: number; readonly message: string }
  /** It takes for ever. */
  | "endless";

export interface OracleRequest {
  readonly sql: string;
  /** For each row what was bound, as text; bytes as hexadecimal digits. */
  readonly binds: readonly (readonly (string | null)[])[];
  /** Whether it is committed at once. */
  readonly commits: boolean;
}

export interface OracleServer extends TestServer {
  /** What was asked, in the order in which it came; `commit`, `rollback`, `ping`, `break`, `goodbye` as such. */
  readonly requests: readonly (OracleRequest | string)[];
  /** What clients wrote until a login was done or refused, by what it was. */
  readonly logins: readonly string[];
  /** Packets that came, over all connections. */
  readonly packets: number;
  /** Resolves when no client is connected any more. */
  readonly left: () => Promise<void>;
}

export interface OracleOptions {
  readonly verifier?: Verifier;
  readonly answer?: (request: OracleRequest) => OracleAnswer | undefined;
  /** From then on, counted in packets of each connection, it hangs up or says nothing more. */
  readonly until?: { readonly packets: number; readonly then: "cut" | "silence" } | undefined;
}

const PASSWORD = "p:ss=w#rd;%1 ü";
const SERVICE = "carillon";
/** The client's "accept", in the words of TNS 3.18: packets with long lengths, no further negotiation. */
const TNS_VERSION = 318;
const SDU = 8_192;
const NO_SERVICES = 8;
/** Messages of TTC, and functions that a client calls. */
const MESSAGE = {
  protocol: 1,
  types: 2,
  call: 3,
  end: 4,
  header: 6,
  row: 7,
  parameters: 8,
  status: 9,
  describe: 16,
  piggyback: 17,
} as const;
const CALL = {
  execute: 94,
  fetch: 5,
  again: 4,
  askAgain: 78,
  commit: 14,
  rollback: 15,
  ping: 147,
  goodbye: 9,
  phaseOne: 118,
  phaseTwo: 115,
  closeCursors: 105,
  cancelCursors: 120,
} as const;
/** Of 12.2: what newer ones added is left out of both sides' messages. */
const FIELD_VERSION = 8;
const NO_MORE_ROWS = 1_403;
const CANCELLED = 1_013;
const COMMITS = 0x100;
/** The other side has gone. */
const GONE = [
  Deno.errors.BadResource,
  Deno.errors.Interrupted,
  Deno.errors.ConnectionReset,
  Deno.errors.BrokenPipe,
];
/** Of a packet of data: the last of its message; nothing comes after it. */
const FLAG = { last: 0x0800, goodbye: 0x0040 } as const;
const MARKER = { interrupt: 3, reset: 2, stop: 1 } as const;

export function startOracleServer(
  { verifier = "12c", answer = () => undefined, until }: OracleOptions = {},
): OracleServer {
  const requests: (OracleRequest | string)[] = [];
  const logins: string[] = [];
  let packets = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const running = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      const session = new Session(connection, { verifier, answer, until }, requests, logins, () => packets++);
      const work = session.serve().finally(() => {
        if (open.delete(connection)) connection.close();
        running.delete(work);
      });
      running.add(work);
    }
  })();
  return {
    type: "oracle",
    port: listener.addr.port,
    user: "carillon",
    password: PASSWORD,
    database: SERVICE,
    requests,
    logins,
    get packets() {
      return packets;
    },
    left: async () => void await Promise.all(running),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const each of [...open]) {
        open.delete(each);
        each.close();
      }
      await accepting;
      await Promise.all(running);
    },
  };
}

interface Cursor {
  readonly sql: string;
  readonly types: readonly number[];
  /** Rows that were not fetched yet. */
  left: readonly (readonly (string | Uint8Array | null)[])[];
  columns: readonly OracleColumn[];
}

class Session {
  #login: O5Logon | undefined;
  #user = "";
  #wide = false;
  /** Parts of a message that did not fit into one packet. */
  readonly #pending: Uint8Array[] = [];
  readonly #cursors = new Map<number, Cursor>();
  #packetCount = 0;

  constructor(
    readonly connection: Deno.TcpConn,
    readonly options: Required<Pick<OracleOptions, "verifier" | "answer">> & Pick<OracleOptions, "until">,
    readonly requests: (OracleRequest | string)[],
    readonly logins: string[],
    readonly count: () => void,
  ) {}

  async serve(): Promise<void> {
    try {
      for await (const { type, body } of this.#packets()) {
        this.count();
        const { until } = this.options;
        if (until && ++this.#packetCount > until.packets) {
          if (until.then === "cut") return;
          continue;
        }
        if (await this.#take(type, body) === "over") return;
      }
    } catch (error) {
      // The client has hung up, or the test is over.
      if (!GONE.some((kind) => error instanceof kind)) throw error;
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }

  async *#packets(): AsyncGenerator<{ readonly type: number; readonly body: Uint8Array }> {
    let waiting = new Uint8Array();
    const space = new Uint8Array(65_536);
    for (;;) {
      const count = await this.connection.read(space);
      if (count === null) return;
      const both = new Uint8Array(waiting.length + count);
      both.set(waiting);
      both.set(space.subarray(0, count), waiting.length);
      waiting = both;
      while (waiting.length >= HEADER) {
        const view = new DataView(waiting.buffer, waiting.byteOffset);
        const length = this.#wide ? view.getUint32(0) : view.getUint16(0);
        if (waiting.length < length) break;
        const body = waiting.subarray(HEADER, length);
        const type = waiting[4] ?? 0;
        waiting = waiting.slice(length);
        yield { type, body };
      }
    }
  }

  async #take(type: number, body: Uint8Array): Promise<"over" | undefined> {
    if (type === PACKET.connect || !this.#wide) return await this.#connect(type, body);
    if (type === PACKET.marker) return await this.#marker(body[2] ?? 0);
    if (type !== PACKET.data) throw new Error(`the test server does not know packets of type ${type}`);
    const flags = (body[0] ?? 0) * 256 + (body[1] ?? 0);
    if ((flags & FLAG.goodbye) !== 0) return "over";
    this.#pending.push(body.subarray(2));
    if ((flags & FLAG.last) === 0) return undefined;
    const size = this.#pending.reduce((sum, { length }) => sum + length, 0);
    const whole = new Uint8Array(size);
    let at = 0;
    for (const each of this.#pending.splice(0)) {
      whole.set(each, at);
      at += each.length;
    }
    return await this.#message(new TtcReader(whole));
  }

  /** What the listener is asked for may stand in a packet of its own. */
  async #connect(type: number, body: Uint8Array): Promise<"over" | undefined> {
    const text = new TextDecoder("latin1").decode(body);
    if (type === PACKET.connect && !text.includes("(")) return undefined;
    this.logins.push("connect");
    if (!text.includes(`(SERVICE_NAME=${SERVICE})`)) {
      await this.#send(refusal(12514));
      return "over";
    }
    const accept = new Uint8Array(37);
    const view = new DataView(accept.buffer);
    view.setUint16(0, TNS_VERSION);
    view.setUint16(4, SDU);
    view.setUint16(6, 65_535);
    accept[15] = NO_SERVICES;
    view.setUint32(24, SDU);
    view.setUint32(28, 65_535);
    await this.#send(packet(PACKET.accept, accept, false));
    this.#wide = true;
    return undefined;
  }

  async #marker(kind: number): Promise<undefined> {
    if (kind === MARKER.interrupt) {
      this.requests.push("break");
      await this.#send(packet(PACKET.marker, Uint8Array.of(1, 0, MARKER.stop), true));
    } else if (kind === MARKER.reset) {
      await this.#send(packet(PACKET.marker, Uint8Array.of(1, 0, MARKER.reset), true));
      await this.#send(
        data(end({ error: CANCELLED, message: "user requested cancel of current operation" })),
      );
    }
  }

  async #message(reader: TtcReader): Promise<"over" | undefined> {
    for (;;) {
      const kind = reader.u8();
      if (kind === MESSAGE.piggyback) {
        this.#piggyback(reader);
        continue;
      }
      if (kind === MESSAGE.protocol) await this.#send(data(protocol()));
      else if (kind === MESSAGE.types) await this.#send(data(types()));
      else if (kind === MESSAGE.call) return await this.#call(reader);
      else throw new Error(`the test server does not know messages of kind ${kind}`);
      this.logins.push(kind === MESSAGE.protocol ? "protocol" : "data types");
      return undefined;
    }
  }

  /** Cursors that the client needs no more, told along with what it asks next. */
  #piggyback(reader: TtcReader): void {
    const call = reader.u8();
    reader.u8();
    if (call !== CALL.closeCursors && call !== CALL.cancelCursors) {
      throw new Error(`the test server does not know the piggyback ${call}`);
    }
    reader.u8();
    const count = reader.number();
    for (let i = 0; i < count; i++) this.#cursors.delete(reader.number());
  }

  async #call(reader: TtcReader): Promise<"over" | undefined> {
    const call = reader.u8();
    reader.u8();
    const named = Object.entries(CALL).find(([, each]) => each === call)?.[0];
    switch (call) {
      case CALL.phaseOne:
        return await this.#phaseOne(reader);
      case CALL.phaseTwo:
        return await this.#phaseTwo(reader);
      case CALL.execute:
        return await this.#execute(reader);
      case CALL.again:
      case CALL.askAgain:
        return await this.#executeAgain(reader, call === CALL.askAgain);
      case CALL.fetch: {
        const id = reader.number();
        await this.#send(data(this.#rows(id, reader.number())));
        return undefined;
      }
      case CALL.commit:
      case CALL.rollback:
      case CALL.ping:
      case CALL.goodbye:
        this.requests.push(named ?? "");
        await this.#send(data(status()));
        return call === CALL.goodbye ? "over" : undefined;
      default:
        throw new Error(`the test server does not know the call ${call}`);
    }
  }

  #pairs(reader: TtcReader, count: number): Map<string, string> {
    return new Map(Array.from({ length: count }, () => {
      const pair = [reader.counted(), reader.counted()] as const;
      reader.number();
      return pair;
    }));
  }

  async #phaseOne(reader: TtcReader): Promise<undefined> {
    reader.u8();
    reader.number();
    reader.number();
    reader.u8();
    const count = reader.number();
    reader.raw(2);
    this.#user = reader.text();
    const said = this.#pairs(reader, count);
    this.logins.push(`user ${this.#user}, ${[...said.keys()].join(", ")}`);
    this.#login = new O5Logon(this.options.verifier, PASSWORD);
    await this.#send(data(parameters(this.#login.challenge.pairs)));
  }

  async #phaseTwo(reader: TtcReader): Promise<"over" | undefined> {
    reader.u8();
    reader.number();
    reader.number();
    reader.u8();
    const count = reader.number();
    reader.raw(2);
    const user = reader.text();
    const said = this.#pairs(reader, count);
    this.logins.push(`answer of ${user}, ${[...said.keys()].join(", ")}`);
    const proof = user === "carillon" ? this.#login?.answerTo(said) : undefined;
    if (proof === undefined) {
      this.logins.push("refused");
      await this.#send(data(end({ error: 1017, message: "invalid username/password; logon denied" })));
      return undefined;
    }
    this.logins.push("let in");
    // 19.3.0.0.0
    const version = (19 * 2 ** 24) + (3 * 2 ** 20);
    await this.#send(data(parameters([
      ["AUTH_VERSION_NO", String(version)],
      ["AUTH_SC_SERVICE_NAME", SERVICE],
      ["AUTH_DBNAME", "CARILLON"],
      ["AUTH_SVR_RESPONSE", proof],
    ])));
    return undefined;
  }

  async #execute(reader: TtcReader): Promise<undefined> {
    const options = reader.number();
    let id = reader.number();
    reader.u8();
    reader.number();
    reader.u8();
    reader.number();
    reader.raw(3);
    const most = reader.number();
    reader.number();
    reader.u8();
    const binds = reader.number();
    reader.raw(5);
    reader.u8();
    reader.number();
    reader.number();
    reader.raw(3);
    reader.number();
    reader.u8();
    reader.number();
    reader.number();
    reader.u8();
    reader.number();
    reader.u8();
    reader.u8();
    reader.number();
    reader.u8();
    reader.number();
    reader.u8();
    const known = this.#cursors.get(id);
    const sql = (options & 1) === 0 ? known?.sql ?? "" : reader.text();
    for (let i = 0; i < 13; i++) reader.number();
    const kinds = Array.from({ length: binds }, () => bindType(reader));
    if (id === 0) id = this.#nextCursor();
    this.#cursors.set(id, { sql, types: kinds, left: [], columns: [] });
    await this.#answer(
      id,
      { sql, binds: bindRows(reader, kinds), commits: (options & COMMITS) !== 0 },
      most,
      true,
    );
  }

  async #executeAgain(reader: TtcReader, asks: boolean): Promise<undefined> {
    const id = reader.number();
    const most = reader.number();
    reader.number();
    const commits = reader.number() !== 0;
    const cursor = this.#cursors.get(id);
    if (!cursor) throw new Error(`the client executes a cursor ${id} that it does not have`);
    const binds = bindRows(reader, cursor.types);
    await this.#answer(id, { sql: cursor.sql, binds, commits: asks ? false : commits }, most, false);
  }

  #nextCursor(): number {
    return Math.max(0, ...this.#cursors.keys()) + 1;
  }

  async #answer(id: number, request: OracleRequest, most: number, describes: boolean): Promise<undefined> {
    this.requests.push(request);
    const given = this.options.answer(request) ?? ordinary(request);
    if (given === "endless") return;
    if ("error" in given || "changed" in given) {
      await this.#send(data(end("error" in given ? given : { cursor: id, rows: given.changed })));
      return;
    }
    const cursor = this.#cursors.get(id);
    if (cursor) {
      cursor.columns = given.columns;
      cursor.left = given.rows;
    }
    const head = describes ? described(given.columns) : new Uint8Array();
    await this.#send(data(new TtcWriter().raw(head).raw(this.#rows(id, most)).done));
  }

  /** So many rows of a cursor, and whether there are more. */
  #rows(id: number, most: number): Uint8Array {
    const cursor = this.#cursors.get(id);
    if (!cursor) return end({ error: 1001, message: "invalid cursor" });
    const rows = cursor.left.slice(0, most);
    cursor.left = cursor.left.slice(rows.length);
    const writer = new TtcWriter();
    if (rows.length > 0) writer.u8(MESSAGE.header, 0).number(1, 0, 0, 0, 0, 0);
    for (const row of rows) {
      writer.u8(MESSAGE.row);
      row.forEach((value, i) =>
        writer.bytes(value === null ? null : written(value, cursor.columns[i]?.type ?? "text"))
      );
    }
    const isOver = cursor.left.length === 0 && rows.length < most;
    const error = isOver ? NO_MORE_ROWS : 0;
    return writer.raw(end({ cursor: id, rows: rows.length, error, message: "no data found" })).done;
  }
}

/** What a session says to itself at its beginning. */
function ordinary({ sql }: OracleRequest): OracleAnswer {
  if (/^(?:ALTER SESSION|SET TRANSACTION|SAVEPOINT|ROLLBACK TO)/.test(sql)) return { changed: 0 };
  const column = { name: "1", type: "number" } as const;
  if (/^SELECT 1 FROM dual$/i.test(sql)) return { columns: [column], rows: [["1"]] };
  return { error: 942, message: "table or view does not exist" };
}

function protocol(): Uint8Array {
  const compiled = new Uint8Array(53);
  compiled[7] = FIELD_VERSION;
  // Texts of 32,767 bytes, and times with their zone.
  const running = Uint8Array.of(2, 1, 0, 0, 0, 0, 4);
  // UTF-8 for texts, UTF-16 (2000) for national ones.
  const character = Uint8Array.of(0x69, 0x03);
  const forms = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0x07, 0xd0);
  return new TtcWriter().u8(MESSAGE.protocol, 6, 0).raw(new TextEncoder().encode("Test server\0")).raw(
    character,
  ).u8(1)
    .u8(0, 0).u8(0, forms.length).raw(forms).bytes(compiled).bytes(running).done;
}

/** The database's own zone is UTC, and all types are as the client has them. */
function types(): Uint8Array {
  return new TtcWriter().u8(MESSAGE.types).u8(0x80, 0, 0, 0, 60, 60, 0x80, 0, 0, 0, 0).u8(0, 0).done;
}

function status(): Uint8Array {
  return new TtcWriter().u8(MESSAGE.status).number(0, 0).done;
}

function parameters(pairs: readonly (readonly [name: string, value: string, flag?: number])[]): Uint8Array {
  const writer = new TtcWriter().u8(MESSAGE.parameters).number(pairs.length);
  for (const [name, value, flag = 0] of pairs) writer.counted(name).counted(value).number(flag);
  return writer.raw(status()).done;
}

interface End {
  readonly error?: number;
  readonly message?: string;
  readonly cursor?: number;
  readonly rows?: number;
}

/** How a call has gone. */
function end({ error = 0, message = "", cursor = 0, rows = 0 }: End): Uint8Array {
  const writer = new TtcWriter().u8(MESSAGE.end).number(0, 0, rows, error, 0, 0, cursor, 0).u8(
    0,
    0,
    0,
    0,
    0,
    0,
  );
  // No row's address.
  writer.number(0, 0).u8(0).number(0, 0);
  writer.number(0).u8(0, 0).number(0, 0, 0, 0, 0, 0).number(error, rows);
  return error === 0 ? writer.done : writer.bytes(`ORA-${String(error).padStart(5, "0")}: ${message}\n`).done;
}

const SIZES: Readonly<Record<keyof typeof TYPE, number>> = {
  text: 4_000,
  number: 22,
  date: 7,
  bytes: 2_000,
  double: 8,
  timestamp: 11,
  moment: 13,
  local: 11,
};

function described(columns: readonly OracleColumn[]): Uint8Array {
  const writer = new TtcWriter().u8(MESSAGE.describe, 0).number(100, columns.length).u8(1);
  columns.forEach(({ name, type }, i) => {
    writer.u8(TYPE[type], 0, 0, 0).number(SIZES[type], 0, 0, 0, 0, type === "text" ? 873 : 0);
    writer.u8(type === "text" ? 1 : 0).number(SIZES[type], 0).u8(1, name.length).counted(name).number(
      0,
      0,
      i + 1,
      0,
    );
  });
  return writer.number(0, 0, 0, 0, 0, 0).done;
}

function written(value: string | Uint8Array, type: keyof typeof TYPE): Uint8Array {
  if (typeof value !== "string") return value;
  switch (type) {
    case "number":
      return oracleNumber(value);
    case "date":
      return oracleTime(Temporal.PlainDateTime.from(value), "date");
    case "timestamp":
    case "local":
      return oracleTime(Temporal.PlainDateTime.from(value), "timestamp");
    case "moment":
      return oracleTime(Temporal.PlainDateTime.from(value), "moment");
    default:
      return new TextEncoder().encode(value);
  }
}

function bindType(reader: TtcReader): number {
  const type = reader.u8();
  reader.raw(3);
  for (let i = 0; i < 6; i++) reader.number();
  reader.u8();
  reader.number();
  reader.number();
  return type;
}

function bindRows(reader: TtcReader, types: readonly number[]): (string | null)[][] {
  const rows: (string | null)[][] = [];
  while (reader.more && types.length > 0) {
    if (reader.u8() !== MESSAGE.row) throw new Error("a row of values was expected");
    rows.push(types.map((type) => boundText(reader.bytes(), type)));
  }
  return rows;
}

function boundText(bytes: Uint8Array | null, type: number): string | null {
  if (bytes === null) return null;
  switch (type) {
    case TYPE.number:
      return numberText(bytes);
    case TYPE.bytes:
      return bytes.toHex();
    case TYPE.date:
    case TYPE.timestamp:
    case TYPE.moment:
    case TYPE.local:
      return timeText(bytes);
    default:
      return new TextDecoder().decode(bytes);
  }
}
