// Level 1, read a run: GET /v2/actor-runs/{runId}, which needs no token.

import { randomBytes } from 'node:crypto'

export const newId = () => randomBytes(24).toString('base64url').replace(/[-_]/g, '').slice(0, 17)
export const now = () => new Date().toISOString()
export const USER = { id: newId(), name: 'me' }
export const ACTOR = { id: newId(), name: 'me~fixture-actor', buildId: newId(), buildNumber: '0.0.1' }

/** Return a Run object with everything that is always there. */
export function newRun(more) {
  return {
    id: newId(),
    actId: ACTOR.id,
    userId: USER.id,
    startedAt: now(),
    finishedAt: null,
    status: 'READY',
    meta: { origin: 'API' },
    stats: { restartCount: 0, rebootCount: 0 },
    buildId: ACTOR.buildId,
    buildNumber: ACTOR.buildNumber,
    exitCode: null,
    defaultKeyValueStoreId: newId(),
    defaultDatasetId: newId(),
    defaultRequestQueueId: newId(),
    ...more,
  }
}

export default function read(app) {
  const options = { build: 'latest', timeoutSecs: 300, memoryMbytes: 1024, diskMbytes: 2048 }
  const data = newRun({ id: 'aRunThatHasEnded1', status: 'SUCCEEDED', finishedAt: now(), exitCode: 0, options })
  app.runs.set(data.id, { data })
  app.route('GET', '/v2/actor-runs/:run', ({ run }) => ({ about: run }), { open: true })
}
