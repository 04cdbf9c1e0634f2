// Acme Board: a single-page application whose people sign in at Portico. oidc-client-ts does the protocol:
// authorization code with PKCE, no secret, refresh tokens that rotate.

const { UserManager, WebStorageStateStore } = window.oidc

const at = id => document.getElementById(id)
const say = text => { at('said').textContent = text }

const { authority, client_id } = await (await fetch('/config.json')).json()
const manager = new UserManager({
  authority,
  client_id,
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: 'openid profile email offline_access',
  loadUserInfo: true,
  // Renewed with the refresh token shortly before the access token ends; no hidden frames.
  automaticSilentRenew: true,
  // Of this tab only, and gone with it.
  userStore: new WebStorageStateStore({ store: window.sessionStorage }),
  revokeTokensOnSignout: true,
  revokeTokenTypes: ['refresh_token'],
})

function table(id, rows) {
  at(id).replaceChildren(...rows.map(([name, value]) => {
    const row = document.createElement('tr')
    const head = Object.assign(document.createElement('th'), { scope: 'row', textContent: name })
    const cell = document.createElement('td')
    cell.textContent = typeof value === 'string' ? value : JSON.stringify(value)
    row.append(head, cell)
    return row
  }))
}

function show(user) {
  at('out').hidden = Boolean(user)
  at('in').hidden = !user
  if (!user) return
  at('name').textContent = user.profile.name ?? user.profile.sub
  table('claims', Object.entries(user.profile).sort())
  table('token', [
    ['scope', user.scope],
    ['expires_at', user.expires_at],
    ['refresh_token', user.refresh_token ? `…${user.refresh_token.slice(-6)}` : 'none'],
  ])
}

async function finish() {
  const answer = new URLSearchParams(location.search)
  // RFC 9207: an answer of another server is not for us.
  if (answer.get('iss') !== authority) throw new Error('this answer does not come from our portal')
  try {
    return await manager.signinCallback()
  } finally {
    history.replaceState(null, '', '/')
  }
}

async function tried(action) {
  try {
    await action()
  } catch (error) {
    say(`That did not work: ${error.message}`)
  }
}

at('sign-in').addEventListener('click', () => tried(() => manager.signinRedirect()))
at('sign-out').addEventListener('click', () => tried(() => manager.signoutRedirect()))
at('refresh').addEventListener('click', () => tried(async () => {
  show(await manager.signinSilent())
  say('The tokens are new.')
}))
manager.events.addUserLoaded(show)
manager.events.addSilentRenewError(error => tried(async () => {
  await manager.removeUser()
  show(null)
  throw error
}))

await tried(async () => show(location.pathname === '/callback' ? await finish() : await manager.getUser()))
if (at('in').hidden) at('out').hidden = false
