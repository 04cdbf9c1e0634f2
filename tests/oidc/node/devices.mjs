// A device without a keyboard (RFC 8628), as openid-client plays it; its person types the code in a browser.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { configured, refused } from './relying.mjs'

const decided = found => /^\/device\/(allowed|denied)$/.test(found.pathname)

async function play(world, decision) {
  const config = await configured(world, world.clients.native)
  const codes = await client.initiateDeviceAuthorization(config, { scope: 'openid email offline_access' })
  const visit = world.visit()
  visit.answers = { ...visit.answers, code: codes.user_code, decision }
  const { url } = await visit.go(codes.verification_uri_complete, decided)
  // It has been allowed or denied already: the first word is the last, so there is no need to wait for it.
  const tokens = () => client.pollDeviceAuthorizationGrant(config, { ...codes, interval: 0.01 })
  return { config, codes, url, tokens }
}

export async function allowed(world) {
  const { config, url, tokens } = await play(world, 'allow')
  assert.equal(url.pathname, '/device/allowed')
  const given = await tokens()
  assert.ok(given.refresh_token && given.claims().sid)
  const person = await client.fetchUserInfo(config, given.access_token, given.claims().sub)
  assert.equal(person.email, world.person.email)
  assert.ok((await client.refreshTokenGrant(config, given.refresh_token)).access_token)
  await refused(tokens(), 'invalid_grant')
}

export async function denied(world) {
  const { url, tokens } = await play(world, 'deny')
  assert.equal(url.pathname, '/device/denied')
  await refused(tokens(), 'access_denied')
}
