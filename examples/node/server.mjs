// Acme Desk: an application whose people sign in at Portico. node:http, and openid-client for the protocol.
// README.md says how to run it.

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import * as client from 'openid-client'

const {
  ISSUER = 'http://acme.localhost:8000',
  APP_URL = 'http://127.0.0.1:8082',
  CLIENT_ID = '',
  CLIENT_SECRET = '',
} = process.env
const REDIRECT_URI = `${APP_URL}/callback`
const SCOPE = 'openid profile email offline_access'
const COOKIE = 'acme_desk'

// Discovery, once, when the first person comes: the portal may start after us. Plain http is for development alone.
let found
const portal = () => (found ??= client.discovery(
  new URL(ISSUER), CLIENT_ID, undefined, client.ClientSecretBasic(CLIENT_SECRET),
  { execute: ISSUER.startsWith('http://') ? [client.allowInsecureRequests] : [] },
).catch(error => { found = undefined; throw error }))

// In a real application: a table. The cookie has only the key.
const sessions = new Map()

function sessionOf(request) {
  const pairs = (request.headers.cookie ?? '').split('; ').map(pair => pair.split('='))
  return sessions.get(Object.fromEntries(pairs)[COOKIE])
}

/** A new key with every step, so that nobody can have planted it. */
function keep(response, session, old) {
  sessions.delete(old?.key)
  session.key = randomBytes(32).toString('base64url')
  sessions.set(session.key, session)
  const secure = APP_URL.startsWith('https:') ? '; Secure' : ''
  response.setHeader('Set-Cookie', `${COOKIE}=${session.key}; Path=/; HttpOnly; SameSite=Lax${secure}`)
}

const routes = {
  'GET /': (request, response) => {
    const session = sessionOf(request)
    if (session?.claims) return redirect(response, '/account')
    page(response, `<h1>A desk for the whole company</h1>
      <p>You sign in at <code>${escape(ISSUER)}</code> and come back here.</p>
      <p><a class="button" id="sign-in" href="/login">Sign in</a></p>`)
  },

  'GET /login': async (request, response) => {
    const config = await portal()
    const verifier = client.randomPKCECodeVerifier()
    const session = { verifier, state: client.randomState(), nonce: client.randomNonce() }
    keep(response, session, sessionOf(request))
    redirect(response, client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: SCOPE,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: session.state,
      nonce: session.nonce,
    }).href)
  },

  'GET /callback': async (request, response) => {
    const started = sessionOf(request)
    if (!started?.state) return redirect(response, '/')
    sessions.delete(started.key) // an answer is taken once
    // Checks state, iss (RFC 9207), nonce, PKCE, the signature and the claims of the ID token.
    const tokens = await client.authorizationCodeGrant(await portal(), new URL(request.url, APP_URL), {
      pkceCodeVerifier: started.verifier,
      expectedState: started.state,
      expectedNonce: started.nonce,
      idTokenExpected: true,
    })
    keep(response, { claims: tokens.claims(), tokens, idToken: tokens.id_token }, started)
    redirect(response, '/account')
  },

  'GET /account': async (request, response) => {
    const session = sessionOf(request)
    if (!session?.claims) return redirect(response, '/')
    let userinfo
    try {
      userinfo = await client.fetchUserInfo(await portal(), session.tokens.access_token, session.claims.sub)
    } catch (error) {
      if (!(error instanceof client.WWWAuthenticateChallengeError)) throw error
      sessions.delete(session.key) // the portal no longer takes our token: the session there has ended, and so has ours
      return redirect(response, '/')
    }
    const kept = session.tokens.refresh_token
    page(response, `<h1>Hello, ${escape(userinfo.name ?? userinfo.sub)}</h1>
      <form method="post" action="/refresh"><button id="refresh">Refresh the tokens</button></form>
      <form method="post" action="/logout"><button id="sign-out">Sign out</button></form>
      <h2>The ID token says</h2>${table('id-token', session.claims)}
      <h2>Userinfo says</h2>${table('userinfo', userinfo)}
      <h2>The token</h2>${table('token', {
        scope: session.tokens.scope,
        expires_in: session.tokens.expires_in,
        refresh_token: kept ? `…${kept.slice(-6)}` : 'none',
      })}`)
  },

  'POST /refresh': async (request, response) => {
    const session = sessionOf(request)
    if (session?.tokens?.refresh_token) {
      // The refresh token rotates: the new one is kept, the old one is dead.
      session.tokens = await client.refreshTokenGrant(await portal(), session.tokens.refresh_token)
    }
    redirect(response, '/account')
  },

  'POST /logout': async (request, response) => {
    const session = sessionOf(request)
    if (!session?.claims) return redirect(response, '/')
    sessions.delete(session.key)
    redirect(response, client.buildEndSessionUrl(await portal(), {
      id_token_hint: session.idToken,
      post_logout_redirect_uri: `${APP_URL}/`,
    }).href)
  },
}

function redirect(response, to) {
  response.writeHead(303, { Location: to }).end()
}

const ESCAPED = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = text => String(text).replace(/[&<>"']/g, one => ESCAPED[one])
const words = value => typeof value === 'string' ? value : JSON.stringify(value)
const table = (id, rows) => `<table id="${id}">${Object.entries(rows).sort()
  .map(([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(words(value))}</td></tr>`).join('')}</table>`

function page(response, main, status = 200) {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Acme Desk</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
    <body><header><a href="/">Acme Desk</a></header><main>${main}</main></body></html>`)
}

function problem(response, error) {
  // A refusal of the portal has its code in `error`; anything else is said as it is.
  const code = error.error ?? error.cause?.error ?? error.code ?? error.name
  page(response, `<h1>That did not work</h1>
    <p role="alert"><code>${escape(code)}</code>: ${escape(error.error_description ?? error.message)}</p>
    <p><a href="/">Back to the start</a></p>`, 400)
}

const { hostname, port } = new URL(APP_URL)
createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url.split('?')[0]}`]
  if (!route) return page(response, '<h1>There is nothing here</h1>', 404)
  try {
    await route(request, response)
  } catch (error) {
    problem(response, error)
  }
}).listen(Number(port || 80), hostname)
