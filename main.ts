/** The program: one command of `app/cli`, chosen by the first argument. */
import { runCommand } from "./app/cli/command.ts";

if (import.meta.main) Deno.exit(await runCommand(Deno.args));
