/** The message with which somebody tries a target. */
import type { EpochMs } from "../base/time.ts";
import { type Draft, draftOf } from "./incident.ts";

/** @param target the name of its section */
export function testDraft(target: string, now: EpochMs): Draft {
  return draftOf({
    key: `test/${now}`,
    kind: "test",
    at: now,
    subject: "system/test",
    likeness: "test",
    values: { target },
  });
}
