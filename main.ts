/** The program: one command of `app/cli`, chosen by the first argument; or a task host, which loads nothing else. */
import { HOST_COMMAND } from "./app/worker/host_command.ts";

if (import.meta.main) {
  const [command, path] = Deno.args;
  if (command === HOST_COMMAND && path !== undefined) {
    // Not awaited: a module that is still being evaluated would count as work of each run.
    void import("./app/worker/host_main.ts").then(({ hostMain }) => hostMain(path));
  } else {
    const { runProgram } = await import("./app/cli/program.ts");
    Deno.exit(await runProgram(Deno.args));
  }
}
