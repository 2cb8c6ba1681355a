/** A bounded part of scripts/trigger_fuzz.ts: triggers made at random against an independent reading of the docs. */
import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { specOf, triggerCases } from "../support/trigger_cases.ts";
import { oracleFires } from "../support/trigger_oracle.ts";

const SEED = Number(Deno.env.get("TRIGGER_SEED") ?? Math.floor(Math.random() * 1e9));
const CASES = 600;
const FIRES = 4;
/** Dates that the oracle looks at. */
const DAYS = 400;

Deno.test(`${CASES} random triggers fire as docs/triggers.md has it (TRIGGER_SEED=${SEED})`, () => {
  let compared = 0;
  for (const { given, after } of triggerCases(CASES, SEED)) {
    if (given.kind === "interval") continue;
    const horizon = after.add({ hours: 24 * (DAYS - 5) });
    const trigger = compileTrigger(specOf(given), { timezone: "UTC", anchor: 0 });
    const fires: string[] = [];
    let at = trigger.next(after);
    while (at && fires.length < FIRES && Temporal.Instant.compare(at, horizon) < 0) {
      fires.push(at.toString());
      at = trigger.next(at);
    }
    const expected = oracleFires(given, after, FIRES, DAYS)
      .filter((fire) => Temporal.Instant.compare(fire, horizon) < 0)
      .map(String);
    assert.deepEqual(fires, expected, `${JSON.stringify(given)} after ${after}, TRIGGER_SEED=${SEED}`);
    compared += fires.length;
  }
  assert.ok(compared > CASES, `${compared} fires compared`);
});
