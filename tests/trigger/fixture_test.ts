import assert from "node:assert/strict";
import { compileTrigger } from "../../app/trigger/compile.ts";
import { triggerFromJson } from "../../app/trigger/from_json.ts";
import { firesFrom } from "../../app/cli/next.ts";

/**
 * 1,500 triggers with the fires APScheduler 3 gives them. One line of it cannot be met: pytz, which APScheduler 3 takes
 * its zones from, ends its tables in 2037 and keeps that year's last offset for ever, so it holds Lord Howe at UTC+11 in
 * the winter of 2042, where the zone's rule says UTC+10:30.
 */
const BEYOND_PYTZ = new Map([["2042-08-24T17:00:00.000Z", "2042-08-24T17:30:00.000Z"]]);

const CASES = Deno.readTextFileSync(new URL("./apscheduler_fire_times.ndjson", import.meta.url)).trim().split(
  "\n",
);

Deno.test("every trigger of APScheduler fires at the same instants", () => {
  let corrected = 0;
  for (const line of CASES) {
    const { spec, from } = triggerFromJson(line);
    assert.ok(from);
    const trigger = compileTrigger(spec, { timezone: "UTC", anchor: from.epochMilliseconds });
    const fires = firesFrom(trigger, from, 6).map((at) => at.toString({ smallestUnit: "millisecond" }));
    const expected = (JSON.parse(line) as { fires: string[] }).fires.map((fire) => {
      if (BEYOND_PYTZ.has(fire)) corrected++;
      return BEYOND_PYTZ.get(fire) ?? fire;
    });
    assert.deepEqual(fires, expected, line);
  }
  assert.equal(CASES.length, 1_500);
  assert.equal(corrected, BEYOND_PYTZ.size);
});
