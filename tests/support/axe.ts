/** axe-core as the text of a script, to be run in a page; named here so that it stays out of the executable. */
import axe from "npm:axe-core@4.14.1";

/** Defines `axe` in the page. */
export const AXE_SOURCE: string = axe.source;
