// A small server of the Actor-run API, in Node's standard library alone.
//
//     node server.mjs LEVEL [PORT]
//
// LEVEL is read, start, update, abort, reboot or wait; each brings those before it.

import { app, server } from './http.mjs'

const LEVELS = ['read', 'start', 'update', 'abort', 'reboot', 'wait']

const [level, port = '0'] = process.argv.slice(2)
if (!LEVELS.includes(level)) {
  console.error(`usage: node server.mjs ${LEVELS.join('|')} [PORT]`)
  process.exit(2)
}
for (const name of LEVELS.slice(0, LEVELS.indexOf(level) + 1)) {
  const { default: install } = await import(`./${name}.mjs`)
  install(app, server)
}
server.listen(Number(port), '127.0.0.1', () => {
  app.url = `http://127.0.0.1:${server.address().port}`
  console.log(app.url)
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
