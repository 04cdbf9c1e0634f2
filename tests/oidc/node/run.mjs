// node run.mjs FILE [CASE…] < world.json: the cases of one file, in the world that pytest has made for them.
//
// Relying parties that we did not write (openid-client, oauth4webapi) speak to a live portal. A case throws when
// something is not as it should be.

import { text } from 'node:stream/consumers'
import { Browser } from './browser.mjs'

const [, , file, ...wanted] = process.argv
const world = JSON.parse(await text(process.stdin))
const cases = Object.entries(await import(`./${file}.mjs`)).filter(([name]) => !wanted.length || wanted.includes(name))

for (const [name, play] of cases) {
  try {
    await play({ ...world, visit: () => new Browser(world.person) })
    console.log(`ok ${name}`)
  } catch (error) {
    const cause = error.cause instanceof Error ? error.cause.stack : JSON.stringify(error.cause) ?? ''
    console.log(`FAILED ${name}: ${error.stack}\n${cause} ${error.error ?? ''} ${error.error_description ?? ''}\n`)
    process.exitCode = 1
  }
}
