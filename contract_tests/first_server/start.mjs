// Level 2, start a run: POST /v2/actor-tasks/{taskId}/runs, and what a run's process needs.

import { spawn } from 'node:child_process'
import { ACTOR, USER, newId, newRun, now } from './read.mjs'
import { Refusal } from './http.mjs'

const TASK = {
  id: newId(),
  name: `${USER.name}~fixture`,
  input: { durationSecs: 1, exitCode: 0 },
  options: { build: 'latest', timeoutSecs: 300, memoryMbytes: 1024, diskMbytes: 2048 },
}
const BUILDS = ['latest', ACTOR.buildNumber]
const RESTARTS = 3
const ENDS = { ABORTING: 'ABORTED', 'TIMING-OUT': 'TIMED-OUT' }
const ACTOR_CODE = process.env.FIXTURE_ACTOR // Where the fixture Actor's main.py is.
const PYTHON = process.env.PYTHON ?? 'python3'

const bad = (message) => new Refusal(400, 'invalid-input', message)

function number(query, name, least = 0) {
  if (!query.has(name)) return undefined
  const value = Number(query.get(name) || NaN)
  if (!(value >= least)) throw bad(`${name} must be a number from ${least} on.`)
  return value
}

/** Return the options of a run: what the query sets goes before what the task has saved. */
function readOptions(query) {
  const given = {
    timeoutSecs: number(query, 'timeout'),
    memoryMbytes: number(query, 'memory', 128),
    maxItems: number(query, 'maxItems'),
    maxTotalChargeUsd: number(query, 'maxTotalChargeUsd'),
    build: query.get('build') || undefined,
  }
  if (given.memoryMbytes && !Number.isInteger(Math.log2(given.memoryMbytes))) throw bad('memory must be a power of 2.')
  if (given.build && !BUILDS.includes(given.build)) throw bad(`There is no build ${given.build}.`)
  for (const name in given) if (given[name] === undefined) delete given[name]
  return { ...TASK.options, ...given }
}

/** Return the webhooks of a start, which are JSON in Base64. */
function readWebhooks(query) {
  if (!query.has('webhooks')) return []
  try {
    const hooks = JSON.parse(Buffer.from(query.get('webhooks'), 'base64').toString())
    if (hooks.every((hook) => Array.isArray(hook.eventTypes) && URL.canParse(hook.requestUrl))) return hooks
  } catch {
    // The same refusal as for anything else that is not a list of webhooks.
  }
  throw bad('webhooks must be a list of webhooks, as JSON in Base64.')
}

function callWebhooks(run, status) {
  const eventType = `ACTOR.RUN.${status.replace('-', '_')}`
  const body = JSON.stringify({ eventType, eventData: { actorRunId: run.data.id }, resource: run.data })
  for (const { eventTypes, requestUrl } of run.webhooks) {
    if (!eventTypes.includes(eventType)) continue
    fetch(requestUrl, { method: 'POST', body, headers: { 'content-type': 'application/json' } }).catch(
      (error) => console.error(`${eventType} of ${run.data.id}: ${error.cause ?? error}`),
    )
  }
}

/** Start the process of a run; again after a failure, where the start asked for that. */
export function launch(app, run) {
  const environment = Object.assign({}, ...app.environment.map((tell) => tell(run)))
  const child = spawn(PYTHON, [ACTOR_CODE], { env: environment, stdio: 'ignore' })
  run.process = child
  child.once('spawn', () => {
    if (run.data.status === 'READY') run.data.status = 'RUNNING'
  })
  child.once('close', (code) => {
    if (run.process !== child) return // A reboot has put another one in its place.
    const again = run.restartOnError && run.data.stats.restartCount < RESTARTS
    if (code !== 0 && run.data.status === 'RUNNING' && again) {
      run.data.stats.restartCount += 1
      launch(app, run)
    } else {
      end(run, ENDS[run.data.status] ?? (code === 0 ? 'SUCCEEDED' : 'FAILED'), code)
    }
  })
  child.once('error', console.error)
}

function end(run, status, exitCode) {
  clearTimeout(run.timer)
  Object.assign(run.data, { status, exitCode, finishedAt: now() })
  run.resolveEnded()
  callWebhooks(run, status)
}

/** Stop a run by force; its status says meanwhile what for. */
export function stop(run, status) {
  run.data.status = status
  run.process.kill('SIGKILL')
}

export default function start(app) {
  app.environment.push(({ data }) => ({
    PATH: process.env.PATH,
    APIFY_API_BASE_URL: app.url,
    APIFY_TOKEN: app.token,
    ACTOR_RUN_ID: data.id,
    ACTOR_DEFAULT_KEY_VALUE_STORE_ID: data.defaultKeyValueStoreId,
    ...('maxItems' in data.options && { ACTOR_MAX_PAID_DATASET_ITEMS: data.options.maxItems }),
    ...('maxTotalChargeUsd' in data.options && { ACTOR_MAX_TOTAL_CHARGE_USD: data.options.maxTotalChargeUsd }),
  }))

  app.route('POST', '/v2/actor-tasks/:task/runs', ({ names, query, body }) => {
    if (![TASK.id, TASK.name].includes(names.task)) throw new Refusal(404, 'record-not-found', 'There is no such task.')
    const options = readOptions(query)
    const run = {
      data: newRun({ actorTaskId: TASK.id, options }),
      input: { ...TASK.input, ...body },
      restartOnError: query.get('restartOnError') === 'true',
      webhooks: readWebhooks(query),
    }
    run.ended = new Promise((resolve) => (run.resolveEnded = resolve))
    if (options.timeoutSecs) run.timer = setTimeout(() => stop(run, 'TIMING-OUT'), options.timeoutSecs * 1000)
    app.runs.set(run.data.id, run)
    callWebhooks(run, 'CREATED')
    launch(app, run)
    return { status: 201, headers: { location: `${app.url}/v2/actor-runs/${run.data.id}` }, about: run }
  })

  // Not of the six operations: the fixture Actor reads its input here.
  app.route('GET', '/v2/key-value-stores/:store/records/INPUT', ({ names }) => {
    const run = [...app.runs.values()].find(({ data }) => data.defaultKeyValueStoreId === names.store)
    if (!run?.input) throw new Refusal(404, 'record-not-found', 'There is no such record.')
    return { content: run.input }
  })

  process.on('exit', () => {
    for (const run of app.runs.values()) run.process?.kill('SIGKILL')
  })
}
