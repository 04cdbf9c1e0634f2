// Modules of the FAPI 2.0 security profile plan (private_key_jwt, DPoP, pushed requests) that openid-client can express.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { begin, configured, privateKey, refused, signIn, start, told } from './relying.mjs'

const strict = world => world.clients.strict
const aKey = () => client.randomDPoPKeyPair('ES256', { extractable: true })
const enter = async (world, more = {}) => signIn(world, strict(world), { pushed: true, dpop: await aKey(), ...more })

export async function happy_flow(world) {
  const { tokens, claims, answer } = await enter(world)
  assert.equal(tokens.token_type, 'dpop')
  assert.equal(claims.aud, strict(world).client_id)
  assert.equal((await told(answer)).iss, world.issuer)
}

export async function ensure_unsigned_authorization_request_without_using_par_fails(world) {
  const { url, checks } = await start(await configured(world, strict(world)), world, strict(world))
  assert.equal((await told(await begin(world.visit(), { url, checks }, strict(world)))).error, 'invalid_request')
}

export async function ensure_holder_of_key_required(world) {
  const config = await configured(world, strict(world))
  const started = await start(config, world, strict(world), { pushed: true })
  const answer = await begin(world.visit(), started, strict(world))
  await assert.rejects(client.authorizationCodeGrant(config, answer, started.checks), client.ResponseBodyError)
}

export async function dpop_auth_code_binding(world) {
  const { config, checks, answer } = await aCode(world, await aKey())
  const thief = { DPoP: client.getDPoPHandle(config, await aKey()) }
  await assert.rejects(client.authorizationCodeGrant(config, answer, checks, undefined, thief), client.ResponseBodyError)
}

async function aCode(world, dpop, more = {}) {
  const config = await configured(world, strict(world))
  const started = await start(config, world, strict(world), { pushed: true, dpop, ...more })
  return { config, ...started, answer: await begin(world.visit(), started, strict(world)) }
}

export async function ensure_authorization_request_with_long_nonce_and_state(world) {
  const { config, checks, answer } = await aCode(world, undefined, { parameters: { nonce: 'n'.repeat(384), state: 's'.repeat(384) } })
  assert.equal((await told(answer)).state, 's'.repeat(384))
  const keep = { ...checks, expectedState: 's'.repeat(384), expectedNonce: 'n'.repeat(384) }
  const DPoP = client.getDPoPHandle(config, await aKey())
  const tokens = await client.authorizationCodeGrant(config, answer, keep, undefined, { DPoP })
  assert.equal(tokens.claims().nonce, 'n'.repeat(384))
}

export async function ensure_authorization_request_without_state_success(world) {
  const who = world.clients.web
  const config = await configured(world, who)
  const { url } = await start(config, world, who)
  url.searchParams.delete('state')
  const said = await told(await begin(world.visit(), { url, checks: {} }, who))
  assert.ok(said.code)
  assert.equal(said.state, undefined)
}

export async function user_rejects_authentication(world) {
  const config = await configured(world, strict(world))
  const started = await start(config, world, strict(world), { pushed: true, dpop: await aKey(), parameters: { prompt: 'consent' } })
  const visit = world.visit()
  visit.answers.decision = 'deny'
  assert.equal((await told(await begin(visit, started, strict(world)))).error, 'access_denied')
}

export async function access_token_type_header_case_sensitivity(world) {
  const { config, tokens } = await signIn(world, world.clients.web)
  for (const scheme of ['bearer', 'Bearer', 'BEARER']) {
    const headers = { authorization: `${scheme} ${tokens.access_token}` }
    assert.equal((await fetch(config.serverMetadata().userinfo_endpoint, { headers })).status, 200, scheme)
  }
}

export async function refresh_token(world) {
  const dpop = await aKey()
  const { config, tokens } = await enter(world, { dpop })
  const DPoP = client.getDPoPHandle(config, dpop)
  assert.equal((await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })).token_type, 'dpop')
  const other = await configured(world, world.clients.keyed)
  await refused(client.refreshTokenGrant(other, tokens.refresh_token, undefined, { DPoP }), 'invalid_grant')
}

export async function an_assertion_from_a_clock_that_is_a_little_ahead(world) {
  const key = await privateKey(strict(world))
  const push = async seconds => {
    const ahead = { [client.modifyAssertion]: (_, payload) => Object.assign(payload, { nbf: payload.iat + seconds }) }
    const config = await client.discovery(new URL(world.issuer), strict(world).client_id, undefined, client.PrivateKeyJwt(key, ahead),
      { execute: [client.allowInsecureRequests] })
    return start(config, world, strict(world), { pushed: true })
  }
  assert.ok((await push(8)).url)
  await refused(push(60), 'invalid_client')
}
