/**
 * The driver in its thin mode, with what it lacks here: times to the last digit and whatever the zone of this machine, the
 * cipher of logins with a password of the 11g kind, and a way to hang up on a server that does not answer.
 *
 * What of it is changed is looked up by name each time, so that it can be stood in front of; tests tell when that is no
 * longer so.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Buffer } from "node:buffer";
// @ts-types="npm:@types/oracledb@7.0.3"
import type * as Oracle from "oracledb";
import { decrypted192, encrypted192 } from "./aes_192.ts";

/** A time as the driver gives it, to the millisecond, and as the server wrote it. */
export type OracleDate = Date & {
  /** Year to nanosecond, of no zone or in that of the database. */
  readonly written?: Temporal.PlainDateTime;
};

interface TimeReader {
  parseOracleDate(bytes: Buffer, isLocal?: boolean, isOfDatabase?: boolean): Date;
}

interface Ciphers {
  decrypt(key: Buffer, bytes: Buffer): Buffer;
  /** Behind the bytes stand as many of one value as fill the last block; a full one where it is full. */
  _encrypt(key: Buffer, bytes: Buffer, withZeros?: boolean): Buffer;
}

/** The driver's side of a connection to a listener, and then to the server. */
interface NetworkSession {
  /** False, and the driver does not try to say goodbye. */
  connected: boolean;
  readonly ntAdapter?: {
    readonly connected: boolean;
    /** True once the server has hung up. */
    readonly err: boolean;
    readonly stream?: { destroy(): void };
  } | null;
  connect(config: unknown): Promise<void>;
}

/** A connection that is being made, or was. */
export interface OpenedSession {
  readonly made: Promise<Oracle.Connection>;
  /** False once either side has hung up. */
  readonly isConnected: () => boolean;
  /** Hangs up, whatever the driver waits for. */
  readonly cut: () => void;
}

const KEY_192 = 24;
const BLOCK = 16;

let loading: Promise<typeof Oracle> | undefined;

export function thinMode(): Promise<typeof Oracle> {
  return loading ??= (async () => {
    const { default: oracle } = await import("oracledb");
    const times = (await import("oracledb/lib/impl/datahandlers/buffer.js")).default as {
      readonly BaseBuffer: { readonly prototype: TimeReader };
    };
    readsTimesExactly(times.BaseBuffer.prototype);
    const network = (await import("oracledb/lib/thin/sqlnet/networkSession.js")).default as {
      readonly NetworkSession: { readonly prototype: NetworkSession };
    };
    tellsSessions(network.NetworkSession.prototype);
    hasCiphers((await import("oracledb/lib/thin/protocol/encryptDecrypt.js")).default as Ciphers);
    return oracle as typeof Oracle;
  })();
}

/** Who makes a connection is told its session as soon as there is one. */
const sessions = new AsyncLocalStorage<(session: NetworkSession) => void>();

function tellsSessions(network: NetworkSession): void {
  const { connect } = network;
  network.connect = function (config) {
    sessions.getStore()?.(this);
    return connect.call(this, config);
  };
}

export function openSession(oracle: typeof Oracle, attributes: Oracle.ConnectionAttributes): OpenedSession {
  let session: NetworkSession | undefined;
  const made = sessions.run((each) => session = each, () => oracle.getConnection(attributes));
  return {
    made,
    isConnected: () => session?.ntAdapter?.connected === true && !session.ntAdapter.err,
    cut() {
      if (!session) return;
      session.connected = false;
      session.ntAdapter?.stream?.destroy();
    },
  };
}

function readsTimesExactly(reader: TimeReader): void {
  const { parseOracleDate } = reader;
  reader.parseOracleDate = function (bytes, isLocal, isOfDatabase) {
    return Object.assign(parseOracleDate.call(this, bytes, isLocal, isOfDatabase), {
      written: writtenTime(bytes),
    });
  };
}

/** Century and year, each 100 more; month, day; hour, minute and second, each one more; nanoseconds where there are any. */
function writtenTime(bytes: Buffer): Temporal.PlainDateTime {
  const [century = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = bytes;
  const full = (century - 100) * 100 + year - 100;
  const nanosecond = bytes.length >= 11 ? bytes.readUInt32BE(7) : 0;
  return new Temporal.PlainDateTime(
    // There is no year 0: the one before 1 is -1.
    full < 0 ? full + 1 : full,
    month,
    day,
    hour - 1,
    minute - 1,
    second - 1,
    Math.trunc(nanosecond / 1_000_000),
    Math.trunc(nanosecond / 1_000) % 1_000,
    nanosecond % 1_000,
  );
}

function hasCiphers(ciphers: Ciphers): void {
  const { decrypt, _encrypt } = ciphers;
  ciphers.decrypt = function (key, bytes) {
    return key.length === KEY_192 ? decrypted192(key, bytes) : decrypt.call(this, key, bytes);
  };
  ciphers._encrypt = function (key, bytes, withZeros) {
    if (key.length !== KEY_192 || withZeros) return _encrypt.call(this, key, bytes, withZeros);
    const missing = BLOCK - bytes.length % BLOCK;
    return encrypted192(key, Buffer.concat([bytes, Buffer.alloc(missing, missing)]));
  };
}
