// The grants and endpoints, as openid-client uses them.

import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { configured, handle, refused, signIn } from './relying.mjs'

const insecure = { [oauth.allowInsecureRequests]: true }

export async function discovery_by_both_names(world) {
  const issuer = new URL(world.issuer)
  for (const algorithm of ['oidc', 'oauth2']) {
    const said = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }))
    assert.equal(said.issuer, world.issuer)
    assert.deepEqual(said.response_types_supported, ['code'])
    assert.deepEqual(said.code_challenge_methods_supported, ['S256'])
    assert.equal(said.authorization_response_iss_parameter_supported, true)
  }
}

export async function discovery_endpoint_verification(world) {
  const answer = await fetch(`${world.issuer}/.well-known/openid-configuration`)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type'), /^application\/json/)
  const said = await answer.json()
  for (const [name, value] of Object.entries(said)) {
    if (/_endpoint$|^jwks_uri$/.test(name)) assert.ok(value.startsWith(`${world.issuer}/`), name)
  }
  assert.ok(said.scopes_supported.includes('openid'))
  assert.ok(said.subject_types_supported.length)
  assert.ok(said.id_token_signing_alg_values_supported.includes('RS256'))
  assert.equal(said.request_uri_parameter_supported, false)
  assert.equal(said.backchannel_logout_supported, true)
  assert.equal(said.backchannel_logout_session_supported, true)
  const published = await fetch(said.jwks_uri)
  assert.match(published.headers.get('cache-control'), /max-age=/)
  const { keys } = await published.json()
  assert.equal(new Set(keys.map(key => key.kid)).size, keys.length)
  for (const key of keys) {
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.equal(key[secret], undefined)
  }
}

export async function code_with_client_secret_basic(world) {
  await codeThenUserinfo(world, world.clients.web)
}

export async function code_with_client_secret_post(world) {
  await codeThenUserinfo(world, world.clients.post)
}

export async function code_with_private_key_jwt(world) {
  await codeThenUserinfo(world, world.clients.keyed)
}

export async function code_of_a_public_client(world) {
  await codeThenUserinfo(world, world.clients.spa)
}

async function codeThenUserinfo(world, who) {
  const { config, tokens, claims } = await signIn(world, who)
  assert.equal(tokens.token_type, 'bearer')
  assert.ok(tokens.expires_in > 0 && tokens.expires_in <= 3600)
  assert.equal(claims.aud, who.client_id)
  assert.ok(claims.sid && claims.auth_time && claims.acr && claims.amr)
  const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
  assert.equal(person.email, world.person.email)
  assert.equal(person.email_verified, true)
}

export async function id_tokens_by_es256(world) {
  const { tokens } = await signIn(world, world.clients.es256)
  assert.equal(header(tokens.id_token).alg, 'ES256')
}

export async function id_tokens_by_eddsa(world) {
  const { tokens } = await signIn(world, world.clients.eddsa)
  assert.equal(header(tokens.id_token).alg, 'EdDSA')
}

const header = token => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'))
const payload = token => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))

export async function refresh_rotates_and_keeps_the_id_tokens_word(world) {
  const { config, tokens, claims } = await signIn(world, world.clients.web)
  const next = await client.refreshTokenGrant(config, tokens.refresh_token)
  assert.notEqual(next.refresh_token, tokens.refresh_token)
  assert.notEqual(next.access_token, tokens.access_token)
  for (const name of ['iss', 'sub', 'aud', 'sid', 'auth_time', 'acr']) {
    assert.deepEqual(next.claims()[name], claims[name], name)
  }
  const narrower = await client.refreshTokenGrant(config, next.refresh_token, { scope: 'openid' })
  assert.equal(narrower.scope, 'openid')
}

export async function refresh_token_of_one_client_is_nothing_to_another(world) {
  const { tokens } = await signIn(world, world.clients.web)
  const other = await configured(world, world.clients.post)
  await refused(client.refreshTokenGrant(other, tokens.refresh_token), 'invalid_grant')
}

export async function introspection_and_revocation(world) {
  const { config, tokens, claims } = await signIn(world, world.clients.web)
  const about = await client.tokenIntrospection(config, tokens.access_token)
  assert.equal(about.active, true)
  assert.equal(about.sub, claims.sub)
  assert.equal(about.client_id, world.clients.web.client_id)

  await client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: 'refresh_token' })

  await refused(client.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
  assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, false)
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, claims.sub), client.WWWAuthenticateChallengeError)
}

export async function pushed_authorization_request(world) {
  const { url, tokens } = await signIn(world, world.clients.web, { pushed: true })
  assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request_uri'])
  assert.ok(tokens.access_token)
}

export async function pushed_with_private_key_jwt(world) {
  assert.ok((await signIn(world, world.clients.keyed, { pushed: true })).tokens.access_token)
}

export async function dpop_for_tokens_refresh_and_userinfo(world) {
  const dpop = await client.randomDPoPKeyPair('ES256', { extractable: true })
  const { config, tokens, claims } = await signIn(world, world.clients.spa, { dpop })
  const DPoP = handle(config, dpop)
  assert.equal(tokens.token_type, 'dpop')
  assert.equal(payload(tokens.access_token).cnf.jkt, await DPoP.calculateThumbprint())
  const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP })
  assert.equal(person.sub, claims.sub)

  // Without its key, or with another, it is worth nothing.
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, claims.sub), client.WWWAuthenticateChallengeError)
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), client.ResponseBodyError)
  const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  await refused(client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: thief }), 'invalid_grant')

  const next = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
  assert.equal(next.token_type, 'dpop')
}

export async function dpop_binds_the_pushed_code(world) {
  const dpop = await client.randomDPoPKeyPair('ES256')
  assert.equal((await signIn(world, world.clients.web, { dpop, pushed: true })).tokens.token_type, 'dpop')
}

export async function client_credentials(world) {
  const config = await configured(world, world.clients.machine)
  const tokens = await client.clientCredentialsGrant(config, { scope: 'invoices:read' })
  assert.equal(tokens.scope, 'invoices:read')
  assert.equal(tokens.refresh_token, undefined)
  assert.equal(payload(tokens.access_token).sub, world.clients.machine.client_id)
  assert.equal(header(tokens.access_token).typ, 'at+jwt')
}

export async function client_credentials_for_a_resource(world) {
  const config = await configured(world, world.clients.machine)
  const resource = 'https://invoices.example/'
  const tokens = await client.clientCredentialsGrant(config, { scope: 'invoices:read', resource })
  assert.equal(payload(tokens.access_token).aud, resource)
  await refused(client.clientCredentialsGrant(config, { resource: 'https://elsewhere.example/' }), 'invalid_target')

  // RFC 9068, section 4: as the resource itself checks it.
  const said = await discovered(world)
  const request = new Request(resource, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const claims = await oauth.validateJwtAccessToken(said, request, resource, insecure)
  assert.equal(claims.client_id, world.clients.machine.client_id)
}

const discovered = async world =>
  oauth.processDiscoveryResponse(new URL(world.issuer), await oauth.discoveryRequest(new URL(world.issuer), insecure))

export async function client_credentials_with_the_wrong_secret(world) {
  const config = await configured(world, { ...world.clients.machine, secret: 'pcs_wrong' })
  await refused(client.clientCredentialsGrant(config, { scope: 'invoices:read' }), 'invalid_client')
}

export async function device_grant(world) {
  const config = await configured(world, world.clients.native)
  const device = await client.initiateDeviceAuthorization(config, { scope: 'openid email offline_access' })
  assert.ok(device.verification_uri.startsWith(world.issuer))
  const browser = world.visit()
  browser.answers.code = device.user_code
  await browser.go(device.verification_uri_complete, url => url.pathname === '/device/allowed')
  // At once: whoever polls before somebody has decided has to wait the interval.
  const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.1 })
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, world.person.email)
  assert.ok(tokens.refresh_token)
}
