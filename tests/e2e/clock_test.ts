/** A minute of real time in which the executable's clock is set, and it is halted and killed; ten of them: scripts/clock_trial.ts. */
import assert from "node:assert/strict";
import { hasBinary } from "../support/binary.ts";
import { clockTrial, fakeTimeLibrary } from "../support/clock_trial.ts";

const library = fakeTimeLibrary();

Deno.test({
  name: "clock set forward and back, halted, killed: each due instant has one record",
  // Where faketime is not installed there is no other clock to be set.
  ignore: !hasBinary() || library === undefined,
  async fn() {
    const { records, checked, steps } = await clockTrial(library ?? "", 45_000, 20_260_313);
    assert.ok(records > 20 && checked > 1_500, `${records} records, ${checked} instants`);
    assert.ok(steps.length >= 5, steps.join("\n"));
  },
});
