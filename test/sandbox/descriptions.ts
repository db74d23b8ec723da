/** Checks requests and replies against GitHub's and Box's own API descriptions (structure only, in test/fixtures). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenAPIBackend, type Document, type Request } from 'openapi-backend'
import { wireBody, type ModelReply, type ModelRequest } from './exchange.ts'

/** Which server's description. */
export type Service = 'box' | 'github'

const backends = new Map<Service, Promise<OpenAPIBackend>>()

function load(service: Service): Promise<OpenAPIBackend> {
  let backend = backends.get(service)
  if (!backend) {
    const file = join(import.meta.dirname, '..', 'fixtures', `${service}.openapi.json`)
    const text = readFileSync(file, 'utf8').replaceAll('"/oauth2/token#refresh"', '"/oauth2/token-refresh"')
    const definition = JSON.parse(text, mended) as Document
    backend = new OpenAPIBackend({
      definition,
      quick: true,
      ajvOpts: { strict: false, logger: false },
    }).init()
    backends.set(service, backend)
  }
  return backend
}

/** Rewrites what validators would misinterpret in the descriptions. */
function mended(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  // Box uses `nullable` in places where OpenAPI 3.0 gives it no meaning (no `type` next to it).
  if ('nullable' in value && !('type' in value)) {
    const { nullable: _, ...rest } = value
    return rest
  }
  // GitHub accepts an id or a name in one place of a path, where digits can be both, so at least one has to match.
  if ('oneOf' in value && JSON.stringify(value.oneOf) === '[{"type":"integer"},{"type":"string"}]') {
    const { oneOf, ...rest } = value
    return { ...rest, anyOf: oneOf }
  }
  return value
}

/** Box describes one endpoint several times, once for each grant, and the API itself under its own base path. */
function describedPath(service: Service, path: string, body: string): string {
  if (service === 'github') return path
  if (path === '/oauth2/token' && new URLSearchParams(body).get('grant_type') === 'refresh_token') {
    return '/oauth2/token-refresh'
  }
  return path.replace(/^\/2\.0\//, '/').replace(/^\/api\/oauth2\//, '/')
}

/**
 * What is wrong with a request or its reply according to the server's own description.
 *
 * @returns one line for each fault; none: everything is as described
 */
export async function violations(service: Service, sent: ModelRequest, reply: ModelReply): Promise<string[]> {
  const backend = await load(service)
  const [path = '', query = ''] = sent.target.split('?')
  const form = /x-www-form-urlencoded/.test(sent.headers['content-type'] ?? '')
  const request: Request = {
    method: sent.method,
    path: describedPath(service, path, sent.body),
    query,
    headers: { ...sent.headers },
    body: form ? (Object.fromEntries(new URLSearchParams(sent.body)) as unknown) : sent.body || undefined,
  }
  const operation = backend.router.matchOperation(request)
  const name = `${service}: ${sent.method} ${request.path}`
  if (!operation) return [`${name} is not described`]
  const wrong = backend.validator.validateRequest(request, operation).errors ?? []
  const found = wrong.map((error) => `${name}: request ${error.instancePath} ${error.message ?? ''}`)
  // Of runs, repositories and environments, the sandbox only sends the few fields that matter.
  if (
    reply.status < 300 &&
    wireBody(reply) !== '' &&
    !path.includes('/actions/runs/') &&
    !path.endsWith('/runs') &&
    !path.endsWith('/repositories') &&
    !/^\/repos\/[^/]+\/[^/]+(?:\/environments\/[^/]+)?$/.test(path)
  ) {
    const wrongReply = backend.validator.validateResponse(reply.body, operation, reply.status).errors ?? []
    found.push(...wrongReply.map((error) => `${name}: reply ${error.instancePath} ${error.message ?? ''}`))
  }
  return found
}
