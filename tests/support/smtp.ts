/** A real SMTP server (npm `smtp-server`) on the loopback interface, with TLS or with its STARTTLS stripped. */
import { SMTPServer } from "npm:smtp-server@3.21.6";

export interface SmtpServer extends AsyncDisposable {
  readonly port: number;
  /** Mails as they came, headers and all. */
  readonly mails: readonly {
    readonly raw: string;
    readonly to: readonly string[];
    readonly secure: boolean;
  }[];
  /** Passwords it was given. */
  readonly passwords: readonly string[];
}

export interface SmtpOptions {
  readonly cert: string;
  readonly key: string;
  /** `stripped`: somebody on the way has taken STARTTLS out. */
  readonly mode: "implicit" | "starttls" | "stripped";
  /** What the server says to a mail instead of taking it, such as 451. */
  readonly refuse?: { readonly code: number; readonly text: string };
}

export async function startSmtpServer({ cert, key, mode, refuse }: SmtpOptions): Promise<SmtpServer> {
  const mails: { raw: string; to: string[]; secure: boolean }[] = [];
  const passwords: string[] = [];
  const server = new SMTPServer({
    cert,
    key,
    name: "test",
    secure: mode === "implicit",
    hideSTARTTLS: mode === "stripped",
    disabledCommands: mode === "stripped" ? ["STARTTLS"] : [],
    authOptional: true,
    allowInsecureAuth: true,
    onAuth(auth, _session, done) {
      passwords.push(auth.password ?? "");
      if (auth.password === "right") done(null, { user: auth.username });
      else done(new Error("authentication failed"));
    },
    onData(stream, session, done) {
      let raw = "";
      stream.on("data", (chunk: Uint8Array) => raw += new TextDecoder().decode(chunk));
      stream.on("end", () => {
        if (refuse) return done(Object.assign(new Error(refuse.text), { responseCode: refuse.code }));
        mails.push({
          raw,
          to: session.envelope.rcptTo.map(({ address }) => address),
          secure: session.secure,
        });
        done(null, "queued");
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as { port: number };
  return {
    port,
    mails,
    passwords,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
