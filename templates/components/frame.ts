/** What the frame of every page is given. */
import type { HistoryHealth } from "../../app/model/history.ts";
import type { ViewerView } from "../views.ts";

export interface PageFrame {
  readonly viewer: ViewerView;
  /** Path of the page. */
  readonly path: string;
  /** Path with what was asked of it: where one comes back to. */
  readonly address: string;
  readonly assets: {
    readonly style: string;
    readonly htmx: string;
    readonly script: string;
    readonly icon: string;
    /** Markup of the marks in lanes. */
    readonly marks: string;
  };
  readonly version: string;
  readonly counts: FrameCounts;
  /** Why the history is kept in memory only, and where a damaged file was put. */
  readonly historyTrouble: HistoryHealth;
  /** Why the task folder could not be read the last time; empty where the viewer may not know why. */
  readonly folderTrouble: string | undefined;
  /** How many messages of the last day nobody got. */
  readonly undelivered: number;
  /** Messages of the last day that another target has than the one they were meant for. */
  readonly passedOn: number;
  /** True for somebody who has not signed in: what takes a sign-in is not offered. */
  readonly isBare: boolean;
  /** Who has signed in, and whether it is Carillon where one signs out. */
  readonly person?: { readonly name: string; readonly signsOut: boolean } | undefined;
}

/** What is going on, for the header. */
export interface FrameCounts {
  readonly running: number;
  readonly paused: number;
  readonly broken: number;
}
