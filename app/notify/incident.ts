/** What is remembered of trouble that goes on, and what a message says of it. Plain data, but for how an incident begins. */
import type { EpochMs } from "../base/time.ts";
import type { Notice } from "./notice.ts";

const HOUR_MS = 3_600_000;
/** So many times an hour trouble that is over may begin as if it were new. */
const FRESH_AN_HOUR = 2;

/** A notice in a message, with how often the like of it has happened since the last one, itself included. */
export interface Item {
  readonly notice: Notice;
  readonly count: number;
  /** When the first of them happened. */
  readonly since: EpochMs;
  /** True where it is over by now. */
  readonly over: boolean;
}

/** What one message is to say. */
export interface Draft {
  readonly items: readonly Item[];
  /** How many more there are that are not kept by name. */
  readonly more: number;
}

/** A message about one thing that happened, and nothing else. */
export function draftOf(notice: Notice): Draft {
  return { items: [{ notice, count: 1, since: notice.at, over: false }], more: 0 };
}

/** One likeness of trouble in an incident. */
export interface Strand {
  /** Index of the space that is going on. */
  step: number;
  /** Not told again before this. */
  nextAt: EpochMs;
  /** How often it has happened since it was told. */
  waiting: number;
  since: EpochMs;
  last: Notice;
}

export interface Incident {
  open: boolean;
  openedAt: EpochMs;
  /** True where somebody was told since it opened. */
  told: boolean;
  /** How often trouble was heard since it opened. */
  count: number;
  /** When it opened, in the last hour. */
  openings: EpochMs[];
  closedAt?: EpochMs | undefined;
  /** Until it is over or another likeness shows, nothing is repeated. */
  acknowledged: boolean;
  strands: Record<string, Strand>;
}

export interface Burst {
  until: EpochMs;
  joined: Item[];
  more: number;
}

export function newIncident(now: EpochMs): Incident {
  return {
    open: false,
    openedAt: now,
    told: false,
    count: 0,
    openings: [],
    acknowledged: false,
    strands: {},
  };
}

/** Trouble that comes back for the third time within an hour goes on where it was. */
export function open(incident: Incident, now: EpochMs): void {
  incident.open = true;
  incident.openedAt = now;
  incident.told = false;
  incident.count = 0;
  incident.closedAt = undefined;
  incident.openings = [...incident.openings.filter((at) => at > now - HOUR_MS), now].slice(-10);
  if (incident.openings.length > FRESH_AN_HOUR) return;
  // What nobody was told of yet is told with what comes now.
  const untold = Object.entries(incident.strands).filter(([, { waiting }]) => waiting > 0);
  incident.strands = Object.fromEntries(
    untold.map(([likeness, strand]) => [likeness, { ...strand, step: 0, nextAt: now }]),
  );
}
