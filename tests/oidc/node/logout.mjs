// The modules of the RP-initiated logout plan, under their names.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { begin, configured, signIn, start, told } from './relying.mjs'

const silently = async (world, visit) => {
  const config = await configured(world, world.clients.web)
  const started = await start(config, world, world.clients.web, { parameters: { prompt: 'none' } })
  return told(await begin(visit, started, world.clients.web))
}

/** Go to the end of the session with these parameters, and press what is to be pressed; where that ends. */
async function leave(world, parameters, { presses = true } = {}) {
  const visit = world.visit()
  const { config, tokens } = await signIn(world, world.clients.web, { visit })
  const home = world.clients.web.post_logout_redirect_uri
  const url = new URL(config.serverMetadata().end_session_endpoint)
  for (const [name, value] of Object.entries(parameters({ tokens, home }))) url.searchParams.set(name, value)
  let left
  for (let at = url, form, hop = 0; hop < 10; hop++) {
    const response = await visit.open(at, form)
    const to = response.headers.get('location')
    if (to) {
      at = new URL(to, at)
      form = undefined
    } else {
      const asks = response.html.match(/<form[\s\S]*?<\/form>/g)?.find(one => /action="\/oauth2\/logout/.test(one) || /action="\/logout/.test(one))
      const onward = visit.read(at, response.html)
      if (onward.url && !onward.form) {
        at = onward.url
        form = undefined
      } else if (asks && presses && !form) {
        form = visit.fill([...asks.matchAll(/<(input|button)\b[^>]*>/g)].map(([tag]) => tag))
        at = new URL(asks.match(/action="([^"]*)"/)[1].replaceAll('&amp;', '&'), at)
      } else {
        left = { at, response }
        break
      }
    }
    if (at.origin !== new URL(world.issuer).origin) {
      left = { at, response: undefined }
      break
    }
  }
  return { visit, ...left, redirected: left.at.origin === new URL(home).origin ? left.at : undefined }
}

const isOut = async (world, visit) => assert.equal((await silently(world, visit)).error, 'login_required')

export async function rp_initiated_logout(world) {
  const { visit, redirected } = await leave(world, ({ tokens, home }) =>
    ({ id_token_hint: tokens.id_token, post_logout_redirect_uri: home, state: 'st at/e' }))
  assert.equal(redirected.href.split('?')[0], world.clients.web.post_logout_redirect_uri)
  assert.equal(redirected.searchParams.get('state'), 'st at/e')
  await isOut(world, visit)
}

export async function no_state(world) {
  const { visit, redirected } = await leave(world, ({ tokens, home }) => ({ id_token_hint: tokens.id_token, post_logout_redirect_uri: home }))
  assert.equal(redirected.href, world.clients.web.post_logout_redirect_uri)
  await isOut(world, visit)
}

export async function as_openid_client_builds_it(world) {
  const config = await configured(world, world.clients.web)
  const url = client.buildEndSessionUrl(config, { post_logout_redirect_uri: world.clients.web.post_logout_redirect_uri })
  assert.equal(url.searchParams.get('client_id'), world.clients.web.client_id)
  const { redirected } = await leave(world, () => Object.fromEntries(url.searchParams))
  assert.equal(redirected.href, world.clients.web.post_logout_redirect_uri)
}

const foreign = token => {
  const [header, payload] = token.split('.')
  return `${header}.${payload}.${'A'.repeat(342)}`
}
const unsigned = token => `${btoa('{"alg":"none"}').replaceAll('=', '')}.${token.split('.')[1]}.`

const BAD = {
  bad_post_logout_redirect_uri: ({ tokens }) =>
    ({ id_token_hint: tokens.id_token, post_logout_redirect_uri: 'https://notes.example/elsewhere' }),
  query_added_to_post_logout_redirect_uri: ({ tokens, home }) =>
    ({ id_token_hint: tokens.id_token, post_logout_redirect_uri: `${home}?foo=bar` }),
  modified_id_token_hint: ({ tokens, home }) =>
    ({ id_token_hint: unsigned(tokens.id_token), post_logout_redirect_uri: home, state: 's' }),
  bad_id_token_hint: ({ tokens, home }) =>
    ({ id_token_hint: foreign(tokens.id_token), post_logout_redirect_uri: home, state: 's' }),
  no_id_token_hint: ({ home }) => ({ post_logout_redirect_uri: home, state: 's' }),
}

export async function in_bad_cases_nobody_is_redirected(world) {
  for (const [name, parameters] of Object.entries(BAD)) {
    const { redirected, response } = await leave(world, parameters)
    assert.equal(redirected, undefined, name)
    assert.ok(response.html.includes('<main'), `${name}: a page of ours`)
  }
}

export async function without_an_address_people_are_signed_out_and_see_a_page(world) {
  for (const parameters of [() => ({}), () => ({ state: 's' }), ({ tokens }) => ({ id_token_hint: tokens.id_token })]) {
    const { visit, redirected, response } = await leave(world, parameters)
    assert.equal(redirected, undefined)
    assert.equal(response.status, 200)
    await isOut(world, visit)
  }
}
