/** What the fields of a form hold. */

/** Undefined where the field is not there, or holds a file. */
export function givenWord(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === "string" ? value : undefined;
}

/** Without blanks around it, and empty where there is none. */
export function wordOf(form: FormData, name: string): string {
  return givenWord(form, name)?.trim() ?? "";
}

/** Of a field that may be there several times, such as boxes to tick. */
export function wordsOf(form: FormData, name: string): readonly string[] {
  return form.getAll(name).filter((each) => typeof each === "string");
}
