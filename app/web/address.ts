/** Addresses with what is asked of them, as short as may be. */

/** `/runs/1?q=x`: values that are empty are left out, the others stand in their order. */
export function withQuery(path: string, values: Readonly<Record<string, string>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== "");
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
