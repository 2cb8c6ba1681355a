/** Runs the benchmarks named on the command line, or all of them, one after the other. */
import { V8_FLAGS } from "../scripts/v8_flags.ts";
import { say } from "./measure.ts";

const ALL = [
  "triggers",
  "lateness",
  "hosts",
  "survivors",
  "history",
  "datasource",
  "pages",
  "interactive",
  "flood",
];

const chosen = Deno.args.length > 0 ? Deno.args : ALL;
for (const name of chosen) {
  if (!ALL.includes(name)) {
    say(`no benchmark "${name}"; there are: ${ALL.join(", ")}`);
    Deno.exit(2);
  }
}
for (const name of chosen) {
  say(`\n== ${name}`);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", V8_FLAGS, new URL(`${name}.ts`, import.meta.url).pathname],
  }).output().then(async (output) => {
    await Deno.stdout.write(output.stdout);
    await Deno.stderr.write(output.stderr);
    return output;
  });
  if (code !== 0) Deno.exit(code);
}
