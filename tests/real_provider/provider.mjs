// A certified OpenID provider (npm `oidc-provider`), with Authentik's paths and the shape of its access tokens.
//
// Run with the folder that holds `node_modules` as the argument. Prints one line of JSON when it listens:
// its origin, its issuer, and the clients' credentials. Ends when its standard input does.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { randomBytes, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(process.argv[2] + '/'));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);
const jose = await import(pathToFileURL(require.resolve('jose')).href);

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

const APPLICATION = '/application/o/photos';
const SHARED = '/application/o';
const secret = randomBytes(32).toString('hex');

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;
const issuer = `${origin}${APPLICATION}/`;

const alg = process.argv[3] ?? 'RS256';
const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
const jwk = { ...(await jose.exportJWK(privateKey)), kid: randomBytes(16).toString('hex'), use: 'sig', alg };

const people = { alice: { groups: ['photos-users', 'photos-moderators'], department: 'media' } };

const provider = new Provider(issuer, {
  jwks: { keys: [jwk] },
  clients: [
    {
      client_id: 'photos',
      client_secret: secret,
      grant_types: ['authorization_code', 'client_credentials'],
      redirect_uris: [`${origin}/callback`],
      response_types: ['code'],
      id_token_signed_response_alg: alg,
    },
  ],
  scopes: ['openid', 'profile', 'photos.write'],
  claims: { openid: ['sub'], profile: ['groups', 'department'] },
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  enabledJWA: { idTokenSigningAlgValues: [alg] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:photos',
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, _resource, client) => ({
        scope: 'openid profile photos.write',
        audience: client.clientId,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3600,
        jwt: { sign: { alg } },
      }),
    },
  },
  // What Authentik writes into access tokens, and this provider does not.
  extraTokenClaims: (_ctx, token) => ({
    azp: token.clientId,
    uid: randomBytes(16).toString('hex'),
    ...people[token.accountId],
  }),
  formats: {
    customizers: {
      // Authentik's access tokens are of type `JWT`, and their audience is the client id.
      jwt: (_ctx, _token, parts) => {
        parts.header = { ...parts.header, typ: 'JWT' };
        parts.payload.aud = 'photos';
        parts.payload.sub ??= 'ak-photos-client_credentials';
      },
    },
  },
  findAccount: (_ctx, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  interactions: { url: (_ctx, interaction) => `${APPLICATION}/auto/${interaction.uid}` },
  routes: {
    authorization: `${SHARED}/authorize/`,
    token: `${SHARED}/token/`,
    userinfo: `${SHARED}/userinfo/`,
    introspection: `${SHARED}/introspect/`,
    revocation: `${SHARED}/revoke/`,
    jwks: `${APPLICATION}/jwks/`,
    end_session: `${APPLICATION}/end-session/`,
  },
});
provider.on('server_error', (_ctx, error) => console.error(error));

// Signs everybody in as alice, and grants what was asked for.
async function signIn(request, response) {
  const { params, prompt } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: 'alice', clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addResourceScope('urn:photos', params.scope);
  const result = { login: { accountId: 'alice' } };
  if (prompt.name === 'consent') result.consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

const answer = provider.callback();
server.on('request', (request, response) => {
  const path = new URL(request.url, origin).pathname;
  if (path.startsWith(`${APPLICATION}/auto/`)) {
    signIn(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
    return;
  }
  // The discovery document stays below the issuer.
  if (path === `${APPLICATION}/.well-known/openid-configuration`) {
    request.url = '/.well-known/openid-configuration';
  }
  answer(request, response);
});

console.log(JSON.stringify({ origin, issuer, client_id: 'photos', client_secret: secret }));
