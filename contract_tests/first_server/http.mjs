// What every operation needs of HTTP: paths, tokens, bodies, answers and refusals.

import http from 'node:http'

const TOKEN = process.env.SERVER_TOKEN ?? 'a-token-for-trying'
const MIB = 1024 * 1024

/** An answer that refuses: thrown by whoever finds out. */
export class Refusal extends Error {
  constructor(status, type, message) {
    super(message)
    Object.assign(this, { status, type })
  }
}

const routes = []
export const app = {
  token: TOKEN,
  url: '', // Known once the server listens.
  runs: new Map(), // By id: { data: the Run object, and what else is known of the run }.
  beforeAnswer: [], // Functions that may hold an answer back until its run is ready for it.
  environment: [], // Functions that say what the process of a run gets in its environment.

  /** Serve a method and path, such as `/v2/actor-runs/:run`; `open` needs no token. */
  route(method, path, handle, { open = false } = {}) {
    const pattern = path.replace(/:(\w+)/g, '(?<$1>[^/]+)')
    routes.push({ method, pattern: new RegExp(`^${pattern}$`), handle, open })
  },
}

async function readBody(request) {
  const parts = []
  let size = 0
  for await (const part of request) {
    size += part.length
    if (size > 9 * MIB) throw new Refusal(413, 'request-too-large', 'The body is larger than 9 MiB.')
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

/** Return the body as an object; `{}` where there is none. */
async function readObject(request) {
  const text = await readBody(request)
  let value
  try {
    value = text ? JSON.parse(text) : {}
  } catch (error) {
    throw new Refusal(400, 'invalid-input', `The body is not JSON: ${error.message}`)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Refusal(400, 'invalid-input', 'The body must be a JSON object.')
  }
  return value
}

function requireToken(request, query) {
  const [, bearer] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
  const token = bearer ?? query.get('token')
  if (!token) throw new Refusal(401, 'token-not-provided', 'This needs a token.')
  if (token !== TOKEN) throw new Refusal(401, 'user-or-token-not-found', 'Nobody has this token.')
}

async function answer(request) {
  const { pathname, searchParams: query } = new URL(request.url, 'http://server')
  const here = routes.filter(({ pattern }) => pattern.test(pathname))
  if (here.length === 0) throw new Refusal(404, 'page-not-found', 'There is nothing at this path.')
  const route = here.find(({ method }) => method === request.method)
  if (!route) throw new Refusal(405, 'method-not-allowed', 'This path does not know this method.')
  if (!route.open) requireToken(request, query)
  const names = route.pattern.exec(pathname).groups ?? {}
  for (const name in names) names[name] = decodeURIComponent(names[name])
  const run = app.runs.get(names.run)
  if (names.run && !run) throw new Refusal(404, 'record-not-found', 'There is no such run.')
  const call = { names, query, run, body: route.method === 'GET' ? {} : await readObject(request) }
  const { status = 200, headers = {}, about, content } = await route.handle(call)
  if (!about) return { status, headers, content }
  for (const step of app.beforeAnswer) await step(route, call, about)
  return { status, headers, content: { data: about.data } }
}

export const server = http.createServer(async (request, response) => {
  let given
  try {
    given = await answer(request)
  } catch (error) {
    const { status = 500, type = 'internal-error', message } = error
    given = { status, headers: {}, content: { error: { type, message } } }
  }
  response.writeHead(given.status, { ...given.headers, 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(given.content))
})
