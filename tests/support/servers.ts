/** Private database servers, each in a temporary folder and on a free port of the loopback interface. */
import { join } from "node:path";
import { NEW_KEY } from "./certificate.ts";
import { madeOnce } from "./made_once.ts";

export interface TestServer extends AsyncDisposable {
  /** 127.0.0.1 when left out. */
  readonly host?: string;
  readonly type: "postgresql" | "mysql" | "sqlserver" | "oracle";
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Ends it as a crash would, and starts it anew on the same port and data; not for a server that is not ours. */
  readonly crash?: () => Promise<void>;
}

/** A server's program, or undefined where it is missing; under CI=true it must be there. */
export function program(name: string, places: readonly string[]): string | undefined {
  for (const place of places) {
    try {
      if (Deno.statSync(join(place, name)).isFile) return join(place, name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  if (Deno.env.get("CI") === "true") throw new Error(`${name} is not installed`);
  return undefined;
}

const POSTGRES_PLACES = (() => {
  try {
    return [...Deno.readDirSync("/usr/lib/postgresql")].map(({ name }) => `/usr/lib/postgresql/${name}/bin`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
})();
const SYSTEM_PLACES = ["/usr/sbin", "/usr/bin", "/usr/libexec"];

export const postgresProgram = (): string | undefined => program("postgres", POSTGRES_PLACES);
export const pythonProgram = (): string | undefined => program("python3", SYSTEM_PLACES);
export const mariadbProgram = (): string | undefined => program("mariadbd", SYSTEM_PLACES);

const PASSWORD = "p:ss=w#rd;%1";

async function freePort(): Promise<number> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return await Promise.resolve((listener.addr as Deno.NetAddr).port);
}

async function run(command: string, args: readonly string[], input?: string): Promise<void> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  if (code !== 0) {
    throw new Error(`${command} ended with ${code}: ${text.decode(stdout)}${text.decode(stderr)}`);
  }
}

/** Servers do not run as root: they get the account of their Debian package. */
function asUser(user: string, command: string, args: readonly string[]): [string, string[]] {
  return Deno.uid() === 0
    ? ["setpriv", [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", command, ...args]]
    : [
      command,
      [...args],
    ];
}

interface ServerPlan {
  readonly type: TestServer["type"];
  readonly user: string;
  readonly account: string;
  readonly command: string;
  readonly args: (folder: string, port: number) => string[];
  /** Writes what it needs beside its data. */
  readonly prepare: (folder: string) => Promise<void>;
  /** Makes `data` of an empty server in a folder that is its account's. */
  readonly install: (folder: string) => Promise<void>;
  /** A line on standard error that says that it answers. */
  readonly ready: RegExp;
}

/** A server that was started here. */
export interface OwnServer extends TestServer {
  /** Where the certificate is that its own one is made with, if it has one. */
  readonly authority: string;
  readonly pid: number;
  /** Where its unix socket is: the folder of PostgreSQL's, the path of MariaDB's. */
  readonly socket: string;
  readonly crash: () => Promise<void>;
}

/** With owners and modes; logs of 100 MB hold nothing yet. */
const COPY = ["--archive", "--sparse=always"];

/** The data of an empty server: to copy it takes a tenth of the time that it takes to make it. */
async function installed({ type, account, command, install }: ServerPlan): Promise<string> {
  const { mtime, size } = await Deno.stat(command);
  return await madeOnce(type, `${command} ${mtime?.getTime()} ${size} ${install}`, async (target) => {
    const folder = await Deno.makeTempDir({ prefix: "carillon-server-" });
    try {
      if (Deno.uid() === 0) await run("chown", [account, folder]);
      await install(folder);
      await run("cp", [...COPY, join(folder, "data"), target]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function startServer(plan: ServerPlan): Promise<OwnServer> {
  const folder = await Deno.makeTempDir({ prefix: "carillon-server-" });
  if (Deno.uid() === 0) await run("chown", [plan.account, folder]);
  await plan.prepare(folder);
  await run("cp", [...COPY, await installed(plan), join(folder, "data")]);
  const port = await freePort();
  let going = await launch();

  async function launch(): Promise<{ readonly child: Deno.ChildProcess; readonly reading: Promise<void> }> {
    const [command, args] = asUser(plan.account, plan.command, plan.args(folder, port));
    const child = new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
    let log = "";
    const ready = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        log += text;
        if (plan.ready.test(log)) ready.resolve();
      }
      ready.reject(new Error(`the server ended:\n${log}`));
    })();
    await ready.promise;
    return { child, reading };
  }

  async function end(signal: Deno.Signal): Promise<void> {
    going.child.kill(signal);
    await going.child.status;
    await going.reading;
  }

  return {
    type: plan.type,
    port,
    user: plan.user,
    password: PASSWORD,
    database: "carillon",
    authority: authorityIn(folder),
    socket: plan.type === "postgresql" ? folder : join(folder, "s"),
    get pid() {
      return going.child.pid;
    },
    async crash() {
      await end("SIGKILL");
      going = await launch();
    },
    async [Symbol.asyncDispose]() {
      await end(plan.type === "postgresql" ? "SIGINT" : "SIGTERM");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export interface ServerOptions {
  /** The server has a certificate for 127.0.0.1, of an authority that nobody knows. */
  readonly tls?: boolean;
}

/** Where the certificate of a server is, in its folder, and that of the authority that made it. */
const certificateIn = (folder: string) => join(folder, "certificate.pem");
const keyIn = (folder: string) => join(folder, "key.pem");
const authorityIn = (folder: string) => join(folder, "authority.pem");

async function makeCertificate(folder: string, account: string): Promise<void> {
  const request = ["req", "-x509", ...NEW_KEY, "-nodes", "-days", "2"];
  const authorityKey = join(folder, "authority.key");
  await run("openssl", [
    ...[...request, "-subj", "/CN=Test authority", "-keyout", authorityKey, "-out", authorityIn(folder)],
    ...["-addext", "keyUsage=critical,keyCertSign"],
  ]);
  await run("openssl", [
    ...[...request, "-subj", "/CN=127.0.0.1", "-keyout", keyIn(folder), "-out", certificateIn(folder)],
    ...["-CA", authorityIn(folder), "-CAkey", authorityKey, "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
  ]);
  if (Deno.uid() === 0) await run("chown", [account, keyIn(folder), certificateIn(folder)]);
  await Deno.chmod(keyIn(folder), 0o600);
}

export async function startPostgres({ tls = false }: ServerOptions = {}): Promise<OwnServer> {
  const command = postgresProgram() ?? "";
  const initdb = command.replace(/postgres$/, "initdb");
  return await startServer({
    type: "postgresql",
    user: "postgres",
    account: "postgres",
    command,
    args: (folder, port) => [
      "-D",
      `${folder}/data`,
      ...[
        "-c",
        `port=${port}`,
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        `unix_socket_directories=${folder}`,
      ],
      ...["-c", "fsync=off", "-c", "max_connections=20"],
      ...(tls ? ["-c", "ssl=on", "-c", `ssl_cert_file=${certificateIn(folder)}`] : []),
      ...(tls ? ["-c", `ssl_key_file=${keyIn(folder)}`] : []),
    ],
    async prepare(folder) {
      if (tls) await makeCertificate(folder, "postgres");
    },
    async install(folder) {
      const secret = join(folder, "secret");
      await Deno.writeTextFile(secret, PASSWORD, { mode: 0o644 });
      const [init, args] = asUser("postgres", initdb, [
        "-D",
        `${folder}/data`,
        "-U",
        "postgres",
        "-A",
        "scram-sha-256",
        `--pwfile=${secret}`,
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
      ]);
      await run(init, args);
      const [single, singleArgs] = asUser("postgres", command, [
        "--single",
        "-D",
        `${folder}/data`,
        "postgres",
      ]);
      await run(single, singleArgs, "CREATE DATABASE carillon\n");
    },
    ready: /database system is ready to accept connections/,
  });
}

export async function startMariadb({ tls = false }: ServerOptions = {}): Promise<OwnServer> {
  const command = mariadbProgram() ?? "";
  return await startServer({
    type: "mysql",
    user: "carillon",
    account: "mysql",
    command,
    args: (folder, port) => [
      "--no-defaults",
      `--datadir=${folder}/data`,
      `--port=${port}`,
      `--socket=${folder}/s`,
      `--init-file=${folder}/init.sql`,
      "--bind-address=127.0.0.1",
      "--skip-name-resolve",
      "--innodb-flush-log-at-trx-commit=0",
      "--character-set-server=utf8mb4",
      ...(tls ? [`--ssl-cert=${certificateIn(folder)}`, `--ssl-key=${keyIn(folder)}`] : []),
    ],
    async prepare(folder) {
      if (tls) await makeCertificate(folder, "mysql");
      await Deno.writeTextFile(
        join(folder, "init.sql"),
        [
          "CREATE DATABASE IF NOT EXISTS carillon;",
          `CREATE OR REPLACE USER carillon@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';`,
          "GRANT ALL ON *.* TO carillon@'127.0.0.1';",
          `CREATE OR REPLACE USER carillon@localhost IDENTIFIED BY '${PASSWORD}';`,
          "GRANT ALL ON *.* TO carillon@localhost;",
          "",
        ].join("\n"),
        { mode: 0o644 },
      );
    },
    async install(folder) {
      const [install, args] = asUser("mysql", "/usr/bin/mariadb-install-db", [
        "--no-defaults",
        `--datadir=${folder}/data`,
        "--skip-test-db",
        "--auth-root-authentication-method=normal",
      ]);
      await run(install, args);
    },
    ready: /ready for connections/,
  });
}

/** A section of database.ini for a server. */
export function sectionFor(
  name: string,
  { type, host = "127.0.0.1", port, user, password, database }: TestServer,
): string {
  return [
    `[${name}]`,
    `type = ${type}`,
    `host = ${host}`,
    `port = ${port}`,
    `database = ${database}`,
    `user = ${user}`,
    `password = ${password.replaceAll("%", "%%")}`,
    "",
  ].join("\n");
}
