/** Named parameters: finds `:name` in a statement, and nowhere inside strings, quoted names or comments. */

/** Values of a statement: by name for `:name`, in order for `?`. */
export type SqlParams = Readonly<Record<string, unknown>> | readonly unknown[];

/** Strings, quoted names, comments, PostgreSQL's `::cast`, and last what is looked for. */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([A-Za-z_]\w*)/g;

/** Names of the `:name` parameters of a statement, in order of their first use. */
export function parameterNames(sql: string): string[] {
  const names = new Set<string>();
  for (const match of sql.matchAll(TOKEN)) {
    if (match[1] !== undefined) names.add(match[1]);
  }
  return [...names];
}

/**
 * The values a statement needs, by name. Throws where one is missing, before anything is sent; a value the statement
 * does not use is passed over, so that a task may hand on all its parameters.
 */
export function valuesFor(sql: string, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = parameterNames(sql);
  const missing = names.filter((name) => !Object.hasOwn(params, name));
  if (missing.length > 0) {
    const given = Object.keys(params).join(", ") || "none";
    throw new TypeError(
      `the statement needs :${missing.join(", :")}, which is not among its parameters (given: ${given})`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, params[name]]));
}
