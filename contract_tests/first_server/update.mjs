// Level 3, update the status message: PUT /v2/actor-runs/{runId}.

import { Refusal } from './http.mjs'

export default function update(app) {
  app.route('PUT', '/v2/actor-runs/:run', ({ run, body }) => {
    const { statusMessage = run.data.statusMessage, isStatusMessageTerminal: last = false } = body
    if (typeof statusMessage !== 'string' || typeof last !== 'boolean') {
      throw new Refusal(400, 'invalid-input', 'statusMessage must be a string, isStatusMessageTerminal a boolean.')
    }
    Object.assign(run.data, { statusMessage, isStatusMessageTerminal: last })
    return { about: run }
  })
}
