/** Which sections of carillon.ini are read by the room they belong to and not by the table of settings. */

/** `watch` stands alone; of the others there may be several, each with a name. */
export type SectionKind = "notify" | "role" | "watch";

/** `[notify:ops]`, `[role:finance]` */
export const NAMED = /^(notify|role):([A-Za-z][\w.-]*)$/;

export function isNamedSection(name: string): boolean {
  return NAMED.test(name) || name === "watch";
}
