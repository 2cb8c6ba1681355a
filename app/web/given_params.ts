/** Parameters of a task as a form gives them. */
import { OFF_PREFIX } from "../../templates/pages/run_form.tsx";

/** Parameters stand in the form under their name behind this, so that none can be taken for a field of ours. */
export const PARAM_PREFIX = "param.";

/** The parameters of a form. A box that is not ticked is not sent: a hidden field beside it says what that means. */
export function givenParams(form: FormData): [string, string][] {
  const fields = [...form].flatMap(([name, value]): [string, string][] =>
    // Browsers send the lines of a text apart by two signs, whatever it was shown with.
    typeof value === "string" ? [[name, value.replaceAll("\r\n", "\n")]] : []
  );
  const behind = (prefix: string) =>
    fields.filter(([name]) => name.startsWith(prefix)).map(([name, value]): [string, string] => [
      name.slice(prefix.length),
      value,
    ]);
  const given = behind(PARAM_PREFIX);
  for (const [name, value] of behind(OFF_PREFIX)) {
    if (!given.some(([each]) => each === name)) given.push([name, value]);
  }
  return given;
}
