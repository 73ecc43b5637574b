// Level 5, reboot: POST /v2/actor-runs/{runId}/reboot.

import { Refusal } from './http.mjs'
import { launch } from './start.mjs'

export default function reboot(app) {
  app.route('POST', '/v2/actor-runs/:run/reboot', ({ run }) => {
    if (run.data.status !== 'RUNNING') {
      throw new Refusal(403, 'run-not-running', `Only a running run can be rebooted; this one is ${run.data.status}.`)
    }
    const before = run.process
    launch(app, run)
    before.kill('SIGKILL')
    run.data.stats.rebootCount += 1
    return { about: run }
  })
}
