// Level 6, wait: the query parameter `waitForFinish` of Get run and Run task.

import { setTimeout as pause } from 'node:timers/promises'

const LONGEST = 60

export default function wait(app) {
  app.beforeAnswer.push(async ({ method, pattern }, { query }, run) => {
    const mayWait = method === 'GET' || pattern.test('/v2/actor-tasks/any/runs')
    const seconds = Math.min(Number(query.get('waitForFinish')), LONGEST)
    if (!mayWait || !(seconds > 0)) return
    const over = new AbortController()
    const time = pause(seconds * 1000, null, { signal: over.signal }).catch(() => null)
    await Promise.race([run.ended, time])
    over.abort()
  })
}
