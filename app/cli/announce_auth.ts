/** What is said at the start of who gets in. */
import type { Auth } from "../auth/auth.ts";
import type { Journal } from "../base/journal.ts";
import { isLoopback } from "../base/loopback.ts";
import type { Port } from "../web/http/entrance.ts";

const SIGN_IN = {
  password: "people sign in by name and password",
  proxy: "people are who the proxy says they are",
  oidc: "people sign in at the provider",
} as const;

export function announceAuth(
  auth: Auth,
  { addr, isSecure }: Pick<Port, "addr" | "isSecure">,
  journal: Journal,
): void {
  const { mode, openTrigger, config: { auth: settings, server } } = auth;
  if (openTrigger.text !== "" && mode !== "none") {
    journal.warn(
      `programs at ${openTrigger.text} may list and start every task without a token: [auth] open_trigger`,
    );
  }
  if (mode === "none") {
    if (!isLoopback(addr.hostname)) {
      journal.warn(
        `everybody who reaches ${
          hostOf(addr)
        } can see and run the tasks: [auth] mode = none asks nobody to sign in`,
      );
    }
    return;
  }
  const from = mode === "proxy" ? ` (${settings.proxy_user} from ${settings.proxy_from.text})` : "";
  const where = mode === "oidc" ? ` (${settings.oidc_issuer})` : "";
  journal.info(`${SIGN_IN[mode]}${from}${where}`);
  if (auth.trouble !== undefined) return journal.error(`nobody gets in: ${auth.trouble}`);
  const secret = auth.setup?.secret;
  if (secret !== undefined) {
    const base = server.base_url === ""
      ? `${isSecure ? "https" : "http"}://${reachable(addr)}`
      : server.base_url;
    journal.warn(
      `there are no users yet; make the first administrator here, once: ${
        base.replace(/\/$/, "")
      }/setup/${secret}`,
    );
  }
  if (mode !== "password" && !auth.roles.hasAdmin) {
    journal.warn("nobody is an administrator: give [role:admin] users or groups");
  }
}

/** An address under which people on other machines may find this one. */
function reachable({ hostname, port }: Deno.NetAddr): string {
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  return isAny ? `${Deno.hostname()}:${port}` : hostOf({ hostname, port });
}

function hostOf({ hostname, port }: Pick<Deno.NetAddr, "hostname" | "port">): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
