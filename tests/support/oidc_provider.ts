/** An OpenID provider of npm on this machine, with people who have no password: it takes whatever is typed. */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import Provider from "npm:oidc-provider@9.13.3";

export interface OidcHouse extends AsyncDisposable {
  readonly issuer: string;
  /** Client id and secret. */
  readonly client: string;
  readonly secret: string;
  /** It answers nobody any more, until it is resumed. */
  pause(): void;
  resume(): void;
}

/**
 * @param callback where Carillon is called back
 * @param groups of each person by name
 */
export async function startOidcProvider(
  callback: string,
  groups: Readonly<Record<string, readonly string[]>>,
): Promise<OidcHouse> {
  const [client, secret] = ["carillon", "a secret of the client and of nobody else"];
  let isPaused = false;
  const server: Server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("it does not listen");
  const issuer = `http://localhost:${address.port}`;
  const provider = new Provider(
    issuer,
    {
      clients: [{
        client_id: client,
        client_secret: secret,
        redirect_uris: [callback],
        grant_types: ["authorization_code"],
      }],
      claims: { openid: ["sub", "preferred_username", "groups"] },
      // Claims are in the token itself, as most providers for companies do.
      conformIdTokenClaims: false,
      cookies: { keys: ["a key of the test"] },
      pkce: { required: () => true },
      findAccount: (_context: unknown, id: string) => ({
        accountId: id,
        claims: () => ({ sub: `id-${id}`, preferred_username: id, groups: groups[id] ?? [] }),
      }),
      async loadExistingGrant(context: GrantContext) {
        const grant = new context.oidc.provider.Grant({
          clientId: context.oidc.client.clientId,
          accountId: context.oidc.session.accountId,
        });
        grant.addOIDCScope("openid profile email");
        await grant.save();
        return grant;
      },
    } as unknown as ConstructorParameters<typeof Provider>[1],
  );
  const answer = provider.callback();
  server.on("request", (request, response) => {
    if (isPaused) response.destroy();
    else void answer(request, response);
  });
  return {
    issuer,
    client,
    secret,
    pause: () => isPaused = true,
    resume: () => isPaused = false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Grant {
  addOIDCScope(scope: string): void;
  save(): Promise<unknown>;
}

interface GrantContext {
  readonly oidc: {
    readonly provider: { readonly Grant: new (of: { clientId: string; accountId: string }) => Grant };
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
  };
}
