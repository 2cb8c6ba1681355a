/** A default that is a secret is shown without it, in forms too: what comes back as it was shown stands for the default itself. */
import { lacksSecret } from "../../run/kept_params.ts";
import type { ParamsDescription } from "../../task/params_description.ts";

/** The parameters, texts or values, without those that are defaults as they are shown. */
export function withoutShownDefaults<T>(
  given: Iterable<readonly [string, T]>,
  { fields }: ParamsDescription,
): (readonly [string, T])[] {
  const shown = new Map(
    fields.flatMap(({ name, schema }) => lacksSecret(schema.default) ? [[name, schema.default]] : []),
  );
  return [...given].filter(([name, value]) => !shown.has(name) || !isShownAs(value, shown.get(name)));
}

/** Texts are shown as they are, all else as JSON. */
function isShownAs(value: unknown, shown: unknown): boolean {
  if (value === shown) return true;
  const json = JSON.stringify(shown);
  return value === json || JSON.stringify(value) === json;
}
