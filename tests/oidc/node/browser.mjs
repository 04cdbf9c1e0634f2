// A browser of few words: it keeps cookies, follows redirects and refreshes, and fills in the forms of the portal.

const attribute = (tag, name) => unescape(tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1])
const unescape = text => text?.replace(/&(amp|lt|gt|quot|#39|#34);/g, (_, name) =>
  ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#34': '"' })[name])
const has = (tag, name) => new RegExp(`\\s${name}(\\s|=|>|/)`).test(tag)
const MOST_HOPS = 25
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

export class Browser {
  cookies = new Map()
  pages = [] // the addresses of the pages that people would have seen

  constructor(person) {
    // What is typed where it is asked for.
    this.answers = { email: person?.email, password: person?.password, decision: 'allow' }
  }

  /** Go to `url` and do what the pages ask, until one is reached for which `done(url, response)` holds. */
  async go(url, done, { form } = {}) {
    let request = { url: new URL(url), form }
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const response = await this.open(request.url, request.form)
      const to = response.headers.get('location')
      const found = to ? { url: new URL(to, request.url) } : this.read(request.url, response.html)
      if (!to) this.pages.push(request.url.pathname)
      if (to ? done(found.url) : done(request.url, response)) return { url: to ? found.url : request.url, response }
      if (found.stuck || response.status >= 500) {
        throw new Error(`stuck at ${request.url} (${response.status}): ${words(response.html)}`)
      }
      if (!to && found.url && done(found.url)) return { url: found.url, response }
      request = found
    }
    throw new Error(`after ${MOST_HOPS} hops still at ${request.url}`)
  }

  /** The answer that an application gets at `redirectUri`: by query (a URL), or by form (a Request). */
  async authorize(url, redirectUri, { form } = {}) {
    const home = found => `${found.origin}${found.pathname}` === redirectUri || found.href.startsWith(`${redirectUri}?`)
    const posted = response => response?.html.match(/<form[^>]*>/g)?.some(tag => attribute(tag, 'action') === redirectUri)
    const { url: at, response } = await this.go(url, (found, got) => home(found) || posted(got), { form })
    if (home(at)) return at
    const body = new URLSearchParams(inputs(response.html, redirectUri).map(tag => [attribute(tag, 'name'), attribute(tag, 'value')]))
    return new Request(redirectUri, { method: 'POST', body })
  }

  /** One request. With `form` it is a POST. */
  async open(url, form) {
    const headers = { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html', 'user-agent': AGENT }
    if (form) headers.origin = url.origin
    const response = await fetch(url, { method: form ? 'POST' : 'GET', body: form, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/)
      if (value === '' || /max-age=0(;|$)/i.test(cookie)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    response.html = await response.text()
    return response
  }

  /** What to do on a page: go on by itself, or fill in the form that asks for something we know. */
  read(url, html) {
    const refresh = html.match(/<meta[^>]*http-equiv="refresh"[^>]*>/i)?.[0]
    const onward = refresh && attribute(refresh, 'content').match(/url=(.*)$/i)?.[1]
    if (onward) return { url: new URL(onward, url) }
    for (const form of html.match(/<form[\s\S]*?<\/form>/g) ?? []) {
      const fields = [...form.matchAll(/<(input|button)\b[^>]*>/g)].map(([tag]) => tag)
      const asks = fields.some(tag => !/type="hidden"/.test(tag) && this.knows(tag))
      if (asks) return { url: new URL(attribute(form.match(/<form[^>]*>/)[0], 'action') || url, url), form: this.fill(fields) }
    }
    return { stuck: true }
  }

  /** What we would type there, or what stands there already (login_hint). */
  knows(tag) {
    const name = attribute(tag, 'name')
    return this.answers[name] || (name === 'email' && attribute(tag, 'value'))
  }

  fill(fields) {
    const form = new URLSearchParams()
    for (const tag of fields) {
      const name = attribute(tag, 'name')
      const box = /type="(checkbox|radio)"/.test(tag)
      if (!name || form.has(name)) continue
      if (tag.startsWith('<button')) {
        if (this.answers[name] && attribute(tag, 'value') === this.answers[name]) form.set(name, this.answers[name])
      } else if (!box || has(tag, 'checked')) {
        form.set(name, /type="hidden"/.test(tag) ? attribute(tag, 'value') ?? '' : this.answers[name] ?? attribute(tag, 'value') ?? '')
      }
    }
    return form
  }
}

function inputs(html, action) {
  const form = html.match(/<form[\s\S]*?<\/form>/g).find(one => attribute(one.match(/<form[^>]*>/)[0], 'action') === action)
  return [...form.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag).filter(tag => attribute(tag, 'name'))
}

const words = html => html.replace(/<(script|style)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').slice(0, 400)
