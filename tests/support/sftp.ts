/** An SFTP server (npm `ssh2`) with files in memory, on the loopback interface. */
import { Buffer } from "node:buffer";
import ssh2 from "npm:ssh2@1.17.0";

export interface SftpServer extends AsyncDisposable {
  readonly port: number;
  /** Its files, by path; what is fetched and deleted is gone from it. */
  readonly files: Map<string, string>;
}

const { STATUS_CODE } = ssh2.utils.sftp;
const FILE_MODE = 0o100644;
const FOLDER_MODE = 0o040755;

export async function startSftpServer(
  password: string,
  given: Readonly<Record<string, string>>,
): Promise<SftpServer> {
  const files = new Map(Object.entries(given));
  const { private: key } = ssh2.utils.generateKeyPairSync("ed25519");
  const server = new ssh2.Server({ hostKeys: [key] }, (client: Client) => {
    client.on("authentication", (attempt: Attempt) => {
      if (attempt.method === "password" && attempt.password === password) attempt.accept();
      else attempt.reject(["password"]);
    });
    // Whoever hangs up has said all that is to be said.
    client.on("error", () => {});
    client.on("ready", () => {
      client.on("session", (accept: () => Client) => {
        accept().on("sftp", (acceptSftp: () => Sftp) => serveFiles(acceptSftp(), files));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    files,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

interface Client {
  // deno-lint-ignore no-explicit-any -- the package has no types, and an event's arguments are its own
  on(event: string, call: (...values: any[]) => void): void;
}

interface Attempt {
  readonly method: string;
  readonly password: string;
  accept(): void;
  reject(methods: readonly string[]): void;
}

interface Sftp extends Client {
  status(request: number, code: number): void;
  handle(request: number, handle: Uint8Array): void;
  attrs(request: number, attributes: unknown): void;
  name(request: number, names: readonly unknown[]): void;
  data(request: number, data: Uint8Array): void;
}

function serveFiles(sftp: Sftp, files: Map<string, string>): void {
  const open = new Map<number, { readonly path: string; listed: boolean }>();
  let count = 0;
  const opened = (path: string) => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(++count);
    open.set(count, { path, listed: false });
    return handle;
  };
  const of = (handle: Uint8Array) => open.get(Buffer.from(handle).readUInt32BE(0));
  const isFolder = (path: string) => [...files.keys()].some((file) => file.startsWith(`${path}/`));
  const attributes = (path: string) => ({
    mode: files.has(path) ? FILE_MODE : FOLDER_MODE,
    uid: 0,
    gid: 0,
    size: Buffer.byteLength(files.get(path) ?? ""),
    atime: 0,
    mtime: 0,
  });
  const stat = (request: number, path: string) =>
    files.has(path) || isFolder(path)
      ? sftp.attrs(request, attributes(path))
      : sftp.status(request, STATUS_CODE.NO_SUCH_FILE);
  sftp.on("REALPATH", (request, path) => sftp.name(request, [{ filename: path, longname: path, attrs: {} }]));
  sftp.on("STAT", stat);
  sftp.on("LSTAT", stat);
  sftp.on("FSTAT", (request, handle) => stat(request, of(handle)?.path ?? ""));
  sftp.on("OPENDIR", (request, path) => sftp.handle(request, opened(path)));
  sftp.on("READDIR", (request, handle) => {
    const folder = of(handle);
    if (!folder || folder.listed) return sftp.status(request, STATUS_CODE.EOF);
    folder.listed = true;
    const found = [...files.keys()].filter((file) => file.startsWith(`${folder.path}/`));
    sftp.name(
      request,
      found.map((file) => ({
        filename: file.slice(folder.path.length + 1),
        longname: `-rw-r--r-- 1 a a 1 Jan 1 00:00 ${file.slice(folder.path.length + 1)}`,
        attrs: attributes(file),
      })),
    );
  });
  sftp.on("OPEN", (request, path) => {
    if (files.has(path)) sftp.handle(request, opened(path));
    else sftp.status(request, STATUS_CODE.NO_SUCH_FILE);
  });
  sftp.on("READ", (request, handle, offset, length) => {
    const bytes = Buffer.from(files.get(of(handle)?.path ?? "") ?? "").subarray(offset, offset + length);
    if (bytes.length === 0) sftp.status(request, STATUS_CODE.EOF);
    else sftp.data(request, bytes);
  });
  sftp.on("REMOVE", (request, path) => {
    sftp.status(request, files.delete(path) ? STATUS_CODE.OK : STATUS_CODE.NO_SUCH_FILE);
  });
  sftp.on("CLOSE", (request) => sftp.status(request, STATUS_CODE.OK));
}
