/**
 * Ten real minutes in which the clock of the executable is set forward and back, and it is halted and killed:
 *
 *     deno run -A scripts/clock_trial.ts [minutes] [seed]
 *
 * It needs dist/carillon and the package `faketime`. What it did and found is printed; a due instant with no record, or
 * with two, is an error.
 */
import { clockTrial, fakeTimeLibrary } from "../tests/support/clock_trial.ts";

const [minutes = "10", seed = String(Date.now() % 1_000_000)] = Deno.args;
const library = fakeTimeLibrary();
if (library === undefined) throw new Error("libfaketimeMT.so.1 is not there; install the package faketime");
const { steps, records, instants, checked } = await clockTrial(
  library,
  Number(minutes) * 60_000,
  Number(seed),
);
const lines = [
  ...steps,
  `seed ${seed}: ${records} records of ${instants} instants; ${checked} of what was lived through have one each`,
];
Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n`));
