/** How this same program is started as a task host. */

/** The hidden command; its one argument is the path of the socket. */
export const HOST_COMMAND = "task-host";

/** How a host is started that connects to a socket. @param socketPath where the clock listens for it */
export type HostCommand = (
  socketPath: string,
) => { readonly command: string; readonly args: readonly string[] };

/** The executable itself, or Deno with the main module. */
export const hostCommand: HostCommand = (socketPath) => {
  const command = Deno.execPath();
  if (Deno.build.standalone) return { command, args: [HOST_COMMAND, socketPath] };
  const main = new URL("../../main.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  return {
    command,
    args: ["run", "--quiet", "--allow-all", `--config=${config}`, main, HOST_COMMAND, socketPath],
  };
};
