// What the cases share: a configured client, a sign-in with it, and the word "refused".

import assert from 'node:assert/strict'
import * as client from 'openid-client'

/** `who` is one of the world's clients: {client_id, secret, method, key, redirect_uri}. */
export async function configured(world, who) {
  const keys = { private_key_jwt: () => privateKey(who) }
  const method = {
    none: () => client.None(),
    client_secret_basic: () => client.ClientSecretBasic(who.secret),
    client_secret_post: () => client.ClientSecretPost(who.secret),
    private_key_jwt: key => client.PrivateKeyJwt(key),
  }[who.method]
  const config = await client.discovery(
    new URL(world.issuer), who.client_id, { id_token_signed_response_alg: who.algorithm ?? 'RS256' },
    method(await keys[who.method]?.()), { execute: [client.allowInsecureRequests] },
  )
  client.enableNonRepudiationChecks(config) // the signature too, by our JWKS, although TLS would do
  return config
}

export async function privateKey(who) {
  const key = await crypto.subtle.importKey('jwk', who.key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  return { key, kid: who.key.kid }
}

/** Sign in with code and PKCE; what the token endpoint answered, and the way there. */
export async function signIn(world, who, { visit = world.visit(), parameters = {}, pushed = false, dpop, pkce = true, form = false, more } = {}) {
  const config = await configured(world, who)
  const started = await start(config, world, who, { parameters, pushed, dpop, pkce })
  const answer = await begin(visit, started, who, form)
  const once = answer instanceof URL ? answer : answer.clone()
  const tokens = await client.authorizationCodeGrant(config, once, started.checks, more, dpop ? { DPoP: handle(config, dpop) } : undefined)
  return { config, visit, tokens, claims: tokens.claims(), answer, ...started }
}

export async function start(config, world, who, { parameters = {}, pushed = false, dpop, pkce = true } = {}) {
  const verifier = client.randomPKCECodeVerifier()
  const checks = { expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true }
  const asked = {
    redirect_uri: who.redirect_uri,
    scope: 'openid profile email offline_access',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  }
  if (pkce) {
    checks.pkceCodeVerifier = verifier
    asked.code_challenge = await client.calculatePKCECodeChallenge(verifier)
    asked.code_challenge_method = 'S256'
  }
  if ('nonce' in parameters && parameters.nonce === undefined) {
    delete asked.nonce
    delete checks.expectedNonce
  }
  const options = dpop ? { DPoP: handle(config, dpop) } : undefined
  const url = pushed
    ? await client.buildAuthorizationUrlWithPAR(config, asked, options)
    : client.buildAuthorizationUrl(config, asked)
  return { checks, url, verifier }
}

/** By GET, or as a posted form (OpenID Connect Core 1.0, section 3.1.2.1). */
export async function begin(visit, started, who, form = false) {
  if (!form) return visit.authorize(started.url, who.redirect_uri)
  const bare = new URL(started.url.pathname, started.url)
  return visit.authorize(bare, who.redirect_uri, { form: new URLSearchParams(started.url.searchParams) })
}

const handles = new WeakMap()
export function handle(config, keyPair) {
  if (!handles.has(config)) handles.set(config, client.getDPoPHandle(config, keyPair))
  return handles.get(config)
}

/** Assert that `promise` fails with this OAuth error, in the body or in the challenge. */
export async function refused(promise, code) {
  const error = await promise.then(() => assert.fail(`not refused: ${code} was expected`), wrong => wrong)
  const body = error.response && !error.response.bodyUsed ? await error.response.json().catch(() => ({})) : {}
  assert.equal(error.error ?? body.error ?? error.cause?.[0]?.parameters?.error, code, error.stack)
  return error
}

/** What the portal answers to an authorization request at the application's door: `{code | error, state, iss}`. */
export async function told(answer) {
  if (answer instanceof URL) return Object.fromEntries(answer.searchParams)
  return Object.fromEntries(await answer.clone().formData())
}
