// The modules of the OpenID Foundation's basic plan, under their names, without the suite: a confidential client that is
// exempted from PKCE, as the suite is. With world.mode form_post they are those of the form_post plan.
//
// Some stand together: oidcc-userinfo-get, -post-header, -post-body; -scope-profile, -email, -address, -phone, -all;
// -display-page, -display-popup, -ui-locales, -claims-locales, -ensure-request-with-unknown-parameter-succeeds;
// -prompt-none-logged-in, -id-token-hint; -request-uri-unsigned, -unsigned-request-object, -ensure-request-object-with-
// redirect-uri. -idtoken-signature is in all of them (enableNonRepudiationChecks); -codereuse-30seconds is -codereuse,
// which asks at once whether the first token is revoked.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { begin, configured, refused, signIn as signsIn, start, told } from './relying.mjs'

const lax = world => world.clients.lax
const moded = (world, parameters) =>
  world.mode === 'form_post' ? { response_mode: 'form_post', ...parameters } : parameters
const signIn = (world, { parameters, ...more } = {}) =>
  signsIn(world, lax(world), { pkce: false, ...more, parameters: moded(world, { scope: 'openid', ...parameters }) })

/** An authorization request in this browser, and what the application was told. */
async function ask(world, visit, parameters = {}, { without = [], who = lax(world) } = {}) {
  const config = await configured(world, who)
  const started = await start(config, world, who, { pkce: false, parameters: moded(world, { scope: 'openid', ...parameters }) })
  without.forEach(name => started.url.searchParams.delete(name))
  return { ...await told(await begin(visit, started, who)), started, config }
}

const endpoint = (config, name) => config.serverMetadata()[name]
const signedInOnce = async (world, visit) => (await signIn(world, { visit })).claims

export async function server(world) {
  for (const who of [world.clients.lax, world.clients.web]) {
    const { tokens, claims, config, answer, checks } = await signsIn(world, who, { parameters: moded(world, { scope: 'openid' }) })
    const said = await told(answer)
    assert.equal(said.iss, world.issuer)
    assert.equal(said.state, checks.expectedState)
    assert.ok(said.code.length >= 22)
    assert.ok(answer instanceof URL ? !answer.hash : answer.url === who.redirect_uri)
    assert.equal(answer instanceof Request, world.mode === 'form_post')
    for (const name of ['email', 'name', 'preferred_username']) assert.equal(claims[name], undefined)
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, claims.sub)).sub, claims.sub)
  }
}

export async function response_type_missing(world) {
  const { error } = await ask(world, world.visit(), {}, { without: ['response_type'] })
  assert.ok(['unsupported_response_type', 'invalid_request'].includes(error))
}

export async function userinfo_by_get_by_post_and_with_the_token_in_the_body(world) {
  const { config, tokens, claims } = await signIn(world)
  const url = endpoint(config, 'userinfo_endpoint')
  const authorization = `Bearer ${tokens.access_token}`
  for (const [options, status] of [
    [{ headers: { authorization } }, 200],
    [{ method: 'POST', headers: { authorization } }, 200],
  ]) {
    const answer = await fetch(url, options)
    assert.equal(answer.status, status)
    assert.equal((await answer.json()).sub, claims.sub)
  }
  // RFC 9700, 4.3.2: never in the address. In the body it may be or not be taken; it is never an error of ours.
  assert.ok((await fetch(`${url}?access_token=${tokens.access_token}`)).status >= 400)
  assert.ok((await fetch(url, { method: 'POST', body: new URLSearchParams({ access_token: tokens.access_token }) })).status < 500)
}

export async function ensure_request_without_nonce_succeeds_for_code_flow(world) {
  const { claims } = await signIn(world, { parameters: { nonce: undefined } })
  assert.equal(claims.nonce, undefined)
}

export async function scope_claims_come_from_userinfo_with_the_right_types(world) {
  const visit = world.visit()
  const types = { email: 'string', email_verified: 'boolean', name: 'string', updated_at: 'number', address: 'object',
    phone_number: 'string', phone_number_verified: 'boolean' }
  const given = { profile: ['name', 'updated_at'], email: ['email', 'email_verified'], address: [], phone: [] }
  given.all = Object.values(given).flat()
  for (const [scope, names] of Object.entries(given)) {
    const asked = scope === 'all' ? 'openid profile email address phone' : `openid ${scope}`
    const { config, tokens, claims } = await signIn(world, { visit, parameters: { scope: asked } })
    const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
    for (const name of names) assert.ok(name in person, `${scope}: ${name}`)
    for (const [name, type] of Object.entries(types)) {
      if (name in person) assert.equal(typeof person[name], type, name)
    }
    if (scope === 'email') assert.equal(person.name, undefined)
  }
}

export async function ensure_other_scope_order_succeeds(world) {
  assert.ok((await signIn(world, { parameters: { scope: 'email openid profile' } })).tokens.id_token)
}

export async function display_locales_and_unknown_parameters_are_no_error(world) {
  const visit = world.visit()
  for (const parameters of [
    { display: 'page' }, { display: 'popup' }, { ui_locales: 'se', claims_locales: 'se' }, { extra: 'foobar' },
  ]) {
    assert.ok((await signIn(world, { visit, parameters })).tokens.id_token)
  }
}

export async function login_hint(world) {
  const visit = world.visit()
  visit.answers.email = undefined // nobody types it
  assert.ok((await signIn(world, { visit, parameters: { login_hint: world.person.email } })).tokens.id_token)
}

export async function prompt_login(world) {
  const visit = world.visit()
  const first = await signedInOnce(world, visit)
  await second()
  const { claims } = await signIn(world, { visit, parameters: { prompt: 'login' } })
  assert.equal(claims.sub, first.sub)
  assert.ok(claims.auth_time > first.auth_time)
}

const second = () => new Promise(after => setTimeout(after, 1100))

export async function prompt_none_not_logged_in(world) {
  const visit = world.visit()
  const { error, iss, code } = await ask(world, visit, { prompt: 'none' })
  assert.equal(error, 'login_required')
  assert.equal(iss, world.issuer)
  assert.equal(code, undefined)
  // In form_post the form that sends itself is the only page.
  assert.ok(visit.pages.every(path => path.startsWith('/oauth2/')))
}

export async function prompt_none_logged_in_and_id_token_hint(world) {
  const visit = world.visit()
  const first = await signIn(world, { visit })
  for (const parameters of [{ prompt: 'none' }, { prompt: 'none', id_token_hint: first.tokens.id_token }]) {
    const { claims } = await signIn(world, { visit, parameters })
    assert.equal(claims.sub, first.claims.sub)
    assert.equal(claims.auth_time, first.claims.auth_time)
  }
}

export async function max_age_1(world) {
  const visit = world.visit()
  const first = await signedInOnce(world, visit)
  await second()
  await second()
  const { claims } = await signIn(world, { visit, parameters: { max_age: '1' } })
  assert.ok(claims.auth_time > first.auth_time)
}

export async function max_age_10000(world) {
  const visit = world.visit()
  const first = await signedInOnce(world, visit)
  const { claims } = await signIn(world, { visit, parameters: { max_age: '10000' } })
  assert.equal(claims.auth_time, first.auth_time)
}

export async function ensure_request_with_acr_values_succeeds(world) {
  const { claims } = await signIn(world, { parameters: { acr_values: '1 2' } })
  assert.ok(['1', '2'].includes(claims.acr))
}

export async function codereuse(world) {
  const { config, answer, checks, tokens, claims } = await signIn(world, { parameters: { scope: 'openid offline_access' } })
  await refused(client.authorizationCodeGrant(config, answer, checks), 'invalid_grant')
  // What the first one gave is revoked, where it is asked for and where it is renewed.
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, claims.sub))
  await refused(client.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
}

export async function ensure_registered_redirect_uri(world) {
  const config = await configured(world, lax(world))
  const { url } = await start(config, world, lax(world), { pkce: false })
  for (const wrong of ['https://notes.example/cb/', 'https://notes.example/cb?x=1', 'https://NOTES.example/cb', 'https://evil.example/']) {
    url.searchParams.set('redirect_uri', wrong)
    const answer = await fetch(url, { redirect: 'manual' })
    assert.equal(answer.status, 400)
    assert.equal(answer.headers.get('location'), null)
  }
}

export async function ensure_post_request_succeeds(world) {
  assert.ok((await signIn(world, { form: true })).tokens.id_token)
}

export async function server_client_secret_post(world) {
  assert.ok((await signsIn(world, world.clients.post, { parameters: moded(world, {}) })).tokens.id_token)
}

export async function request_objects_are_refused_by_their_names(world) {
  const visit = world.visit()
  const object = `${btoa('{"alg":"none"}').replaceAll('=', '')}.${btoa('{"redirect_uri":"https://evil.example/"}').replaceAll('=', '')}.`
  assert.equal((await ask(world, visit, { request: object })).error, 'request_not_supported')
  assert.equal((await ask(world, visit, { request_uri: 'https://notes.example/r' })).error, 'request_uri_not_supported')
}

export async function claims_essential(world) {
  const wish = JSON.stringify({ userinfo: { name: { essential: true } }, id_token: { email: null } })
  const { config, tokens, claims } = await signIn(world, { parameters: { scope: 'openid email profile', claims: wish } })
  assert.ok((await client.fetchUserInfo(config, tokens.access_token, claims.sub)).name)
  assert.equal(claims.email, world.person.email)
}

export async function refresh_token(world) {
  const { config, tokens, claims } = await signIn(world, { parameters: { scope: 'openid offline_access' } })
  const answer = await fetch(endpoint(config, 'token_endpoint'), {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${lax(world).client_id}:${lax(world).secret}`)}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }),
  })
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type'), /^application\/json/)
  assert.match(answer.headers.get('cache-control'), /no-store/)
  const next = await answer.json()
  assert.match(next.refresh_token, /^[\x20-\x7e]+$/)
  assert.notEqual(next.access_token, tokens.access_token)
  await refused(client.refreshTokenGrant(await configured(world, world.clients.web), next.refresh_token), 'invalid_grant')
  assert.equal((await client.refreshTokenGrant(config, next.refresh_token)).claims().sub, claims.sub)
}

export async function ensure_request_with_valid_pkce_succeeds(world) {
  assert.ok((await signIn(world, { pkce: true })).tokens.id_token)
}

export async function a_person_who_says_no(world) {
  const visit = world.visit()
  visit.answers.decision = 'deny'
  const { error, iss } = await ask(world, visit, { prompt: 'consent' })
  assert.equal(error, 'access_denied')
  assert.equal(iss, world.issuer)
}
