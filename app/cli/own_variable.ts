/** Variables of the environment that are for the commands: `CARILLON_CONFIG`, `CARILLON_URL` and others. */

/** Its value; an empty one counts as not set, as that of every variable of Carillon does. */
export function ownVariable(name: `CARILLON_${string}`): string | undefined {
  return Deno.env.get(name) || undefined;
}
