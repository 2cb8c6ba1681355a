/** The databases' own command lines, each asked one question after another: what they print is what a person would see. */
import type { OwnServer } from "./servers.ts";

export interface OwnClient extends AsyncDisposable {
  /** The lines that it prints; of several columns and of texts with line ends, hexadecimal digits are for the asker to ask for. */
  ask(sql: string): Promise<string[]>;
}

const END = "carillon-end";

function startClient(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): OwnClient {
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env, LC_ALL: "C.UTF-8" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  return {
    async ask(sql) {
      await writer.write(new TextEncoder().encode(`${sql};\nSELECT '${END}';\n`));
      while (!waiting.includes(`${END}\n`)) {
        const { value, done } = await output.read();
        if (done) throw new Error(`${command} ended: ${waiting}`);
        waiting += value;
      }
      const at = waiting.indexOf(`${END}\n`);
      const lines = waiting.slice(0, at).split("\n").slice(0, -1);
      waiting = waiting.slice(at + END.length + 1);
      return lines;
    },
    async [Symbol.asyncDispose]() {
      await writer.close();
      await output.cancel();
      await child.status;
    },
  };
}

export function startPsql({ port, user, password, database }: OwnServer): OwnClient {
  const address = ["-h", "127.0.0.1", "-p", String(port), "-U", user, "-d", database];
  return startClient("psql", ["-X", "-q", "-A", "-t", ...address], { PGPASSWORD: password, PGTZ: "UTC" });
}

export function startMariadbClient({ socket, user, password, database }: OwnServer): OwnClient {
  const options = [
    "--no-defaults",
    "--batch",
    "--skip-column-names",
    "--unbuffered",
    "--default-character-set=utf8mb4",
  ];
  const setting = "--init-command=SET time_zone = '+00:00'";
  return startClient("mariadb", [...options, setting, `--socket=${socket}`, `--user=${user}`, database], {
    MYSQL_PWD: password,
  });
}
