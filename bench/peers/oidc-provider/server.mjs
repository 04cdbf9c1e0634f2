// The peer: panva's oidc-provider as somebody would run it in production, one process for each core.
//
// The environment says how: PORT, DATABASE_URL, WORKERS, CONNECTIONS (each process may hold), PEOPLE, ALGORITHM
// (ES256 or RS256), RESOURCE (the API that tokens are for), REDIRECT_URI, WEB_SECRET, MACHINE_SECRET.
//
// People are signed in by their name: /interaction/… takes `login_hint` for granted, with consent. Nothing of that is
// measured; what is measured begins when somebody has a session.

import cluster from 'node:cluster';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

import Provider from 'oidc-provider';

import { PostgresAdapter, account, open, prepare } from './adapter.mjs';

const { PORT, DATABASE_URL, WORKERS, CONNECTIONS, PEOPLE, ALGORITHM, RESOURCE, REDIRECT_URI } = process.env;
const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

// As the portal makes them: P-256, or RSA with 3072 bits.
function newKeys() {
  const pairs = [
    ['RS256', generateKeyPairSync('rsa', { modulusLength: 3072 })],
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ];
  const keys = pairs.map(([alg, { privateKey }]) => ({ ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg }));
  return JSON.stringify({ keys });
}

function provider() {
  const client = { id_token_signed_response_alg: ALGORITHM, token_endpoint_auth_method: 'client_secret_basic' };
  const made = new Provider(`http://localhost:${PORT}`, {
    adapter: PostgresAdapter,
    clients: [
      {
        ...client,
        client_id: 'web',
        client_secret: process.env.WEB_SECRET,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [REDIRECT_URI],
      },
      {
        ...client,
        client_id: 'machine',
        client_secret: process.env.MACHINE_SECRET,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      },
    ],
    jwks: JSON.parse(process.env.KEYS),
    cookies: { keys: [process.env.COOKIE_KEY] },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    scopes: ['openid', 'offline_access'],
    // Whoever is gone gets nothing: asked of the database each time, as the portal does.
    async findAccount(_, id) {
      const found = await account(id);
      return found && {
        accountId: id,
        claims: async () => ({ sub: id, email: found.email, email_verified: true, name: found.name }),
      };
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: (_, asking, token) => token.clientId === asking.clientId },
      resourceIndicators: {
        enabled: true,
        // A machine's tokens are for the API, and what is refreshed stays for what it was granted for: so both are
        // JWTs, which are not stored.
        defaultResource: (_, asking, several) => several ?? (asking.clientId === 'machine' ? RESOURCE : undefined),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'invoices:read',
          audience: RESOURCE,
          accessTokenTTL: 10 * MINUTE,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: ALGORITHM } },
        }),
      },
    },
    rotateRefreshToken: true,
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    ttl: {
      AccessToken: 10 * MINUTE,
      AuthorizationCode: MINUTE,
      ClientCredentials: 10 * MINUTE,
      Grant: 14 * DAY,
      IdToken: 60 * MINUTE,
      Interaction: 30 * MINUTE,
      RefreshToken: 14 * DAY,
      Session: 14 * DAY,
    },
  });
  made.use(async (ctx, next) => (ctx.path.startsWith('/interaction/') ? signIn(made, ctx) : next()));
  return made;
}

async function signIn(made, ctx) {
  const { params } = await made.interactionDetails(ctx.req, ctx.res);
  const grant = new made.Grant({ accountId: params.login_hint, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addResourceScope(RESOURCE, 'invoices:read');
  const result = { login: { accountId: params.login_hint }, consent: { grantId: await grant.save() } };
  ctx.respond = false;
  await made.interactionFinished(ctx.req, ctx.res, result);
}

if (cluster.isPrimary) {
  await prepare(DATABASE_URL, Number(PEOPLE));
  const shared = { KEYS: newKeys(), COOKIE_KEY: randomBytes(32).toString('base64url') };
  for (let number = 0; number < Number(WORKERS); number += 1) cluster.fork(shared);
  cluster.on('exit', () => process.exit(1));
  process.on('SIGTERM', () => process.exit(0));
} else {
  process.on('disconnect', () => process.exit(0));
  await open(DATABASE_URL, { most: Number(CONNECTIONS) });
  provider().listen(Number(PORT), '127.0.0.1');
}
