// Level 4, abort: POST /v2/acts/{actorId}/runs/{runId}/abort and POST /v2/actor-runs/{runId}/abort.

import { createHash } from 'node:crypto'
import { ACTOR } from './read.mjs'
import { Refusal } from './http.mjs'
import { stop } from './start.mjs'

const GRACE = 30_000 // Milliseconds that an Actor is given to end by itself.
const WEBSOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11' // RFC 6455, section 1.3.

/** Return a text frame of a WebSocket, as a server sends a short one: unmasked. */
function frame(text) {
  const content = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, content.length]), content])
}

function abort({ names, query, run }) {
  if (names.actor && ![ACTOR.id, ACTOR.name].includes(names.actor)) {
    throw new Refusal(404, 'record-not-found', 'There is no such Actor.')
  }
  if (!['READY', 'RUNNING'].includes(run.data.status)) return { about: run }
  if (['true', '1'].includes(query.get('gracefully'))) {
    run.data.status = 'ABORTING'
    run.events?.write(frame(JSON.stringify({ name: 'aborting' })))
    clearTimeout(run.timer)
    run.timer = setTimeout(() => stop(run, 'ABORTING'), GRACE)
  } else {
    stop(run, 'ABORTING')
  }
  return { about: run }
}

export default function install(app, server) {
  app.route('POST', '/v2/acts/:actor/runs/:run/abort', abort)
  app.route('POST', '/v2/actor-runs/:run/abort', abort)

  // An Actor learns of a graceful abort by a WebSocket, whose address is in its environment.
  app.environment.push(({ data }) => ({
    ACTOR_EVENTS_WEBSOCKET_URL: `${app.url.replace('http', 'ws')}/events/${data.id}`,
  }))
  server.on('upgrade', (request, socket) => {
    const run = app.runs.get(request.url.split('/')[2])
    if (!run) return socket.destroy()
    const key = request.headers['sec-websocket-key'] + WEBSOCKET
    const accept = createHash('sha1').update(key).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
    socket.on('error', () => socket.destroy())
    run.events = socket
  })
}
