// The modules of the back-channel logout plan: the application is called, and checks what it is told with jose.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { begin, configured, signIn, start, told } from './relying.mjs'

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'

/** The first call that comes to this port. */
const called = port => new Promise(resolve => {
  const server = createServer(async (request, response) => {
    const body = new URLSearchParams(await text(request))
    response.writeHead(200, { 'cache-control': 'no-store' }).end()
    server.close()
    resolve({ request, body })
  })
  server.listen(port, '127.0.0.1')
})

export async function discovery_endpoint_verification(world) {
  const said = (await configured(world, world.clients.called)).serverMetadata()
  assert.equal(said.backchannel_logout_supported, true)
  assert.equal(said.backchannel_logout_session_supported, true)
  assert.ok(said.end_session_endpoint.startsWith(`${world.issuer}/`))
}

export async function backchannel_rp_initiated_logout(world) {
  const who = world.clients.called
  const call = called(who.port)
  const visit = world.visit()
  const { config, tokens, claims } = await signIn(world, who, { visit })
  const out = new URL(config.serverMetadata().end_session_endpoint)
  out.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: who.post_logout_redirect_uri, state: 's' })
  const { url } = await visit.go(out, at => at.href.startsWith(who.post_logout_redirect_uri))
  assert.equal(url.searchParams.get('state'), 's')

  const { request, body } = await call
  assert.equal(request.method, 'POST')
  assert.match(request.headers['content-type'], /^application\/x-www-form-urlencoded/)
  assert.deepEqual([...body.keys()], ['logout_token'])
  const { payload } = await jwtVerify(body.get('logout_token'), createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri)), {
    issuer: world.issuer,
    audience: who.client_id,
    typ: 'logout+jwt',
    algorithms: [who.algorithm],
    requiredClaims: ['iat', 'exp', 'jti', 'sid', 'sub'],
  })
  assert.equal(payload.sid, claims.sid)
  assert.equal(payload.sub, claims.sub)
  assert.deepEqual(payload.events, { [LOGOUT]: {} })
  assert.ok(!('nonce' in payload))

  const silent = await start(config, world, who, { parameters: { prompt: 'none' } })
  assert.equal((await told(await begin(visit, silent, who))).error, 'login_required')
}
