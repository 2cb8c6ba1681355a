/**
 * Signing in at an OpenID provider: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0,
 * RFC 7636, RFC 9700), by openid-client. What is under way is kept here, under a random id that is in the browser's cookie.
 */
import type * as Client from "openid-client";
import { messageOf } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../contracts.ts";
import { newSecret } from "./secret.ts";

/** How long somebody may take at the provider. */
const UNDER_WAY_MS = 10 * 60_000;
/** More at one time are nobody's; the oldest goes first. */
const MAX_UNDER_WAY = 1_000;
/** How long the provider may take for an answer, in seconds. */
const ANSWER_S = 10;
/** What the provider says of itself is asked again after so long: its keys are asked for by openid-client as they change. */
const DISCOVERY_MS = 24 * 60 * 60_000;
const MAX_GROUPS = 500;

/** Loaded when somebody signs in. */
const load = (): Promise<typeof Client> => import("openid-client");

interface UnderWay {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly back: string;
  readonly callback: string;
  readonly begun: number;
}

export interface Begun {
  /** Where the browser is sent. */
  readonly address: string;
  /** What its cookie holds until it comes back. */
  readonly id: string;
}

export type OidcAnswer =
  | { readonly kind: "in"; readonly name: string; readonly groups: readonly string[]; readonly back: string }
  /** `away`: the provider does not answer. `refused`: it says no, or what came back is not its answer to this browser. */
  | { readonly kind: "away" | "refused"; readonly why: string };

export class OidcProvider {
  #discovered: { readonly at: number; readonly provider: Promise<Client.Configuration> } | undefined;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(readonly config: Pick<Config, "auth" | "secrets">, readonly clock: Pick<Clock, "now">) {}

  /** @param callback where the provider sends the browser to @param back where it goes in the end */
  async begin(callback: string, back: string): Promise<Begun | (OidcAnswer & { readonly kind: "away" })> {
    const client = await load();
    let provider: Client.Configuration;
    try {
      provider = await this.#discover();
    } catch (error) {
      return { kind: "away", why: reasonOf(error, client) };
    }
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce, id] = [client.randomState(), client.randomNonce(), newSecret()];
    const address = client.buildAuthorizationUrl(provider, {
      redirect_uri: callback,
      scope: this.config.auth.oidc_scopes,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    const begun = this.clock.now();
    this.#underWay.set(id, { verifier, state, nonce, back, callback, begun });
    const [oldest] = this.#underWay.keys();
    if (this.#underWay.size > MAX_UNDER_WAY && oldest !== undefined) this.#underWay.delete(oldest);
    return { address: address.href, id };
  }

  /** What the provider says once the browser is back. @param query what the callback was asked with */
  async finish(id: string, query: string): Promise<OidcAnswer> {
    const found = this.#underWay.get(id);
    // Each is good for one answer.
    this.#underWay.delete(id);
    if (!found || Math.abs(this.clock.now() - found.begun) > UNDER_WAY_MS) {
      return { kind: "refused", why: "this sign-in was not begun in this browser, or too long ago" };
    }
    const { auth } = this.config;
    const client = await load();
    try {
      const provider = await this.#discover();
      const answer = await client.authorizationCodeGrant(provider, new URL(`${found.callback}${query}`), {
        pkceCodeVerifier: found.verifier,
        expectedState: found.state,
        expectedNonce: found.nonce,
        idTokenExpected: true,
      });
      const claims: Readonly<Record<string, unknown>> = { ...answer.claims() };
      const name = claims[auth.oidc_name];
      if (typeof name !== "string" || name.trim() === "") {
        return { kind: "refused", why: `the provider gives no claim "${auth.oidc_name}" ([auth] oidc_name)` };
      }
      return { kind: "in", name, groups: groupsOf(claims[auth.oidc_groups]), back: found.back };
    } catch (error) {
      return { kind: isAway(error) ? "away" : "refused", why: reasonOf(error, client) };
    }
  }

  async #discover(): Promise<Client.Configuration> {
    const now = this.clock.now();
    if (!this.#discovered || Math.abs(now - this.#discovered.at) > DISCOVERY_MS) {
      this.#discovered = { at: now, provider: this.#ask() };
    }
    try {
      return await this.#discovered.provider;
    } catch (error) {
      this.#discovered = undefined;
      throw error;
    }
  }

  async #ask(): Promise<Client.Configuration> {
    const { auth, secrets } = this.config;
    const client = await load();
    const issuer = new URL(auth.oidc_issuer);
    const secret = auth.oidc_secret === "" ? undefined : secrets[auth.oidc_secret];
    return await client.discovery(
      issuer,
      auth.oidc_client,
      secret,
      secret === undefined ? client.None() : undefined,
      {
        timeout: ANSWER_S,
        // The settings take it for this machine only.
        execute: issuer.protocol === "http:" ? [client.allowInsecureRequests] : [],
      },
    );
  }
}

function groupsOf(claim: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(claim) ? claim : typeof claim === "string" ? [claim] : [];
  return all.filter((each): each is string => typeof each === "string").slice(0, MAX_GROUPS);
}

/** True where no answer came, or one that says that the provider is out of order. */
function isAway(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Response) return cause.status >= 500;
  return error instanceof TypeError || (error instanceof Error && /time/i.test(error.name)) ||
    cause instanceof TypeError || (cause instanceof Error && /time/i.test(cause.name));
}

function reasonOf(error: unknown, { AuthorizationResponseError, ResponseBodyError }: typeof Client): string {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return `the provider says ${error.error_description ?? error.error}`;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${messageOf(error)}${cause}`;
}
