import type { Fault } from './fault.js'
import type { Reply } from './reply.js'
import type { Service } from './service.js'

/**
 * `/identity/oauth/token`: not counted by any limit; a wrong id or secret is
 * HTTP 401 with a plain OAuth error (Adobe docs, authentication).
 */
export function identity(
  service: Service,
  query: URLSearchParams,
  fault: Fault | null,
): Reply {
  const client = service.tokens.client(
    query.get('client_id') ?? '',
    query.get('client_secret') ?? '',
  )
  if (query.get('grant_type') !== 'client_credentials') {
    return refused(400, 'unsupported_grant_type', 'Unsupported grant type')
  }
  // An injected error here is an account that Marketo no longer knows.
  if (client === null || fault?.kind === 'error') {
    return refused(401, 'invalid_client', 'Bad client credentials')
  }
  if (fault?.kind === 'token-short') {
    service.tokens.shortenNext(fault.seconds * 1000)
  }
  const { text, seconds } = service.tokens.issue(client, service.now())
  return {
    kind: 'json',
    status: 200,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    body: {
      access_token: text,
      token_type: 'bearer',
      expires_in: seconds,
      scope: client.user,
    },
  }
}

function refused(status: number, error: string, description: string): Reply {
  const body = { error, error_description: description }
  return { kind: 'json', status, body }
}
