/** How it is found out who somebody is: `[auth] mode`, and what holds where it says nothing. */
import { isLoopback } from "../base/loopback.ts";
import { ConfigError } from "../config/config_error.ts";
import { type Config, placeOf } from "../config/config.ts";

export type Mode = "none" | "password" | "proxy" | "oidc";

/** Where nothing is said: on loopback everybody is who may use this machine, elsewhere people sign in. */
export function modeOf({ auth, server }: Pick<Config, "auth" | "server">): Mode {
  if (auth.mode !== "") return auth.mode;
  return isLoopback(server.host) ? "none" : "password";
}

/** @throws ConfigError where something is missing that the mode cannot do without */
export function checkMode(config: Pick<Config, "auth" | "secrets" | "places">): void {
  const { auth, secrets } = config;
  if (auth.mode !== "oidc") return;
  for (const key of ["oidc_issuer", "oidc_client"] as const) {
    if (auth[key] !== "") continue;
    // What is missing has no place of its own.
    const place = placeOf(config, "auth", config.places.has(`auth.${key}`) ? key : "mode");
    throw new ConfigError(`${place}: mode = oidc needs the key "${key}"`);
  }
  if (auth.oidc_secret !== "" && !Object.hasOwn(secrets, auth.oidc_secret)) {
    throw new ConfigError(
      `${placeOf(config, "auth", "oidc_secret")}: [secrets] has no "${auth.oidc_secret}"; add it there, ` +
        "or leave the key empty for a client without a secret",
    );
  }
}
