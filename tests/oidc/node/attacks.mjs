// What must not work, tried with libraries that let one try it; and what may happen once, tried many times at once.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { begin, configured, privateKey, refused, signIn, start, told } from './relying.mjs'

/** A fresh code, and everything to redeem it with. */
async function aCode(world, who, { visit = world.visit(), ...more } = {}) {
  const config = await configured(world, who)
  const started = await start(config, world, who, more)
  return { config, visit, ...started, answer: await begin(visit, started, who) }
}

const redeem = ({ config, answer, checks }, changes = {}) =>
  client.authorizationCodeGrant(config, answer, { ...checks, ...changes })

/** What the application is told of an authorization request that is wrong in these parameters. */
async function asked(world, who, parameters, without = []) {
  const config = await configured(world, who)
  const started = await start(config, world, who, { parameters })
  without.forEach(name => started.url.searchParams.delete(name))
  const said = await told(await begin(world.visit(), started, who))
  assert.equal(said.iss, world.issuer)
  assert.equal(said.code, undefined)
  assert.equal(said.state, started.checks.expectedState)
  return said.error
}

const post = (config, fields, who) => fetch(config.serverMetadata().token_endpoint, {
  method: 'POST',
  headers: { authorization: `Basic ${btoa(`${who.client_id}:${who.secret}`)}` },
  body: new URLSearchParams(fields),
})

export async function a_code_is_redeemed_once_however_many_try_at_once(world) {
  const code = await aCode(world, world.clients.web)
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => redeem(code)))
  assert.ok(tries.filter(one => one.status === 'fulfilled').length <= 1)
  for (const { reason } of tries.filter(one => one.status === 'rejected')) assert.equal(reason.error, 'invalid_grant')
}

export async function many_refreshes_at_once_get_one_successor(world) {
  const { config, tokens } = await signIn(world, world.clients.web)
  const all = await Promise.all(Array.from({ length: 10 }, () => client.refreshTokenGrant(config, tokens.refresh_token)))
  assert.equal(new Set(all.map(one => one.refresh_token)).size, 1)
}

export async function a_refresh_token_that_comes_again_late_takes_the_grant_with_it(world) {
  const { config, tokens, claims } = await signIn(world, world.clients.web)
  const second = await client.refreshTokenGrant(config, tokens.refresh_token)
  const third = await client.refreshTokenGrant(config, second.refresh_token)
  await refused(client.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
  await refused(client.refreshTokenGrant(config, third.refresh_token), 'invalid_grant')
  await assert.rejects(client.fetchUserInfo(config, third.access_token, claims.sub))
}

export async function a_code_is_bound_to_its_verifier_its_client_and_its_address(world) {
  const { web, post: other, lax } = world.clients
  const visit = world.visit()
  await refused(redeem(await aCode(world, web, { visit }), { pkceCodeVerifier: client.randomPKCECodeVerifier() }), 'invalid_grant')
  const bare = await aCode(world, web, { visit })
  await refused(redeem(bare, { pkceCodeVerifier: undefined }), 'invalid_grant')
  const stolen = await aCode(world, web, { visit })
  await refused(redeem({ ...stolen, config: await configured(world, other) }), 'invalid_grant')
  // RFC 9700, 2.1.1: a verifier for a code that was asked for without a challenge is a downgrade.
  const downgraded = await aCode(world, lax, { visit, pkce: false })
  await refused(redeem(downgraded, { pkceCodeVerifier: client.randomPKCECodeVerifier() }), 'invalid_grant')
  const moved = await aCode(world, web, { visit })
  const { code } = await told(moved.answer)
  const answer = await post(moved.config, {
    grant_type: 'authorization_code', code, redirect_uri: `${web.redirect_uri}/`, code_verifier: moved.checks.pkceCodeVerifier,
  }, web)
  assert.equal((await answer.json()).error, 'invalid_grant')
}

export async function pkce_is_required_and_never_plain(world) {
  const { web, spa } = world.clients
  for (const who of [web, spa]) {
    assert.equal(await asked(world, who, {}, ['code_challenge', 'code_challenge_method']), 'invalid_request')
  }
  for (const who of [web, spa]) {
    const { url, checks } = await start(await configured(world, who), world, who)
    url.searchParams.set('code_challenge_method', 'plain')
    assert.equal((await told(await begin(world.visit(), { url, checks }, who))).error, 'invalid_request')
  }
}

export async function no_tokens_from_the_front_door(world) {
  const visit = world.visit()
  for (const type of ['token', 'id_token', 'id_token token', 'code id_token', 'code token', 'none']) {
    const config = await configured(world, world.clients.web)
    const { url, checks } = await start(config, world, world.clients.web)
    url.searchParams.set('response_type', type)
    const answer = await begin(visit, { url, checks }, world.clients.web)
    assert.equal((await told(answer)).error, 'unsupported_response_type', type)
    assert.equal(answer.hash, '')
  }
}

export async function nothing_is_sent_twice_and_nothing_by_get(world) {
  const { web } = world.clients
  const config = await configured(world, web)
  const { url, checks } = await start(config, world, web)
  url.searchParams.append('scope', 'openid')
  assert.equal((await told(await begin(world.visit(), { url, checks }, web))).error, 'invalid_request')
  const twice = await post(config, [['grant_type', 'client_credentials'], ['grant_type', 'client_credentials']], web)
  assert.equal((await twice.json()).error, 'invalid_request')
  assert.equal((await fetch(config.serverMetadata().token_endpoint)).status, 405)
}

export async function no_password_grant(world) {
  const config = await configured(world, world.clients.web)
  const fields = { username: world.person.email, password: world.person.password, scope: 'openid' }
  await refused(client.genericGrantRequest(config, 'password', fields), 'unsupported_grant_type')
}

export async function assertions_are_for_the_issuer_alone_and_shown_once(world) {
  const who = world.clients.keyed
  const key = await privateKey(who)
  const endpoint = (await configured(world, who)).serverMetadata().token_endpoint
  const now = Math.floor(Date.now() / 1000)
  const wrong = {
    'the token endpoint': { aud: endpoint },
    'a list': { aud: [world.issuer] },
    'a list with the endpoint': { aud: [world.issuer, endpoint] },
    'another issuer': { aud: 'https://elsewhere.example' },
    'nobody': { aud: undefined },
    'past': { iat: now - 400, nbf: now - 400, exp: now - 100 },
    'for a day': { exp: now + 86_400 },
    'not yet': { nbf: now + 60 },
    'another issuer of it': { iss: world.clients.web.client_id },
    'no name': { jti: undefined },
  }
  const push = async changes => {
    const method = client.PrivateKeyJwt(key, { [client.modifyAssertion]: (_, payload) => Object.assign(payload, changes) })
    const config = await client.discovery(new URL(world.issuer), who.client_id, undefined, method, { execute: [client.allowInsecureRequests] })
    const { url } = await start(config, world, who, { pushed: true })
    return url
  }
  for (const [name, changes] of Object.entries(wrong)) {
    await refused(push(changes), 'invalid_client').catch(error => { throw new Error(name, { cause: error }) })
  }
  await assert.rejects(push({ sub: world.clients.web.client_id }), client.ResponseBodyError)
  const once = { jti: 'the very same' }
  assert.ok(await push(once))
  await refused(push(once), 'invalid_client')
}

export async function what_was_pushed_is_for_whoever_pushed_it_once(world) {
  const { web, post: other } = world.clients
  const pushed = await start(await configured(world, web), world, web, { pushed: true })
  const visit = world.visit()
  const foreign = new URL(pushed.url)
  foreign.searchParams.set('client_id', other.client_id)
  assert.equal((await fetch(foreign, { redirect: 'manual' })).status, 400)
  assert.ok((await told(await begin(visit, pushed, web))).code)
  // Nothing proves where to send them then: a page of ours.
  assert.equal((await visit.open(pushed.url)).status, 400)
}

export async function tokens_are_not_taken_for_one_another(world) {
  const { config, tokens, claims } = await signIn(world, world.clients.web)
  await assert.rejects(client.fetchUserInfo(config, tokens.id_token, claims.sub))
  await refused(client.refreshTokenGrant(config, tokens.access_token), 'invalid_grant')
  await refused(client.refreshTokenGrant(config, tokens.id_token), 'invalid_grant')
  // Whom a token is not for learns nothing of it (RFC 7662, section 4).
  const other = await configured(world, world.clients.post)
  assert.deepEqual(await client.tokenIntrospection(other, tokens.access_token), { active: false })
  await client.tokenRevocation(other, tokens.refresh_token).catch(() => undefined)
  assert.ok((await client.refreshTokenGrant(config, tokens.refresh_token)).access_token)
}

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS = 'urn:ietf:params:oauth:token-type:access_token'

export async function tokens_are_exchanged_by_whom_it_is_permitted_and_never_for_more(world) {
  const { config, tokens, claims } = await signIn(world, world.clients.agent)
  const fields = { subject_token: tokens.access_token, subject_token_type: ACCESS, scope: 'openid' }
  const next = await client.genericGrantRequest(config, EXCHANGE, fields)
  assert.equal(next.issued_token_type, ACCESS)
  assert.equal(next.refresh_token, undefined)
  const said = JSON.parse(Buffer.from(next.access_token.split('.')[1], 'base64url'))
  assert.equal(said.sub, claims.sub)
  assert.equal(said.act.sub, world.clients.agent.client_id)
  await refused(client.genericGrantRequest(config, EXCHANGE, { ...fields, scope: 'openid roles' }), 'invalid_scope')
  const web = await configured(world, world.clients.web)
  await refused(client.genericGrantRequest(web, EXCHANGE, fields), 'unauthorized_client')
}
