/** Windows of time that people ask about: the last 24 hours, last night, the weekend, or their own. */
import { type EpochMs, instantOf } from "../base/time.ts";
import type { Window } from "../service/queries/today.ts";
import { instantText } from "./lane.ts";
import { RequestProblem } from "./request_problem.ts";

export const WINDOW_NAMES = ["night", "day", "weekend"] as const;
export type WindowName = (typeof WINDOW_NAMES)[number];

/** The night is from 22:00 to 08:00, the weekend from Friday 18:00 to Monday 08:00, on the viewer's wall clock. */
const NIGHT = { from: 22, to: 8 } as const;
const WEEKEND = { fromDay: 5, from: 18, to: 8 } as const;
const DAY_MS = 86_400_000;

export interface AskedWindow extends Window {
  readonly name: WindowName | "own";
  /** What stands in the address; empty for the 24 hours. */
  readonly query: Readonly<Record<string, string>>;
}

/** Years that a page can show: beyond them, the days around do not exist for `Temporal`, or have no four digits. */
export function isKnownYear(year: number): boolean {
  return year >= 1970 && year <= 9_998;
}

/** @param fallback what is meant where the address says nothing */
export function readWindow(
  params: URLSearchParams,
  now: EpochMs,
  zone: string,
  fallback: WindowName = "day",
): AskedWindow {
  const given = { from: params.get("from") ?? "", to: params.get("to") ?? "" };
  if (given.from !== "" || given.to !== "") {
    const to = given.to === "" ? now + 1 : momentOf("to", given.to, zone);
    const from = given.from === "" ? to - DAY_MS : momentOf("from", given.from, zone);
    if (from >= to) {
      throw new RequestProblem(400, "problem.request", {
        reason: `from: "${given.from}" is not before "${given.to}"`,
      });
    }
    return { name: "own", from, to, query: { from: given.from, to: given.to } };
  }
  const asked = params.get("window") ?? "";
  const name = WINDOW_NAMES.find((each) => each === asked);
  if (asked !== "" && !name) {
    throw new RequestProblem(400, "problem.request", {
      reason: `window: "${asked}" is not one of ${WINDOW_NAMES.join(", ")}`,
    });
  }
  return namedWindow(name ?? fallback, now, zone, fallback);
}

export function namedWindow(
  name: WindowName,
  now: EpochMs,
  zone: string,
  fallback: WindowName = "day",
): AskedWindow {
  return { name, ...spanOf(name, now, zone), query: { window: name === fallback ? "" : name } };
}

function spanOf(name: WindowName, now: EpochMs, zone: string): Window {
  const local = instantOf(now).toZonedDateTimeISO(zone);
  const day = local.toPlainDate();
  const at = (date: Temporal.PlainDate, hour: number) =>
    date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from({ hour }) }).epochMilliseconds;
  if (name === "day") return { from: now - DAY_MS, to: now + 1 };
  if (name === "night") {
    // From ten in the evening it is the night that has begun.
    const evening = local.hour >= NIGHT.from ? day : day.subtract({ days: 1 });
    return { from: at(evening, NIGHT.from), to: Math.min(now + 1, at(evening.add({ days: 1 }), NIGHT.to)) };
  }
  let friday = day.subtract({ days: (day.dayOfWeek - WEEKEND.fromDay + 7) % 7 });
  if (at(friday, WEEKEND.from) > now) friday = friday.subtract({ days: 7 });
  return { from: at(friday, WEEKEND.from), to: Math.min(now + 1, at(friday.add({ days: 3 }), WEEKEND.to)) };
}

/** An instant (`2026-03-10T10:00:00Z`) or a wall clock of the viewer (`2026-03-10T10:00`, as forms give it). */
function momentOf(name: string, given: string, zone: string): EpochMs {
  try {
    const moment = /(?:Z|[+-]\d{2}:?\d{2})$/.test(given)
      ? Temporal.Instant.from(given).toZonedDateTimeISO(zone)
      : Temporal.PlainDateTime.from(given).toZonedDateTime(zone);
    if (isKnownYear(moment.year)) return moment.epochMilliseconds;
  } catch {
    // Said below.
  }
  throw new RequestProblem(400, "problem.request", { reason: `${name}: "${given}" is not a moment` });
}

/** As a field of a form takes it: `2026-03-10T10:00`. */
export function fieldMoment(at: EpochMs, zone: string): string {
  return instantOf(at).toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: "minute" });
}

/** A window as it stands in the address of runs. */
export function windowQuery({ from, to }: Window): { readonly from: string; readonly to: string } {
  return { from: instantText(from), to: instantText(to) };
}
